'use client'

import { Link } from '#app/_ui/link.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { PhaseBar } from '#app/_ui/phase-bar.tsx'
import { StateBadge } from '#app/_ui/state-badge.tsx'
import { LIVE_MS, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getRunProgress } from '#lib/api/client.ts'
import type { MeResponse } from '#lib/api/me.ts'
import classes from './run-panel.module.css'

type LastRun = NonNullable<MeResponse['lastRun']>

/** The streams of the current run. */
function LiveStreams({ run }: { run: LastRun }) {
  const { data } = useEndpoint(getRunProgress, { params: { id: run.id }, every: LIVE_MS })
  return (
    <ul className={classes.streams}>
      {Object.entries(data?.streams ?? {}).map(([stream, progress]) => (
        <li key={stream} className={classes.stream}>
          <span>{progress.title}</span>
          <PhaseBar title={progress.title} progress={progress} />
        </li>
      ))}
    </ul>
  )
}

/** The current run with its streams, or the last one, and when the next starts. */
export function RunPanel({ isFirst = false }: { isFirst?: boolean }) {
  const { lastRun, nextRunAt } = useMe()
  const isLive = lastRun !== null && isActive(lastRun.state)
  const title = isFirst ? 'Your first sync' : isLive ? 'Syncing now' : 'Last sync'
  return (
    <Panel title={title} action={<Link href="/runs">All syncs</Link>}>
      {lastRun ? (
        <p className={classes.state}>
          <StateBadge state={lastRun.state} />
          {lastRun.endedAt && <Moment at={lastRun.endedAt} />}
          <Link href={`/runs/${lastRun.id}`}>Details</Link>
        </p>
      ) : (
        <p className={classes.dimmed}>No syncs yet.</p>
      )}
      {isLive && <LiveStreams run={lastRun} />}
      {nextRunAt && (
        <p className={classes.dimmed}>
          The next sync starts <Moment at={nextRunAt} />.
        </p>
      )}
    </Panel>
  )
}
