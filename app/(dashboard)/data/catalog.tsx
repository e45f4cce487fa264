import { Button, CloseButton, NativeSelect, TextInput } from '@mantine/core'
import { usePathname, useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { emptyText } from '#app/_ui/empty-text.tsx'
import { formatBytes, formatCount } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import { addressOf, byKind, FORMAT_LABELS, GROUPS, matchesTable, tableHref } from '#app/_ui/table-catalog.ts'
import type { CheckInfo } from '#lib/api/checks.ts'
import { FILE_FORMATS } from '#lib/api/lists.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import { SCHEMAS } from '#lib/core/table.ts'
import classes from './data.module.css'
import { formatChange } from './format-change.ts'

const SEARCH = 'search'

/** All tables by layer, with a search over titles, names, descriptions and columns. */
export function Catalog({ tables, checks }: { tables: TableInfo[]; checks: CheckInfo[] }) {
  const me = useMe()
  const searchParams = useSearchParams()
  const pathname = usePathname()
  const [search, setSearch] = useState(searchParams.get(SEARCH) ?? '')
  const change = (value: string) => {
    setSearch(value)
    window.history.replaceState(null, '', value ? `${pathname}?${new URLSearchParams({ [SEARCH]: value })}` : pathname)
  }
  const found = tables.filter((table) => matchesTable(table, search))
  const failing = new Set(checks.flatMap((check) => (check.state === 'failed' ? check.tables : [])))
  const bytes = tables.reduce((sum, table) => sum + (table.bytes ?? 0), 0)
  if (tables.length === 0)
    return (
      <Panel title="Tables">
        <p className={classes.empty}>{emptyText(me, 'No tables yet. They appear with your first sync.')}</p>
      </Panel>
    )
  return (
    <Panel
      title="Tables"
      action={
        <span className={classes.dimmed}>
          {formatCount(tables.length, 'table')}
          {bytes > 0 && `, about ${formatBytes(bytes)}`}
        </span>
      }
    >
      <div className={classes.controls}>
        <TextInput
          aria-label="Search tables and columns"
          placeholder="Search tables and columns"
          type="search"
          maxLength={200}
          value={search}
          onChange={(event) => change(event.currentTarget.value)}
          rightSection={search && <CloseButton aria-label="Clear the search" onClick={() => change('')} />}
        />
        <ExportAll />
      </div>
      <p className={classes.found} role="status">
        {search && found.length > 0 && `${formatCount(found.length, 'table')} found.`}
        {found.length === 0 && `No table or column matches “${search}”.`}
      </p>
      {SCHEMAS.map((schema) => {
        const group = found.filter((table) => table.schema === schema).toSorted(byKind)
        if (group.length === 0) return null
        return (
          <section key={schema} className={classes.group} aria-labelledby={`group-${schema}`}>
            <h3 id={`group-${schema}`}>{GROUPS[schema].title}</h3>
            <p className={classes.dimmed}>{GROUPS[schema].about}</p>
            <ul className={classes.tables}>
              {group.map((table) => (
                <TableLine key={table.name} table={table} isFailing={failing.has(addressOf(table))} />
              ))}
            </ul>
          </section>
        )
      })}
    </Panel>
  )
}

function TableLine({ table, isFailing }: { table: TableInfo; isFailing: boolean }) {
  const { title, name, rows, bytes, loadedAt, isView } = table
  const change = formatChange(table)
  return (
    <li className={classes.table}>
      <div className={classes.tableName}>
        <Link href={tableHref(addressOf(table))}>{title}</Link>
        {isFailing && <StatusIcon kind="bad" label="check failed" />}
        <code>{name}</code>
      </div>
      <span className={classes.number}>{isView ? 'view' : rows === null ? '–' : formatCount(rows, 'row')}</span>
      {/* A table that is new in the file has no blocks of its own yet. */}
      <span className={`${classes.number} ${classes.minor}`}>{bytes ? formatBytes(bytes) : ''}</span>
      <span className={classes.minor}>
        {!isView && loadedAt && <Moment at={loadedAt} />}
        {!isView && change && ` · ${change}`}
      </span>
    </li>
  )
}

/** All tables in one archive. The browser shows its own progress. */
function ExportAll() {
  const [format, setFormat] = useState<string>(FILE_FORMATS[0])
  return (
    <div className={classes.export}>
      <NativeSelect
        aria-label="Format of the files"
        data={FILE_FORMATS.map((value) => ({ value, label: FORMAT_LABELS[value] }))}
        value={format}
        onChange={(event) => setFormat(event.currentTarget.value)}
      />
      <Button component="a" href={`/api/export.zip?format=${format}`} download variant="default">
        Export everything
      </Button>
    </div>
  )
}
