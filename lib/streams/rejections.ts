/** Why an item is rejected, as shown on the sync's page. */

export const WITHDRAWN = 'item withdrawn by Spotify'
export const UNREADABLE = 'item in an unexpected format'

interface Named {
  id?: string | null
  uri?: string | null
}

/** For tables whose key is the id. */
export function rejectMissingId(thing: Named | null): string | null {
  if (thing === null) return WITHDRAWN
  return thing.id ? null : 'no id'
}

/** For tables with another key: without id and URI the item is unidentifiable. */
export function rejectMissingIdAndUri(thing: Named | null): string | null {
  if (thing === null) return WITHDRAWN
  return thing.id || thing.uri ? null : 'neither id nor URI'
}
