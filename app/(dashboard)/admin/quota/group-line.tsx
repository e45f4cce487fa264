'use client'

import { Bar } from '#app/_ui/bar.tsx'
import { formatNumber } from '#app/_ui/format.ts'
import { Mark } from '#app/_ui/mark.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import type { QuotaGroup } from '#lib/api/admin.ts'
import classes from './quota.module.css'
import { groupTitle, planWords, stateOf } from './words.ts'

/** How much of a group's day was used, how it stands, and how far it goes. */
export function GroupLine({ group }: { group: QuotaGroup }) {
  const { used, refused, usedInWindow, limit, isKnown, spentAt, blockedUntil, heldUntil } = group
  const title = groupTitle(group.group)
  const { look, word, until } = stateOf(group)
  const count = `${formatNumber(used)} of ${formatNumber(limit)}`
  const asked = [
    refused > 0 && `${formatNumber(refused)} refused`,
    usedInWindow > 0 && `${formatNumber(usedInWindow)} in the last 30 s`,
  ].filter(Boolean)
  return (
    <li>
      <div className={classes.used}>
        <h3>{title}</h3>
        <p>
          {count} <span className={classes.dimmed}>{isKnown ? '(limit known)' : '(limit guessed)'}</span>
        </p>
        <Bar
          label={`Used: ${title}`}
          percent={Math.min(100, Math.round((100 * used) / limit))}
          words={count}
          tone={blockedUntil ? 'failed' : 'running'}
        />
        {asked.length > 0 && <p className={classes.dimmed}>{asked.join(' · ')}</p>}
      </div>
      <div>
        <Mark look={look} word={word} />
        {until && (
          <p className={classes.dimmed}>
            goes on <Moment at={until} />
          </p>
        )}
      </div>
      <div className={classes.dimmed}>
        <p>{planWords(group)}</p>
        {!blockedUntil && !heldUntil && (
          <p>
            {spentAt ? (
              <>
                At this pace it is spent <Moment at={spentAt} />.
              </>
            ) : (
              'At this pace it lasts.'
            )}
          </p>
        )}
      </div>
    </li>
  )
}
