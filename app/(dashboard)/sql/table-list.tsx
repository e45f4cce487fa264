'use client'

import { CloseButton, TextInput } from '@mantine/core'
import { memo, useState } from 'react'
import { formatCount } from '#app/_ui/format.ts'
import { PlusIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { addressOf, byKind, GROUPS, matchesTable, tableHref } from '#app/_ui/table-catalog.ts'
import type { TableInfo } from '#lib/api/tables.ts'
import { SCHEMAS } from '#lib/core/table.ts'
import { quoted } from './quoted.ts'
import classes from './sidebar.module.css'

/** What is queried most comes first. */
const ORDER = SCHEMAS.toSorted((one, other) => place(one) - place(other))

function place(schema: TableInfo['schema']): number {
  return { analytical: 0, reporting: 1, raw: 2, staging: 3 }[schema]
}

interface Props {
  tables: TableInfo[]
  onInsert: (text: string) => void
}

/** All tables with their columns. A click writes a name into the editor. */
export const TableList = memo(
  function TableList({ tables, onInsert }: Props) {
    const [search, setSearch] = useState('')
    const found = tables.filter((table) => matchesTable(table, search))
    return (
      <>
        <TextInput
          aria-label="Search tables and columns"
          placeholder="Search tables and columns"
          type="search"
          maxLength={200}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          rightSection={search && <CloseButton aria-label="Clear the search" onClick={() => setSearch('')} />}
        />
        <p className={classes.found} role="status">
          {search && found.length > 0 && `${formatCount(found.length, 'table')} found.`}
          {found.length === 0 && `No table or column matches “${search}”.`}
        </p>
        <div className={classes.groups}>
          {ORDER.map((schema) => {
            const group = found.filter((table) => table.schema === schema).toSorted(byKind)
            if (group.length === 0) return null
            return (
              <section key={schema} aria-labelledby={`tables-${schema}`}>
                <h3 id={`tables-${schema}`} title={GROUPS[schema].about}>
                  {schema}
                </h3>
                <ul className={classes.tables}>
                  {group.map((table) => (
                    <TableItem key={table.name} table={table} onInsert={onInsert} />
                  ))}
                </ul>
              </section>
            )
          })}
        </div>
      </>
    )
  },
  // The page writes names where the cursor is, whichever function it passes.
  (before, next) => before.tables === next.tables,
)

function TableItem({ table, onInsert }: { table: TableInfo; onInsert: (text: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const { schema, name, title, description, columns, rows } = table
  const text = `${schema}.${quoted(name)}`
  return (
    <li>
      <div className={classes.tableHead}>
        <button
          type="button"
          className={classes.table}
          aria-expanded={isOpen}
          title={title}
          onClick={() => setOpen((before) => !before)}
        >
          <span className={classes.arrow} aria-hidden="true" />
          <code>{name}</code>
        </button>
        <button
          type="button"
          className={classes.insert}
          aria-label={`Insert ${text}`}
          title="Insert the name"
          onClick={() => onInsert(text)}
        >
          <PlusIcon size={16} />
        </button>
      </div>
      {isOpen && (
        <div className={classes.columns}>
          <p>
            {description}
            {rows !== null && ` ${formatCount(rows, 'row')}.`}{' '}
            <Link href={tableHref(addressOf(table))}>More about {title}</Link>
          </p>
          <ul>
            {columns.map((column) => (
              <li key={column.name}>
                <button
                  type="button"
                  className={classes.column}
                  aria-label={`Insert ${column.name}, ${column.type}`}
                  onClick={() => onInsert(quoted(column.name))}
                >
                  <code>{column.name}</code>
                  <small>{column.type}</small>
                </button>
                {column.description && <p>{column.description}</p>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  )
}
