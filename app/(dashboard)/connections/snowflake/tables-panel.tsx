'use client'

import { Button } from '@mantine/core'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ScrollTable } from '#app/_ui/scroll-table.tsx'
import { StatusIcon, type StatusKind } from '#app/_ui/status-icon.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { loadNow } from '#lib/api/client.ts'
import type { SnowflakeResponse, SnowflakeTable } from '#lib/api/warehouse.ts'
import classes from './snowflake.module.css'

const STATUS_KINDS: Record<SnowflakeTable['state'], StatusKind> = {
  'in step': 'good',
  loaded: 'good',
  behind: 'waiting',
  differs: 'bad',
  'own method': 'unknown',
  'not loaded': 'unknown',
}

const STATE_LABELS: Record<SnowflakeTable['state'], string> = {
  'in step': 'up to date',
  loaded: 'loaded',
  behind: 'behind, copy pending',
  differs: 'different',
  'own method': 'custom method, not compared',
  'not loaded': 'not loaded',
}

function formatState({ state, waitingReads }: SnowflakeTable): string {
  return state === 'behind' && waitingReads > 0
    ? `behind by ${formatCount(waitingReads, 'update')}`
    : STATE_LABELS[state]
}

function TableLine({ table }: { table: SnowflakeTable }) {
  return (
    <tr>
      <th scope="row">
        {table.title}
        <code className={`${classes.dimmed} ${classes.tableName}`}>{table.table.toUpperCase()}</code>
      </th>
      <td>
        <StatusIcon kind={STATUS_KINDS[table.state]} label={formatState(table)} />
      </td>
      <td data-numeric>{table.rows === null ? '–' : formatNumber(table.rows)}</td>
    </tr>
  )
}

/** Whether each table matches Tracklake's copy, compared by rows and keys after every load. */
export function TablesPanel({ warehouse: { state, tables, comparedAt } }: { warehouse: SnowflakeResponse }) {
  const { mutate, isPending } = useAction(loadNow)
  const { serving } = useMe()
  const differs = tables.some((table) => table.state === 'differs')
  return (
    <Panel
      title="Tables"
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
        <p className={classes.dimmed}>No tables yet. They appear with the first load.</p>
      ) : (
        <ScrollTable label="loaded tables">
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
        </ScrollTable>
      )}
      {differs && (
        <p className={classes.note}>
          If a table is different, someone probably changed it in Snowflake. “Load everything again” copies all tables
          and their histories from here.
        </p>
      )}
    </Panel>
  )
}
