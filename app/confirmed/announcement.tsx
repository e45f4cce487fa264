'use client'

import { useEffect } from 'react'
import { CONFIRMED_CHANNEL } from '#app/_ui/confirmed-channel.ts'

/**
 * Notifies the tab that waits for the confirmation. This tab has no opener, so that Spotify's page can't reach the
 * other one.
 */
export function Announcement() {
  useEffect(() => {
    const channel = new BroadcastChannel(CONFIRMED_CHANNEL)
    channel.postMessage(null)
    return () => channel.close()
  }, [])
  return null
}
