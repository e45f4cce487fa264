'use client'

import { useEffect } from 'react'
import { CONFIRMED_CHANNEL } from '#app/_ui/confirmed-channel.ts'

/** Tells the tab that waits for the confirmation. Spotify's page can't reach it, so this tab has no opener. */
export function Announcement() {
  useEffect(() => {
    const channel = new BroadcastChannel(CONFIRMED_CHANNEL)
    channel.postMessage(null)
    return () => channel.close()
  }, [])
  return null
}
