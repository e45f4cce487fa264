'use client'

import { formatDay, formatNumber } from '#app/_ui/format.ts'
import { Panel } from '#app/_ui/panel.tsx'
import tableClasses from '#app/_ui/table.module.css'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'
import classes from './snowflake.module.css'
import { creditWords, formatCredits } from './words.ts'

const HEADS = ['Loads', 'Statements', 'Seconds', 'Credits']

/** What each day of the last thirty cost, estimated by the minute that every start of the server costs at least. */
export function CostPanel({ days }: Pick<SnowflakeResponse, 'days'>) {
  const total = days.reduce((sum, { credits }) => sum + credits, 0)
  return (
    <Panel
      title="What does it cost?"
      action={days.length > 0 && <span className={classes.dimmed}>{creditWords(total)} in 30 days, estimated</span>}
    >
      {days.length === 0 ? (
        <p className={classes.dimmed}>Nothing yet. Each day with a load gets a line here.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <section className={tableClasses.scroll} tabIndex={0} aria-label="Table: cost of each day">
          <table className={tableClasses.table}>
            <thead>
              <tr>
                <th scope="col">Day</th>
                {HEADS.map((head) => (
                  <th key={head} scope="col" data-numeric>
                    {head}
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
          </table>
        </section>
      )}
    </Panel>
  )
}
