import { Refused } from '#lib/core/errors.ts'

/** The error for a request without a valid session. */
export function signedOut(): Refused {
  return new Refused(401, 'signed-out', 'You are not signed in', 'Sign in with Spotify on the start page.')
}

/**
 * The row of the signed-in listener. It may be gone: another browser may have deleted the account since.
 * @throws Refused 401
 */
export function requireUser<Row>(row: Row | null): Row {
  if (row === null) throw signedOut()
  return row
}
