'use client'

import { useRouter } from 'next/navigation'
import { type FocusEvent, type KeyboardEvent, memo, type PointerEvent, useEffect, useRef, useState } from 'react'
import { formatNumber } from '#app/_ui/format.ts'
import classes from './heatmap.module.css'
import { type CellKind, type HeatmapCell, type HeatmapData, levelOf, levelsOf, nextCell } from './heatmap-cells.ts'

/** Pixels above the cells, for labels. */
const HEAD = 20
/** The tooltip is below cells of the first rows, so that it isn't cut off. */
const ROWS_WITH_TOOLTIP_BELOW = 3
/** Share of the width from which on the tooltip doesn't stand over the middle of its cell. */
const EDGE = 0.2

interface Position {
  row: number
  column: number
}

interface Props {
  /** Accessible name of the grid. */
  label: string
  data: HeatmapData
  /** Pixels. */
  rowHeight: number
  /** Narrower screens scroll. */
  minWidth?: number
}

/** Height of a heatmap without its legend. */
export const heatmapHeight = (rows: number, rowHeight: number) => HEAD + rows * rowHeight

/**
 * Cells of which stronger colors mean more. Arrow keys step through them. One `<svg>`, sized in percent, so that it fits
 * any width without scripts.
 */
export function Heatmap({ label, data, rowHeight, minWidth = 0 }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const router = useRouter()
  const [current, setCurrent] = useState<Position>(() => strongest(data))
  const [shown, setShown] = useState<Position | null>(null)
  // The end of the time axis is what is looked for first.
  useEffect(() => {
    if (scroller.current) scroller.current.scrollLeft = scroller.current.scrollWidth
  }, [])

  const isThere = ({ row, column }: Position) => Boolean(data.rows[row]?.cells[column])
  const active = isThere(current) ? current : strongest(data)
  const pointed = shown && isThere(shown) ? shown : null

  function open(position: Position | null) {
    const href = position && data.rows[position.row]?.cells[position.column]?.href
    if (href) router.push(href)
  }

  function step(event: KeyboardEvent<HTMLElement>) {
    if (event.key === 'Escape') setShown(null)
    if (event.key === 'Enter') open(active)
    const next = nextCell(data, active, event.key)
    if (!next) return
    event.preventDefault()
    setCurrent(next)
    event.currentTarget.querySelector<SVGElement>(`[data-cell="${next.row} ${next.column}"]`)?.focus()
  }

  return (
    <div className={classes.heatmap}>
      <div ref={scroller} className={classes.scroller}>
        {/* biome-ignore lint/a11y/useSemanticElements: a table can't hold an SVG's cells */}
        <div
          className={classes.sheet}
          style={{ minWidth }}
          role="grid"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={step}
        >
          <svg
            className={classes.grid}
            width="100%"
            height={heatmapHeight(data.rows.length, rowHeight)}
            role="none"
            onFocus={(event: FocusEvent) => {
              const position = positionOf(event.target)
              setShown(position)
              if (position) setCurrent(position)
            }}
            onBlur={() => setShown(null)}
            onPointerOver={(event: PointerEvent) => setShown(positionOf(event.target))}
            onPointerLeave={() => setShown(null)}
            onClick={(event) => open(positionOf(event.target))}
          >
            <Cells data={data} rowHeight={rowHeight} activeRow={active.row} activeColumn={active.column} />
            {pointed && (
              <rect
                className={classes.pointed}
                x={percent(data, data.gutter + pointed.column)}
                y={HEAD + pointed.row * rowHeight}
                width={percent(data, 1)}
                height={rowHeight}
                rx={4}
              />
            )}
          </svg>
          {pointed && <CellTooltip data={data} at={pointed} rowHeight={rowHeight} />}
        </div>
      </div>
      {data.kinds ? <KindLegend kinds={data.kinds} /> : <Legend data={data} />}
    </div>
  )
}

function positionOf(target: EventTarget): Position | null {
  const [row, column] = ((target as Element).getAttribute('data-cell') ?? '').split(' ').map(Number)
  return row === undefined || column === undefined ? null : { row, column }
}

/** The cell with the highest value, or else the first one. */
function strongest({ rows }: HeatmapData): Position {
  let best: Position | null = null
  let highest = -1
  for (const [row, { cells }] of rows.entries())
    for (const [column, cell] of cells.entries())
      if (cell && (best === null || (cell.value ?? -1) > highest)) {
        best = { row, column }
        highest = cell.value ?? -1
      }
  return best ?? { row: 0, column: 0 }
}

const percent = (data: HeatmapData, columns: number) => `${(100 * columns) / (data.gutter + data.columns)}%`

interface CellsProps {
  data: HeatmapData
  rowHeight: number
  activeRow: number
  activeColumn: number
}

