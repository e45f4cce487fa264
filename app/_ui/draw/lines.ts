import type { AnyDrawing } from '#lib/charts/chart.ts'
import { DAY } from '#lib/core/durations.ts'
import { nameOf } from './cells.ts'
import type { ChartRow } from './drawing.ts'

export type RankLines = Extract<AnyDrawing, { as: 'rank lines' }>

/** One line: a name and its rank on each known day, null if it was not in the list. */
export interface Line {
  id: string
  name: string
  ranks: (number | null)[]
  /** The best rank. */
  peak: number
  /** The day on which its last stay in the list began; null if it was there from the first known day on. */
  entered: string | null
  /** The first day on which it was no longer in the list; null if it is there now. */
  left: string | null
}

export interface Lines {
  /** The known days, 'YYYY-MM-DD', oldest first. A day without a sync is missing. */
  days: string[]
  /** Those in the list now, best rank first; then those that left it, the latest first. */
  lines: Line[]
  /** The lowest rank, which is the largest number. */
  lowest: number
}

/** The name of a row's line. */
export function labelOf(row: ChartRow, series: string): string {
  return nameOf({ name: row[series] ? String(row[series]) : null })
}

/** Groups rows into one line per `id`; `x`, `y` and `series` name the fields of day, rank and name. */
export function linesOf(rows: ChartRow[], { x, y, series }: RankLines): Lines {
  const days = [...new Set(rows.map((row) => String(row[x])))].sort()
  const dayIndex = new Map(days.map((day, index) => [day, index]))
  const lines = [...Map.groupBy(rows, ({ id }) => String(id))].map(([id, own]) => {
    const ranks: Line['ranks'] = days.map(() => null)
    for (const row of own) ranks[dayIndex.get(String(row[x])) ?? 0] = Number(row[y])
    return { id, name: labelOf(own.at(-1) ?? {}, series), ranks, ...stayOf(ranks, days) }
  })
  return {
    days,
    lines: lines.sort(byLastDay),
    lowest: Math.max(1, ...rows.map((row) => Number(row[y]))),
  }
}

function stayOf(ranks: Line['ranks'], days: string[]): Pick<Line, 'peak' | 'entered' | 'left'> {
  const last = ranks.findLastIndex((rank) => rank !== null)
  const before = ranks.slice(0, last + 1).lastIndexOf(null)
  return {
    peak: Math.min(...ranks.filter((rank) => rank !== null)),
    entered: before === -1 ? null : (days[before + 1] ?? null),
    left: days[last + 1] ?? null,
  }
}

const UNRANKED = Number.POSITIVE_INFINITY

function byLastDay(one: Line, other: Line): number {
  if (one.left !== null && other.left !== null) return other.left.localeCompare(one.left) || one.peak - other.peak
  return (one.ranks.at(-1) ?? UNRANKED) - (other.ranks.at(-1) ?? UNRANKED)
}

/** Rank change since the known day before; null on the first one or if a rank is missing. */
export function changeAt({ ranks }: Line, index: number): number | null {
  const now = ranks[index]
  const before = ranks[index - 1]
  return now == null || before == null ? null : before - now
}

/** Whether no line reaches a point, so that only a dot can show it. */
export function isAlone({ ranks }: Line, index: number): boolean {
  return ranks[index] != null && ranks[index - 1] == null && ranks[index + 1] == null
}

/** A day as a number, so that days without a sync take their place on the axis. */
export const dayNumber = (day: string) => Date.parse(day) / DAY

/** At most `count` of the known days, evenly spread, with the first and the last one. */
export function tickDays(days: string[], count: number): string[] {
  if (days.length <= count) return days
  const step = (days.length - 1) / (count - 1)
  return Array.from({ length: count }, (_, index) => days[Math.round(index * step)] ?? '')
}

/** Every rank, or the first and round ones if there are many. */
export function rankTicks(lowest: number): number[] {
  const step = [1, 5, 10, 20, 50].find((one) => lowest / one <= 12) ?? 100
  const round = Array.from({ length: Math.floor(lowest / step) }, (_, index) => (index + 1) * step)
  return step === 1 ? round : [1, ...round]
}
