import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatBytes, formatCount, formatNumber } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ScrollTable } from '#app/_ui/scroll-table.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import { addressOf, FORMAT_LABELS, fileHref, GROUPS } from '#app/_ui/table-catalog.ts'
import type { CheckInfo, ChecksResponse } from '#lib/api/checks.ts'
import { FILE_FORMATS } from '#lib/api/lists.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import { WrongCheck } from './checks-panel.tsx'
import classes from './data.module.css'
import { formatChange } from './format-change.ts'
import { LineagePanel } from './lineage-panel.tsx'

interface Props {
  address: string
  tables: TableInfo[]
  checks: ChecksResponse
}

/** One table: what it holds, where it comes from and what reads it. */
export function TablePanels({ address, tables, checks }: Props) {
  const table = tables.find((one) => addressOf(one) === address)
  const back = (
    <p>
      <Link href="/data">All tables</Link>
    </p>
  )
  if (!table)
    return (
      <>
        {back}
        <Panel title="Table not found">
          <p className={classes.empty}>
            There is no table <code>{address.slice(0, 100)}</code>. It may appear with a later sync.
          </p>
        </Panel>
      </>
    )
  return (
    <>
      {back}
      <About table={table} />
      <LineagePanel table={table} tables={tables} />
      <Columns table={table} />
      <TableChecks checks={checks.checks.filter((check) => check.tables.includes(address))} tables={tables} />
    </>
  )
}

function About({ table }: { table: TableInfo }) {
  const { title, description, schema, rows, bytes, isView, loadedAt, written, key } = table
  const facts: [label: string, fact: ReactNode][] = [
    ['Layer', GROUPS[schema].title],
    ['Rows', isView ? 'computed when read' : rows === null ? '–' : formatNumber(rows)],
    ['Size', bytes ? formatBytes(bytes) : null],
    ['One row for each', key.length > 0 ? key.join(', ') : null],
    [
      isView ? 'Data from' : written === null ? 'Last loaded' : 'Last built',
      loadedAt ? <Moment key="loaded" at={loadedAt} /> : 'never',
    ],
    ['Last change', isView ? null : formatChange(table) || null],
  ]
  return (
    <Panel
      title={title}
      action={FILE_FORMATS.map((format) => (
        <Button
          key={format}
          component="a"
          href={fileHref(addressOf(table), format)}
          download
          variant="default"
          size="xs"
          aria-label={`Download ${title} as ${FORMAT_LABELS[format]}`}
        >
          {FORMAT_LABELS[format]}
        </Button>
      ))}
    >
      <p>
        <code>{addressOf(table)}</code>
      </p>
      <p className={classes.lead}>{description}</p>
      <FactList facts={facts} />
    </Panel>
  )
}

function Columns({ table: { columns, key, title } }: { table: TableInfo }) {
  return (
    <Panel title="Columns" action={<span className={classes.dimmed}>{formatCount(columns.length, 'column')}</span>}>
      <ScrollTable label={`columns of ${title}`}>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col" className={classes.type}>
              Type
            </th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, type, description }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
                <small className={classes.typeBelow}>{type}</small>
              </th>
              <td className={classes.type}>
                {type}
                {key.includes(name) && ', key'}
              </td>
              <td>{description}</td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </Panel>
  )
}

function TableChecks({ checks, tables }: { checks: CheckInfo[]; tables: TableInfo[] }) {
  const wrong = checks.filter(({ state }) => state === 'failed' || state === 'could not run')
  const passed = checks.filter(({ state }) => state === 'passed')
  return (
    <Panel title="Checks">
      {checks.length === 0 && <p className={classes.dimmed}>No check covers this table by itself.</p>}
      {wrong.length > 0 && (
        <ul className={classes.checks}>
          {wrong.map((check) => (
            <WrongCheck key={check.name} check={check} tables={tables} />
          ))}
        </ul>
      )}
      {passed.length > 0 && (
        <details className={classes.details} open={wrong.length === 0}>
          <summary>
            <StatusIcon kind="good" label={`${formatCount(passed.length, 'check')} passed`} />
          </summary>
          <ul className={classes.passed}>
            {passed.map(({ name, title }) => (
              <li key={name}>{title}</li>
            ))}
          </ul>
        </details>
      )}
      {checks.length > 0 && wrong.length + passed.length === 0 && (
        <p className={classes.dimmed}>{formatCount(checks.length, 'check')} will run after the next build.</p>
      )}
    </Panel>
  )
}
