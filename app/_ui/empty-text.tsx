import type { ReactNode } from 'react'
import type { MeResponse } from '#lib/api/me.ts'
import { Link } from './link.tsx'
import { isActive } from './me.tsx'

/** Explains why a chart is empty: not connected, still syncing, nothing loaded, or nothing to show. */
export function emptyText(me: MeResponse, empty: ReactNode): ReactNode {
  const { consent, lastRun, serving, snowflake, dataAsOf } = me
  if (consent.state === 'disconnected') {
    return (
      <>
        Spotify isn’t connected, so there’s nothing to show. <Link href="/connections">Connect Spotify</Link>
      </>
    )
  }
  if (serving === 'connected' && snowflake === null) {
    return (
      <>
        This instance shows what is in your own Snowflake. <Link href="/connections/snowflake">Connect Snowflake</Link>
      </>
    )
  }
  if (lastRun && isActive(lastRun.state)) {
    return 'Fetching your data. This fills in by itself.'
  }
  if (serving === 'connected' && dataAsOf === null) {
    return 'Your data shows here after its first load into your Snowflake.'
  }
  return empty
}
