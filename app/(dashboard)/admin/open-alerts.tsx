'use client'

import { formatCount } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import classes from './admin.module.css'

/** Listeners with open alerts. They may have no channel that notifies them. */
export function OpenAlerts({ troubled: { count, listeners } }: Pick<AdminOverviewResponse, 'troubled'>) {
  if (count === 0) return null
  return (
    <Panel title={`${formatCount(count, 'listener')} with open alerts`}>
      <ul className={classes.list}>
        {listeners.map(({ id, name, since, troubles }) => (
          <li key={id} className={classes.alert}>
            {name}: {troubles.join(', ')}
            {since && (
              <span className={classes.dimmed}>
                {' '}
                · first noticed <Moment at={since} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {count > listeners.length && (
        <p className={classes.dimmed}>
          and {formatCount(count - listeners.length, 'other listener')} with newer alerts.
        </p>
      )}
    </Panel>
  )
}
