'use client'

import { formatDay, formatNumber } from '#app/_ui/format.ts'
import { Panel } from '#app/_ui/panel.tsx'
import { ScrollTable } from '#app/_ui/scroll-table.tsx'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import { formatCreditCount, formatCredits } from './format.ts'
import classes from './snowflake.module.css'

const HEADERS = ['Loads', 'Statements', 'Seconds', 'Credits']

/** Estimated cost per day for the last thirty days. Each start of the warehouse costs at least a minute. */
export function CostPanel({ days }: Pick<SnowflakeResponse, 'days'>) {
  const total = days.reduce((sum, { credits }) => sum + credits, 0)
  return (
    <Panel
      title="Cost"
      action={
        days.length > 0 && <span className={classes.dimmed}>{formatCreditCount(total)} in 30 days, estimated</span>
      }
    >
      {days.length === 0 ? (
        <p className={classes.dimmed}>Nothing yet. Each day with a load appears here.</p>
      ) : (
        <ScrollTable label="cost per day">
          <thead>
            <tr>
              <th scope="col">Day</th>
              {HEADERS.map((header) => (
                <th key={header} scope="col" data-numeric>
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, loads, statements, seconds, credits }) => (
              <tr key={day}>
                <th scope="row">{formatDay(day)}</th>
                <td data-numeric>{formatNumber(loads)}</td>
                <td data-numeric>{formatNumber(statements)}</td>
                <td data-numeric>{formatNumber(seconds)}</td>
                <td data-numeric>{formatCredits(credits)}</td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Panel>
  )
}
