'use client'

import { formatTime } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import type { RunDetailResponse, RunProgressResponse } from '#lib/api/runs.ts'
import classes from './run-detail.module.css'

/** The newest log lines and the run as the API returns it. */
export function RawDetail({ run, progress }: { run: RunDetailResponse; progress: RunProgressResponse | undefined }) {
  const zone = useZone()
  const streams: Record<string, { title: string }> = progress?.streams ?? {}
  const lines = progress?.lines ?? []
  return (
    <details className={classes.raw}>
      <summary>Raw details</summary>
      <h3>Log</h3>
      {lines.length === 0 && <p>No log lines yet.</p>}
      <ol className={classes.log}>
        {lines.map(({ stream, at, level, message }) => (
          <li key={`${at} ${stream} ${message}`} data-level={level}>
            <time dateTime={at}>{formatTime(at, zone)}</time> {streams[stream]?.title ?? stream}: {message}
          </li>
        ))}
      </ol>
      <h3>API response</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard */}
      <pre tabIndex={0}>{JSON.stringify(run, null, 2)}</pre>
    </details>
  )
}
