import type { AnyDrawing } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { ChartRow } from './drawing.ts'

export type RankLines = Extract<AnyDrawing, { as: 'rank lines' }>

/** One line: a name and its rank on each day, null if it was not in the list. */
export interface Line {
  id: string
  name: string
  ranks: (number | null)[]
}

export interface Lines {
  /** 'YYYY-MM-DD', oldest first. */
  days: string[]
  /** Best rank on the last day first. */
  lines: Line[]
  /** The lowest rank, which is the largest number. */
  lowest: number
}

/** The name of a row's line. */
export function labelOf(row: ChartRow, series: string): string {
  return nameOf({ name: row[series] ? String(row[series]) : null })
}

const UNRANKED = Number.POSITIVE_INFINITY

/** Groups rows into one line per `id`; `x`, `y` and `series` name the fields of day, rank and name. */
export function linesOf(rows: ChartRow[], { x, y, series }: RankLines): Lines {
  const days = [...new Set(rows.map((row) => String(row[x])))].sort()
  const dayIndex = new Map(days.map((day, index) => [day, index]))
  const lines = new Map<string, Line>()
  let lowest = 1
  for (const row of rows) {
    const id = String(row.id)
    const line = lines.get(id) ?? { id, name: labelOf(row, series), ranks: days.map(() => null) }
    const rank = Number(row[y])
    line.ranks[dayIndex.get(String(row[x])) ?? 0] = rank
    lowest = Math.max(lowest, rank)
    lines.set(id, line)
  }
  const lastRank = (line: Line) => line.ranks.at(-1) ?? UNRANKED
  return { days, lines: [...lines.values()].sort((a, b) => lastRank(a) - lastRank(b)), lowest }
}

/** Rank change since the day before; null on the first day or if a rank is missing. */
export function changeAt({ ranks }: Line, index: number): number | null {
  const now = ranks[index]
  const before = ranks[index - 1]
  return now == null || before == null ? null : before - now
}
