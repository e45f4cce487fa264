/** Why an item cannot be kept, in the words of the runs page. */

export const WITHDRAWN = 'item withdrawn by Spotify'

interface Named {
  id?: string | null
  uri?: string | null
}

/** For tables whose rows are named by the id of what the item holds. */
export function rejectMissingId(thing: Named | null): string | null {
  if (thing === null) return WITHDRAWN
  return thing.id ? null : 'no id'
}

/** For tables whose rows are named by something else: without id and URI nobody can tell what the item is. */
export function rejectMissingIdAndUri(thing: Named | null): string | null {
  if (thing === null) return WITHDRAWN
  return thing.id || thing.uri ? null : 'neither id nor URI'
}
