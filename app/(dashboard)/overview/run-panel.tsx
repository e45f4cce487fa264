'use client'

import { Bar } from '#app/_ui/bar.tsx'
import { formatTimeLeft } from '#app/_ui/format.ts'
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

type OpenRun = MeResponse['openRuns'][number]

/** Progress of a run: one percentage, the time left, and its streams. */
function LiveProgress({ run }: { run: OpenRun }) {
  const { data } = useEndpoint(getRunProgress, { params: { id: run.id }, every: LIVE_MS })
  const percent = data?.percent ?? 0
  const left = data?.secondsLeft == null ? null : formatTimeLeft(data.secondsLeft)
  return (
    <>
      <div className={classes.overall}>
        <Bar label="Sync" percent={percent} text={`${percent}%`} />
        <span className={classes.percent}>{percent}%</span>
      </div>
      <p className={classes.left}>{left && `${left}. `}You can close this page; the sync continues.</p>
      <ul className={classes.streams}>
        {Object.entries(data?.streams ?? {}).map(([stream, progress]) => (
          <li key={stream} className={classes.stream}>
            <span>{progress.title}</span>
            <PhaseBar title={progress.title} progress={progress} />
          </li>
        ))}
      </ul>
    </>
  )
}

function RunState({ run }: { run: OpenRun }) {
  return (
    <>
      <p className={classes.state}>
        <StateBadge state={run.state} />
        {run.state === 'waiting' && run.waitingUntil ? (
          <span>
            resumes <Moment at={run.waitingUntil} />
          </span>
        ) : (
          <span>
            started <Moment at={run.queuedAt} />
          </span>
        )}
        <Link href={`/runs/${run.id}`}>Details</Link>
      </p>
      {isActive(run.state) && <LiveProgress run={run} />}
    </>
  )
}

/** Every run in progress with its streams, or the last one, and when the next starts. */
export function RunPanel({ isFirst = false }: { isFirst?: boolean }) {
  const { lastRun, openRuns, nextRunAt } = useMe()
  const isLive = openRuns.some(({ state }) => isActive(state))
  const title = isFirst ? 'Your first sync' : isLive ? 'Syncing now' : 'Last sync'
  return (
    <Panel title={title} action={<Link href="/runs">All syncs</Link>}>
      {openRuns.map((run) => (
        <RunState key={run.id} run={run} />
      ))}
      {!isLive && lastRun?.endedAt && (
        <p className={classes.state}>
          <StateBadge state={lastRun.state} />
          <Moment at={lastRun.endedAt} />
          <Link href={`/runs/${lastRun.id}`}>Details</Link>
        </p>
      )}
      {!lastRun && <p className={classes.dimmed}>No syncs yet.</p>}
      {nextRunAt && (
        <p className={classes.dimmed}>
          The next sync starts <Moment at={nextRunAt} />.
        </p>
      )}
    </Panel>
  )
}
