'use client'

import { CloseButton } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useRef, useState } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatNumber } from '#app/_ui/format.ts'
import type { SqlCell } from '#lib/api/sql.ts'
import { cellText, columnWidths, isNumeric, numbersWidth, type ResultColumn } from './cells.ts'
import classes from './result-table.module.css'

const ROW_PX = 32
const HEADER_PX = 33
/** Rows above and below what is in view. */
const OVERSCAN = 12
const SHOWN_ROWS = 16
/** Wide results have columns by the thousand; a browser can't lay out all of them. */
const MAX_COLUMNS = 200

interface Props {
  columns: ResultColumn[]
  rows: SqlCell[][]
}

/** A result of any length: only the rows in view are in the document. A row opens below the table with its whole values. */
export const ResultTable = memo(function ResultTable({ columns, rows }: Props) {
  const scroller = useRef<HTMLElement>(null)
  const [opened, setOpened] = useState<number | null>(() => openedAtFirst(rows))
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    initialRect: { width: 800, height: SHOWN_ROWS * ROW_PX },
    scrollPaddingStart: HEADER_PX,
  })
  const shown = columns.slice(0, MAX_COLUMNS)
  const widths = columnWidths(shown, rows)
  const numbers = numbersWidth(rows.length)
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const open = (row: number | null) => {
    setOpened(row)
    if (row !== null) virtual.scrollToIndex(row)
  }
  const openByKey = (event: KeyboardEvent) => {
    const next = rowAfter(event.key, opened, rows.length, scroller.current?.scrollTop ?? 0)
    if (next === undefined) return
    event.preventDefault()
    open(next)
  }
  return (
    <>
      <section
        ref={scroller}
        className={classes.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
        tabIndex={0}
        aria-label="Table: result. Enter opens a row."
        onKeyDown={openByKey}
      >
        <table
          className={classes.table}
          style={{ width: numbers + widths.reduce((sum, width) => sum + width, 0) }}
          aria-rowcount={rows.length + 1}
        >
          <colgroup>
            <col style={{ width: numbers }} />
            {widths.map((width, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two columns of a result can have the same name
              <col key={index} style={{ width }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" data-numeric="true">
                <abbr title="Row number">#</abbr>
              </th>
              {shown.map((column, index) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: two columns of a result can have the same name
                  key={index}
                  scope="col"
                  data-numeric={isNumeric(column)}
                  title={`${column.name} (${column.type})`}
                >
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr style={{ height: above }} />}
            {items.map(({ index }) => (
              <tr
                key={index}
                aria-rowindex={index + 2}
                data-odd={index % 2 === 1}
                data-opened={index === opened || undefined}
              >
                <td data-numeric="true">
                  <button type="button" tabIndex={-1} aria-label={`Open row ${index + 1}`} onClick={() => open(index)}>
                    {index + 1}
                  </button>
                </td>
                {shown.map((column, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two columns of a result can have the same name
                  <Cell key={place} column={column} value={rows[index]?.[place] ?? null} />
                ))}
              </tr>
            ))}
            {below > 0 && <tr style={{ height: below }} />}
          </tbody>
        </table>
      </section>
      {columns.length > shown.length && (
        <p className={classes.note}>
          {formatNumber(MAX_COLUMNS)} of {formatNumber(columns.length)} columns are shown. Open a row or download the
          result for all of them.
        </p>
      )}
      {opened !== null && rows[opened] && (
        <OpenedRow number={opened + 1} columns={columns} row={rows[opened]} onClose={() => open(null)} />
      )}
    </>
  )
})

/** A single row with lines of text, such as an EXPLAIN, is of no use in a table. */
function openedAtFirst(rows: SqlCell[][]): number | null {
  const [first] = rows
  return rows.length === 1 && first?.some((value) => typeof value === 'string' && value.includes('\n')) ? 0 : null
}

/** The row that a key opens; null closes it, undefined leaves everything as it is. */
function rowAfter(key: string, opened: number | null, count: number, scrollTop: number): number | null | undefined {
  if (key === 'Enter' && opened === null) return Math.min(count - 1, Math.ceil(scrollTop / ROW_PX))
  if (opened === null) return undefined
  if (key === 'Escape') return null
  if (key === 'ArrowDown') return Math.min(count - 1, opened + 1)
  return key === 'ArrowUp' ? Math.max(0, opened - 1) : undefined
}

function Cell({ column, value }: { column: ResultColumn; value: SqlCell }) {
  return (
    <td data-numeric={isNumeric(column)} data-null={value === null || undefined}>
      {cellText(value)}
    </td>
  )
}

interface RowProps {
  number: number
  columns: ResultColumn[]
  row: SqlCell[]
  onClose: () => void
}

/** All values of a row, at their whole length. */
function OpenedRow({ number, columns, row, onClose }: RowProps) {
  return (
    <section className={classes.opened} aria-labelledby="opened-row">
      <div className={classes.openedHead}>
        <h3 id="opened-row">Row {formatNumber(number)}</h3>
        <CloseButton aria-label="Close the row" onClick={onClose} />
      </div>
      <FactList facts={columns.map(({ name }, index): [string, string] => [name, cellText(row[index] ?? null)])} />
    </section>
  )
}
