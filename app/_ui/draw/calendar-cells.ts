import { formatDate } from '#app/_ui/format.ts'
import { addDays, type Day, weekdayOf } from '#lib/core/period.ts'
import { barLabel, weekdayName } from './bar-labels.ts'
import type { HeatmapCell, HeatmapData } from './heatmap-cells.ts'

const WEEK = 7
const GUTTER = 2.2

export const dayName = (day: Day) => formatDate(`${day}T12:00:00Z`, 'UTC')

/** A day with its weekday: "Tuesday, 12 May 2026". */
const cellName = (day: Day) => `${weekdayName(weekdayOf(day))}, ${dayName(day)}`

/**
 * Days in columns of weeks, and the first of each month as a label.
 * @param weekStart 1 = Monday … 7 = Sunday
 * @param cellOf what a day has besides its name; null where it has no cell
 */
export function calendarCells<Row extends { day: Day }>(
  rows: Row[],
  weekStart: number,
  cellOf: (row: Row) => Omit<HeatmapCell, 'name'> | null,
): Pick<HeatmapData, 'columns' | 'gutter' | 'rows' | 'columnLabels'> {
  const placeOf = (day: Day) => (weekdayOf(day) - weekStart + WEEK) % WEEK
  const weekOf = (day: Day) => addDays(day, -placeOf(day))
  const weeks = [...new Set(rows.map(({ day }) => weekOf(day)))]
  const columnOf = new Map(weeks.map((week, column) => [week, column]))
  const weekdays = Array.from({ length: WEEK }, (_, at) => ((weekStart - 1 + at) % WEEK) + 1)
  const cells = weekdays.map(() => weeks.map((): HeatmapCell | null => null))
  for (const row of rows) {
    const cell = cellOf(row)
    const line = cells[placeOf(row.day)]
    if (line && cell) line[columnOf.get(weekOf(row.day)) ?? 0] = { name: cellName(row.day), ...cell }
  }
  return {
    columns: weeks.length,
    gutter: GUTTER,
    rows: weekdays.map((weekday, at) => ({
      name: weekdayName(weekday),
      label: at % 2 === 0 ? barLabel('weekday', weekday) : '',
      cells: cells[at] ?? [],
    })),
    columnLabels: rows
      .filter(({ day }) => day.endsWith('-01'))
      .map(({ day }) => ({ column: columnOf.get(weekOf(day)) ?? 0, text: barLabel('month', Number(day.slice(5, 7))) })),
  }
}