const Cells = memo(function Cells({ data, rowHeight, activeRow, activeColumn }: CellsProps) {
  const levels = levelsOf(data)
  const x = (column: number) => percent(data, data.gutter + column)
  return (
    <>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: texts can't be focused */}
      <g aria-hidden="true">
        {data.columnLabels.map(({ column, text }) => (
          <text key={column} x={x(column)} y={HEAD - 7} className={classes.label}>
            {text}
          </text>
        ))}
        {data.rows.map(({ name, label = name }, row) => (
          <text
            key={name}
            x={0}
            y={HEAD + (row + 0.5) * rowHeight}
            dominantBaseline="central"
            className={classes.label}
          >
            {label}
          </text>
        ))}
      </g>
      {data.rows.map(({ name, cells }, row) => (
        // biome-ignore lint/a11y/useSemanticElements: table rows can't be in an SVG
        <g key={name} role="row" aria-label={name}>
          {cells.map(
            (cell, column) =>
              cell && (
                // biome-ignore lint/a11y/useSemanticElements: table cells can't be in an SVG
                <rect
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is a place
                  key={column}
                  role="gridcell"
                  data-cell={`${row} ${column}`}
                  data-level={cell.kind ?? levelOf(levels, cell.value)}
                  data-linked={cell.href !== undefined}
                  className={classes.cell}
                  x={x(column)}
                  y={HEAD + row * rowHeight}
                  width={percent(data, 1)}
                  height={rowHeight}
                  rx={4}
                  aria-label={`${cell.name}: ${cell.detail}`}
                  tabIndex={row === activeRow && column === activeColumn ? 0 : -1}
                />
              ),
          )}
        </g>
      ))}
      <Signs data={data} rowHeight={rowHeight} />
    </>
  )
})

/** The signs of kinds, over their cells. */
function Signs({ data, rowHeight }: { data: HeatmapData; rowHeight: number }) {
  const signs = new Map(data.kinds?.flatMap(({ name, sign }) => (sign ? [[name, sign]] : [])))
  if (signs.size === 0) return null
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: texts can't be focused
    <g aria-hidden="true">
      {data.rows.map(({ cells }, row) =>
        cells.map((cell, column) =>
          cell?.kind && signs.has(cell.kind) ? (
            <text
              // biome-ignore lint/suspicious/noArrayIndexKey: a column is a place
              key={`${row} ${column}`}
              className={classes.sign}
              data-kind={cell.kind}
              x={percent(data, data.gutter + column + 0.5)}
              y={HEAD + (row + 0.5) * rowHeight}
            >
              {signs.get(cell.kind)}
            </text>
          ) : null,
        ),
      )}
    </g>
  )
}

function CellTooltip({ data, at, rowHeight }: { data: HeatmapData; at: Position; rowHeight: number }) {
  const cell = data.rows[at.row]?.cells[at.column] as HeatmapCell
  const middle = (data.gutter + at.column + 0.5) / (data.gutter + data.columns)
  const isBelow = at.row < ROWS_WITH_TOOLTIP_BELOW
  const across = middle < EDGE ? '0' : middle > 1 - EDGE ? '-100%' : '-50%'
  return (
    <div
      className={classes.tooltip}
      style={{
        left: `${100 * middle}%`,
        top: HEAD + (at.row + (isBelow ? 1 : 0)) * rowHeight,
        transform: `translate(${across}, ${isBelow ? '6px' : 'calc(-100% - 6px)'})`,
      }}
      aria-hidden="true"
    >
      <p className={classes.tooltipName}>{cell.name}</p>
      <p>{cell.detail}</p>
    </div>
  )
}

/** The numbers behind the colors. */
function Legend({ data }: { data: HeatmapData }) {
  const levels = levelsOf(data)
  const hasUnknown = data.rows.some(({ cells }) => cells.some((cell) => cell?.value === null))
  const swatch = (level: string | number, text: string) => (
    <li key={level}>
      <svg width="12" height="12" aria-hidden="true">
        <rect width="12" height="12" rx="3" className={classes.cell} data-level={level} />
      </svg>
      {text}
    </li>
  )
  return (
    <ul className={classes.legend} aria-label="Colors" data-legend>
      {hasUnknown && swatch('unknown', 'not known')}
      {swatch(0, '0')}
      {levels.map((first, at) => {
        const last = (levels[at + 1] ?? Number.POSITIVE_INFINITY) - 1
        const text =
          last === Number.POSITIVE_INFINITY
            ? `${formatNumber(first)} or more`
            : last > first
              ? `${formatNumber(first)}–${formatNumber(last)}`
              : formatNumber(first)
        return swatch(levelOf(levels, first), at === levels.length - 1 ? `${text} ${data.unit}` : text)
      })}
    </ul>
  )
}

/** What the cells are. */
function KindLegend({ kinds }: { kinds: CellKind[] }) {
  return (
    <ul className={classes.legend} aria-label="Colors" data-legend>
      {kinds.map(({ name, label, sign }) => (
        <li key={name}>
          <svg width="14" height="14" aria-hidden="true">
            <rect x="0.5" y="0.5" width="13" height="13" rx="3" className={classes.cell} data-level={name} />
            {sign && (
              <text x="7" y="7" className={classes.sign} data-kind={name}>
                {sign}
              </text>
            )}
          </svg>
          {label}
        </li>
      ))}
    </ul>
  )
}
