'use client'

import { Bar } from '#app/_ui/bar.tsx'
import { formatNumber } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import type { QuotaGroup } from '#lib/api/admin.ts'
import { formatPlan, groupLabel, groupStatus } from './labels.ts'
import classes from './quota.module.css'

/** One endpoint group: requests used, current status, and forecast. */
export function GroupLine({ group }: { group: QuotaGroup }) {
  const { used, refused, usedInWindow, limit, isKnown, planned, fits, spentAt, blockedUntil, heldUntil } = group
  const title = groupLabel(group.group)
  const { kind, label, until } = groupStatus(group)
  const count = `${formatNumber(used)} of ${formatNumber(limit)}`
  const details = [
    refused > 0 && `${formatNumber(refused)} refused`,
    usedInWindow > 0 && `${formatNumber(usedInWindow)} in the last 30 s`,
  ].filter(Boolean)
  return (
    <li>
      <div className={classes.used}>
        <h3>{title}</h3>
        <p>
          {count} <span className={classes.dimmed}>{isKnown ? '(known limit)' : '(estimated limit)'}</span>
        </p>
        <Bar
          label={`Used: ${title}`}
          percent={Math.min(100, Math.round((100 * used) / limit))}
          text={count}
          tone={blockedUntil ? 'failed' : 'running'}
        />
        {details.length > 0 && <p className={classes.dimmed}>{details.join(' · ')}</p>}
      </div>
      <div>
        <StatusIcon kind={kind} label={label} />
        {until && (
          <p className={classes.dimmed}>
            resumes <Moment at={until} />
          </p>
        )}
      </div>
      <div className={classes.dimmed}>
        <p>{formatPlan(group)}</p>
        {spentAt && !blockedUntil && !heldUntil && (
          <p>
            {fits && planned > 0 && 'With what was already used, '}
            {fits && planned > 0 ? 'the limit' : 'The limit'} is reached <Moment at={spentAt} />.
          </p>
        )}
      </div>
    </li>
  )
}
