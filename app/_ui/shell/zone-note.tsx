'use client'

import { useZone } from '#app/_ui/me.tsx'

/** Shows the time zone of all times on the page, once. */
export function ZoneNote() {
  // The server falls back to its own zone until the listener's is known.
  return <span suppressHydrationWarning>Times are in {useZone()}.</span>
}
