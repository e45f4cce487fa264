import { Bar } from '#app/_ui/bar.tsx'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import classes from './admin.module.css'
import { groupLabel } from './quota/labels.ts'

interface Props {
  quota: AdminOverviewResponse['quota'][number]
  /** True for the operator's developer account. */
  isInstances: boolean
}

/** Requests of an endpoint group in 24 hours, with a bar if Spotify's limit is known. */
export function QuotaBar({ quota, isInstances }: Props) {
  const { account, group, used, refused, dayLimit, windowLimit, blockedUntil } = quota
  const percent = dayLimit ? Math.min(100, Math.round((100 * used) / dayLimit)) : null
  const facts = [
    `${dayLimit ? `${formatNumber(used)} of ${formatNumber(dayLimit)} requests` : formatCount(used, 'request')} in 24 hours`,
    refused > 0 && `${formatNumber(refused)} refused`,
    windowLimit !== null && `at most ${formatNumber(windowLimit)} in 30 s`,
  ].filter(Boolean)
  return (
    <li className={classes.quota}>
      <h3>
        {groupLabel(group)} {!isInstances && <code>{account}</code>}
      </h3>
      {percent !== null && <Bar label={`${groupLabel(group)}: used`} percent={percent} />}
      <p className={classes.dimmed}>{facts.join(' · ')}</p>
      {blockedUntil && (
        <p>
          blocked, resumes <Moment at={blockedUntil} />
        </p>
      )}
    </li>
  )
}
