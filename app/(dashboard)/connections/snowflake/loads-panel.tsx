'use client'

import { formatBytes, formatCount, inSentences } from '#app/_ui/format.ts'
import { formatChanges } from '#app/_ui/format-run.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import lineClasses from '#app/_ui/run-line.module.css'
import { StateBadge } from '#app/_ui/state-badge.tsx'
import type { SnowflakeLoad, SnowflakeResponse } from '#lib/api/warehouse.ts'
import { formatCreditCount, formatSeconds } from './format.ts'
import classes from './snowflake.module.css'

function LoadLine({ load }: { load: SnowflakeLoad }) {
  const facts = [
    formatCount(load.reads, 'update'),
    formatChanges(load),
    formatCount(load.statements, 'statement'),
    formatCount(load.roundTrips, 'round trip'),
    formatBytes(load.bytes),
    formatSeconds(load.seconds),
    formatCreditCount(load.credits),
  ]
  return (
    <li className={lineClasses.line}>
      <span className={lineClasses.state}>
        <StateBadge state={load.state} />
      </span>
      <div className={lineClasses.text}>
        <p>
          <Link href={`/runs/${load.id}`} className={lineClasses.title}>
            {load.startedAt ? <Moment at={load.startedAt} /> : 'about to start'}
          </Link>
        </p>
        <p className={lineClasses.facts}>{facts.join(' · ')}</p>
        {load.problem && <p className={lineClasses.problem}>{inSentences(load.problem, load.remedy)}</p>}
      </div>
    </li>
  )
}

/** The loads, newest first, with what each moved and cost. */
export function LoadsPanel({ loads }: Pick<SnowflakeResponse, 'loads'>) {
  return (
    <Panel title="Loads" action={<Link href="/runs">All syncs</Link>}>
      {loads.length === 0 ? (
        <p className={classes.dimmed}>No loads yet. Start the first one with Load now.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
        <section className={classes.loads} tabIndex={0} aria-label="Loads, newest first">
          <ol className={lineClasses.lines}>
            {loads.map((load) => (
              <LoadLine key={load.id} load={load} />
            ))}
          </ol>
        </section>
      )}
    </Panel>
  )
}
