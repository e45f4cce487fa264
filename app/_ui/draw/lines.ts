import type { AnyDrawing } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { ChartRow } from './drawing.ts'

export type RankLines = Extract<AnyDrawing, { as: 'rank lines' }>

/** One line: a name and its rank on each day, null where it was not among the leaders. */
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
  /** The lowest rank there is, which is the largest number. */
  lowest: number
}

/** What a line is called. */
export function labelOf(row: ChartRow, series: string): string {
  return nameOf({ name: row[series] ? String(row[series]) : null })
}

const NOWHERE = Number.POSITIVE_INFINITY

/** Rows as one line for each `id`; `x`, `y` and `series` name the fields of day, rank and name. */
export function linesOf(rows: ChartRow[], { x, y, series }: RankLines): Lines {
  const days = [...new Set(rows.map((row) => String(row[x])))].sort()
  const place = new Map(days.map((day, index) => [day, index]))
  const lines = new Map<string, Line>()
  let lowest = 1
  for (const row of rows) {
    const id = String(row.id)
    const line = lines.get(id) ?? { id, name: labelOf(row, series), ranks: days.map(() => null) }
    const rank = Number(row[y])
    line.ranks[place.get(String(row[x])) ?? 0] = rank
    lowest = Math.max(lowest, rank)
    lines.set(id, line)
  }
  const lastRank = (line: Line) => line.ranks.at(-1) ?? NOWHERE
  return { days, lines: [...lines.values()].sort((a, b) => lastRank(a) - lastRank(b)), lowest }
}

/** Places won against the day before; null on the first day and where one of the two is missing. */
export function changeAt({ ranks }: Line, index: number): number | null {
  const now = ranks[index]
  const before = ranks[index - 1]
  return now == null || before == null ? null : before - now
}
