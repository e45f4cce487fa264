'use client'

import { useRouter } from 'next/navigation'
import { Fragment, type MouseEvent } from 'react'
import { formatCount, formatDays, formatMonth, formatNumber, listeningTime } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { YearMonthRow } from '#lib/charts/chart.ts'
import { barLabel } from './bar-labels.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './year-months.module.css'

const HEIGHT = 220
/** Pixels above the highest bar and below all bars, for labels. */
const HEAD = 24
const FOOT = 24
/** A bar that is there can be seen. */
const MIN_BAR = 2
const GAP = 0.16

const monthOf = ({ month }: YearMonthRow) => barLabel('month', Number(month.slice(5, 7)))

function timeOf(minutes: number): string {
  const { value, unit } = listeningTime(minutes)
  return `${value} ${unit}`
}

const detailOf = ({ plays, minutes }: YearMonthRow) =>
  plays === null ? 'not known' : `${formatCount(plays, 'play')}, ${formatCount(minutes ?? 0, 'minute')}`

const mostOf = (rows: YearMonthRow[]) => Math.max(1, ...rows.map(({ minutes }) => minutes ?? 0))

/** Pixels above the bar. */
function topOf(minutes: number, most: number): number {
  const height = minutes ? Math.max(MIN_BAR, ((HEIGHT - HEAD - FOOT) * minutes) / most) : 0
  return HEIGHT - FOOT - height
}

/** The plays of a month. */
function addressOf({ plays, first_day, last_day }: YearMonthRow): string | null {
  return plays && first_day && last_day ? `/history?from=${first_day}&to=${last_day}` : null
}

/** Twelve bars that lead to the plays of their months. One `<svg>`, sized in percent, so that it fits any width. */
function Bars({ rows }: { rows: YearMonthRow[] }) {
  const router = useRouter()
  const most = mostOf(rows)
  const column = 100 / rows.length
  const open = (address: string) => (event: MouseEvent) => {
    // Other clicks open a tab or window, which the browser does by itself.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    router.push(address)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can't draw
    <svg className={classes.bars} width="100%" height={HEIGHT} role="group" aria-label="Minutes by month">
      {rows.map((row, at) => {
        const minutes = row.minutes ?? 0
        const address = addressOf(row)
        const bar = (
          <>
            <rect className={classes.column} x={`${at * column}%`} y={0} width={`${column}%`} height={HEIGHT} />
            <rect
              className={classes.bar}
              data-most={minutes === most}
              x={`${(at + GAP) * column}%`}
              y={topOf(minutes, most)}
              width={`${(1 - 2 * GAP) * column}%`}
              height={HEIGHT - FOOT - topOf(minutes, most)}
              rx={4}
            />
          </>
        )
        return address ? (
          <a
            key={row.month}
            className={classes.link}
            href={address}
            onClick={open(address)}
            aria-label={`${formatMonth(row.month)}: ${detailOf(row)}`}
          >
            <title>{`${formatMonth(row.month)}: ${detailOf(row)}`}</title>
            {bar}
          </a>
        ) : (
          <g key={row.month}>{bar}</g>
        )
      })}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: texts can't be focused */}
      <g aria-hidden="true" className={classes.texts}>
        {rows.map((row, at) => (
          <Fragment key={row.month}>
            {row.minutes ? (
              <text
                className={classes.value}
                x={`${(at + 0.5) * column}%`}
                y={topOf(row.minutes, most) - 8}
                textAnchor="middle"
              >
                {timeOf(row.minutes)}
              </text>
            ) : null}
            <text className={classes.label} x={`${(at + 0.5) * column}%`} y={HEIGHT - 6} textAnchor="middle">
              {monthOf(row)}
            </text>
          </Fragment>
        ))}
      </g>
      <line className={classes.axis} x1="0" x2="100%" y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} />
    </svg>
  )
}

/** The months of one year. */
export const yearMonths: DrawingKind<YearMonthRow> = {
  picture: (rows) => <Bars rows={rows} />,
  isEmpty: (rows) => rows.every(({ plays }) => !plays),
  summary(rows) {
    const [most] = rows.toSorted((one, other) => (other.minutes ?? 0) - (one.minutes ?? 0))
    return most ? `Most in ${formatMonth(most.month)}: ${detailOf(most)}.` : ''
  },
  columns: () => [
    { header: 'Month', cell: ({ month }) => formatMonth(month) },
    { header: 'Plays', numeric: true, cell: ({ plays }) => (plays === null ? 'not known' : formatNumber(plays)) },
    { header: 'Minutes', numeric: true, cell: ({ minutes }) => (minutes === null ? '' : formatNumber(minutes)) },
    {
      header: 'Known days',
      cell: ({ first_day: from, last_day: to }) => (from && to ? formatDays({ from, to }) : 'none'),
    },
  ],
  placeholder: () => <Placeholder height={HEIGHT} />,
}
