import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { Measure, WeekHourRow } from '#lib/charts/chart.ts'
import { barLabel, UNITS, weekdayName } from './bar-labels.ts'
import type { DrawingKind } from './drawing.ts'
import { Heatmap, heatmapHeight } from './heatmap.tsx'
import type { HeatmapData } from './heatmap-cells.ts'

const ROW_HEIGHT = 28
const LEGEND_HEIGHT = 30
const HOURS = 24
/** Weekdays fit on a phone. */
const GUTTER = 2.7

/** Labels of every third hour fit on a phone. */
const HOURS_BETWEEN_LABELS = 3

const hourLabel = (hour: number) => barLabel('hour', hour)
const detailOf = ({ plays, minutes }: WeekHourRow) => `${formatCount(plays, 'play')}, ${formatCount(minutes, 'minute')}`

function dataOf(rows: WeekHourRow[], unit: Measure): HeatmapData {
  return {
    columns: HOURS,
    gutter: GUTTER,
    rows: [...new Set(rows.map(({ weekday }) => weekday))].map((weekday) => ({
      name: weekdayName(weekday),
      label: barLabel('weekday', weekday),
      cells: rows
        .filter((row) => row.weekday === weekday)
        .map((row) => ({
          name: `${weekdayName(weekday)}, ${hourLabel(row.hour)}–${hourLabel((row.hour + 1) % HOURS)}`,
          value: row[unit],
          detail: detailOf(row),
        })),
    })),
    columnLabels: Array.from({ length: HOURS / HOURS_BETWEEN_LABELS }, (_, at) => ({
      column: at * HOURS_BETWEEN_LABELS,
      text: String(at * HOURS_BETWEEN_LABELS).padStart(2, '0'),
    })),
    unit,
  }
}

/** Plays by weekday and hour; the order of the rows decides with which weekday a week starts. */
export function weekHours(unit: Measure): DrawingKind<WeekHourRow> {
  return {
    picture: (rows) => (
      <Heatmap
        label={`${unit === 'plays' ? 'Plays' : 'Minutes'} by weekday and hour`}
        data={dataOf(rows, unit)}
        rowHeight={ROW_HEIGHT}
      />
    ),
    isEmpty: (rows) => rows.every(({ plays }) => plays === 0),
    summary(rows) {
      const [most] = rows.toSorted((one, other) => other[unit] - one[unit])
      return most
        ? `Most ${unit} on ${weekdayName(most.weekday)} at ${hourLabel(most.hour)}: ${formatCount(most[unit], UNITS[unit])}.`
        : ''
    },
    columns: () => [
      { header: 'Weekday', cell: ({ weekday }) => weekdayName(weekday) },
      { header: 'Hour', cell: ({ hour }) => hourLabel(hour) },
      { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
      { header: 'Minutes', numeric: true, cell: ({ minutes }) => formatNumber(minutes) },
    ],
    placeholder: () => <Placeholder height={heatmapHeight(7, ROW_HEIGHT) + LEGEND_HEIGHT} />,
  }
}
