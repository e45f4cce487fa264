/** A cell. Its value is null where nothing is known. */
export interface HeatmapCell {
  /** For example "Monday, 14:00". */
  name: string
  value: number | null
  /** The value in words. */
  detail: string
  /** The page with what it counts. */
  href?: string
  /** One of the kinds of the data, if it has kinds instead of strong and pale colors. */
  kind?: string
}

/** What a cell can be, where its value is not what matters. */
export interface CellKind {
  /** A style of heatmap.module.css. */
  name: string
  label: string
  /** A sign in the cell, so that it isn't known by color alone. */
  sign?: string
}

export interface HeatmapData {
  columns: number
  /** Space for the labels of rows, in widths of a cell. */
  gutter: number
  /** Cells by column; null where there is none. `label` is drawn, and may be empty. */
  rows: { name: string; label?: string; cells: (HeatmapCell | null)[] }[]
  columnLabels: { column: number; text: string }[]
  unit: string
  /** In the order of the legend. */
  kinds?: CellKind[]
}

const LEVELS = 5

/**
 * The lowest whole value of each color, at most five. Each color has about as many cells, so that a few strong ones don't
 * leave all others pale.
 */
export function levelsOf({ rows }: HeatmapData): number[] {
  const values = rows.flatMap(({ cells }) => cells.flatMap((cell) => (cell?.value ? [Math.ceil(cell.value)] : [])))
  values.sort((one, other) => one - other)
  const firsts = Array.from({ length: LEVELS }, (_, level) => values[Math.floor((values.length * level) / LEVELS)])
  return [...new Set(firsts.filter((first) => first !== undefined))]
}

/** 0 for zero, up to 5 for the strongest color, which the highest values have even if there are few different ones. */
export function levelOf(levels: number[], value: number | null): number | 'unknown' {
  if (value === null) return 'unknown'
  return value === 0 ? 0 : LEVELS - levels.length + Math.max(1, levels.filter((first) => first <= value).length)
}

interface Position {
  row: number
  column: number
}

const STEPS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** Where a key leads: the next cell in its direction, or the first or last one of the row. */
export function nextCell({ rows, columns }: HeatmapData, { row, column }: Position, key: string): Position | null {
  const cells = rows[row]?.cells ?? []
  if (key === 'Home') return { row, column: cells.findIndex(Boolean) }
  if (key === 'End') return { row, column: cells.findLastIndex(Boolean) }
  const [down, right] = STEPS[key] ?? [0, 0]
  if (!down && !right) return null
  const next = { row: row + down, column: column + right }
  while (next.row >= 0 && next.row < rows.length && next.column >= 0 && next.column < columns) {
    if (rows[next.row]?.cells[next.column]) return next
    next.row += down
    next.column += right
  }
  return null
}
