import { Refused } from '#lib/core/errors.ts'

/** Nobody is signed in, or not any more. */
export function signedOut(): Refused {
  return new Refused(401, 'signed-out', 'You are not signed in', 'Sign in with Spotify on the start page.')
}

/**
 * The row of a listener who was signed in when the request came. Another browser may have deleted everything since.
 * @throws Refused 401
 */
export function ownRow<Row>(row: Row | null): Row {
  if (row === null) throw signedOut()
  return row
}
