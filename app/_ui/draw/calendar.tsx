import { formatCount, formatDays, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { useIncomplete } from '#app/_ui/range/coverage.ts'
import type { CalendarRow, Measure } from '#lib/charts/chart.ts'
import type { DateRange } from '#lib/core/period.ts'
import { barLabel, UNITS } from './bar-labels.ts'
import { calendarCells, dayName } from './calendar-cells.ts'
import type { DrawingKind } from './drawing.ts'
import { Heatmap, heatmapHeight } from './heatmap.tsx'
import type { HeatmapData } from './heatmap-cells.ts'

const ROW_HEIGHT = 20
const LEGEND_HEIGHT = 30
/** Cells are at least about 14 pixels wide; phones scroll. */
const MIN_WIDTH = 800
const WEEK = 7

function detailOf({ plays, minutes }: CalendarRow, isIncomplete: boolean): string {
  if (plays === null || minutes === null) return 'not known'
  const known = `${formatCount(plays, 'play')}, ${formatCount(minutes, 'minute')}`
  return isIncomplete ? `${known}, plays may be missing` : known
}

/** @param incomplete days of which plays may be missing. Silence isn't known there. */
function dataOf(rows: CalendarRow[], unit: Measure, incomplete: DateRange[]): HeatmapData {
  // The first whole week begins with the listener's first weekday.
  const weekStart = rows.find(({ day, week }) => day === week)?.weekday ?? 1
  const cells = calendarCells(rows, weekStart, (row) => {
    const isIncomplete = incomplete.some(({ from, to }) => from <= row.day && row.day <= to)
    return {
      value: isIncomplete && !row.plays ? null : row[unit],
      detail: detailOf(row, isIncomplete),
      ...(row.plays ? { href: `/history?from=${row.day}&to=${row.day}` } : {}),
    }
  })
  return { ...cells, unit }
}

function Calendar({ rows, unit }: { rows: CalendarRow[]; unit: Measure }) {
  const [first] = rows
  const last = rows.at(-1)
  const incomplete = useIncomplete(first && last ? { from: first.day, to: last.day } : null)
  return (
    <Heatmap
      label={`${unit === 'plays' ? 'Plays' : 'Minutes'} by day`}
      data={dataOf(rows, unit, incomplete)}
      rowHeight={ROW_HEIGHT}
      minWidth={MIN_WIDTH}
    />
  )
}

/** Days as columns of weeks. */
export function calendar(unit: Measure): DrawingKind<CalendarRow> {
  return {
    picture: (rows) => <Calendar rows={rows} unit={unit} />,
    isEmpty: (rows) => rows.every(({ plays }) => !plays),
    summary(rows) {
      const [first] = rows
      const last = rows.at(-1)
      const [most] = rows.toSorted((one, other) => (other[unit] ?? 0) - (one[unit] ?? 0))
      if (!first || !last || !most) return ''
      const days = rows.filter(({ plays }) => plays).length
      return `${formatDays({ from: first.day, to: last.day })}: plays on ${formatCount(days, 'day')}, most ${unit} on ${dayName(most.day)}: ${formatCount(most[unit] ?? 0, UNITS[unit])}.`
    },
    columns: () => [
      { header: 'Day', cell: ({ day, weekday }) => `${barLabel('weekday', weekday)}, ${dayName(day)}` },
      { header: 'Plays', numeric: true, cell: ({ plays }) => (plays === null ? 'not known' : formatNumber(plays)) },
      { header: 'Minutes', numeric: true, cell: ({ minutes }) => (minutes === null ? '' : formatNumber(minutes)) },
    ],
    placeholder: () => <Placeholder height={heatmapHeight(WEEK, ROW_HEIGHT) + LEGEND_HEIGHT} />,
  }
}
