import { formatCount, formatDays, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { StreakRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import { Facts } from './facts.tsx'

const HEIGHT = 96

const LABELS: Record<string, string> = { current: 'Now', longest: 'Longest' }

const daysOf = ({ first_day, last_day }: StreakRow) => formatDays({ from: first_day, to: last_day })

/** The streak that goes on, and the longest. */
export const streaks: DrawingKind<StreakRow> = {
  picture: (rows) => (
    <Facts
      facts={Object.entries(LABELS).map(([name, label]) => {
        const row = rows.find((one) => one.name === name)
        return row
          ? { label, value: formatNumber(row.days), unit: row.days === 1 ? 'day' : 'days', detail: daysOf(row) }
          : { label, value: '0', unit: 'days', detail: name === 'current' ? 'Play something to start one.' : '' }
      })}
    />
  ),
  summary: (rows) =>
    rows.map((row) => `${LABELS[row.name]}: ${formatCount(row.days, 'day')}, ${daysOf(row)}.`).join(' '),
  columns: () => [
    { header: 'Streak', cell: ({ name }) => LABELS[name] },
    { header: 'Days', numeric: true, cell: ({ days }) => formatNumber(days) },
    { header: 'From – to', cell: daysOf },
  ],
  placeholder: () => <Placeholder height={HEIGHT} />,
}
