'use client'

import Link from 'next/link'
import { formatBytes, formatCount, inSentences } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import lineClasses from '#app/_ui/run-line.module.css'
import { changeWords } from '#app/_ui/run-words.ts'
import { StateBadge } from '#app/_ui/state-badge.tsx'
import type { SnowflakeLoad, SnowflakeResponse } from '#lib/api/warehouse.ts'
import classes from './snowflake.module.css'
import { creditWords, formatSeconds } from './words.ts'

function LoadLine({ load }: { load: SnowflakeLoad }) {
  const facts = [
    formatCount(load.reads, 'read'),
    changeWords(load),
    formatCount(load.statements, 'statement'),
    formatCount(load.roundTrips, 'round trip'),
    formatBytes(load.bytes),
    formatSeconds(load.seconds),
    creditWords(load.credits),
  ]
  return (
    <li className={lineClasses.line}>
      <span className={lineClasses.state}>
        <StateBadge state={load.state} />
      </span>
      <div className={lineClasses.words}>
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

/** The loads, newest first, each with what it moved and what it cost. */
export function LoadsPanel({ loads }: Pick<SnowflakeResponse, 'loads'>) {
  return (
    <Panel title="Loads" action={<Link href="/runs">All runs</Link>}>
      {loads.length === 0 ? (
        <p className={classes.dimmed}>There was no load yet. Load now begins the first one.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
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
