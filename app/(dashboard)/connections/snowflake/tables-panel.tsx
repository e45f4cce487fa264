'use client'

import { Button } from '@mantine/core'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Mark, type MarkLook } from '#app/_ui/mark.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import tableClasses from '#app/_ui/table.module.css'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { loadNow } from '#lib/api/client.ts'
import type { SnowflakeResponse, SnowflakeTable } from '#lib/api/warehouse.ts'
import classes from './snowflake.module.css'

const LOOKS: Record<SnowflakeTable['state'], MarkLook> = {
  'in step': 'good',
  loaded: 'good',
  behind: 'waiting',
  differs: 'bad',
  'own method': 'unknown',
  'not loaded': 'unknown',
}

function stateWords({ state, waitingReads }: SnowflakeTable): string {
  if (state === 'behind')
    return waitingReads > 0 ? `behind by ${formatCount(waitingReads, 'read')}` : 'behind, to be copied'
  return state === 'own method' ? 'own method, not compared' : state
}

function TableLine({ table }: { table: SnowflakeTable }) {
  return (
    <tr>
      <th scope="row">
        {table.title}
        <code className={`${classes.dimmed} ${classes.tableName}`}>{table.table.toUpperCase()}</code>
      </th>
      <td>
        <Mark look={LOOKS[table.state]} word={stateWords(table)} />
      </td>
      <td data-numeric>{table.rows === null ? '–' : formatNumber(table.rows)}</td>
    </tr>
  )
}

/** Whether each table holds what the copy of Tracklake holds, compared after every load by rows and keys. */
export function TablesPanel({ warehouse: { state, tables, comparedAt } }: { warehouse: SnowflakeResponse }) {
  const { mutate, isPending } = useAction(loadNow)
  const { serving } = useMe()
  const differs = tables.some((table) => table.state === 'differs')
  return (
    <Panel
      title="Is it in step?"
      action={
        <>
          {comparedAt && (
            <span className={classes.dimmed}>
              compared <Moment at={comparedAt} />
            </span>
          )}
          {serving === 'embedded' && (
            <Button
              variant={differs ? 'filled' : 'default'}
              size="xs"
              loading={isPending}
              disabled={state === 'loading'}
              onClick={() => mutate({ everything: true })}
            >
              Load everything again
            </Button>
          )}
        </>
      }
    >
      {tables.length === 0 ? (
        <p className={classes.dimmed}>No table was loaded yet. They appear here with the first load.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <section className={tableClasses.scroll} tabIndex={0} aria-label="Table: is it in step?">
          <table className={tableClasses.table}>
            <thead>
              <tr>
                <th scope="col">Table</th>
                <th scope="col">State</th>
                <th scope="col" data-numeric>
                  Rows
                </th>
              </tr>
            </thead>
            <tbody>
              {tables.map((table) => (
                <TableLine key={table.table} table={table} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {differs && (
        <p className={classes.note}>
          A table that differs was most likely changed by somebody else. Loading everything again copies all tables as
          they are here, histories included.
        </p>
      )}
    </Panel>
  )
}
