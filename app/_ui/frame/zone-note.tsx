'use client'

import { useZone } from '#app/_ui/me.tsx'

/** Says once in which zone all times of the page are. */
export function ZoneNote() {
  // Until the zone is known the server can only show its own.
  return <span suppressHydrationWarning>Times are in {useZone()}.</span>
}
