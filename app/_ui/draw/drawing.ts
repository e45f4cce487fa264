import type { ReactNode } from 'react'
import type { ChartRow } from './cells.ts'

/** A column of the table view of a chart. */
export interface TableColumn {
  head: string
  cell: (row: ChartRow) => ReactNode
  numeric?: boolean
}

/** What a panel needs of a kind of drawing; each kind lives in a file of this folder. */
export interface DrawingKind {
  /** The drawing; at least one row. `limit` rows are enough where the panel is an excerpt. */
  picture: (rows: ChartRow[], limit: number) => ReactNode
  /** The same in one sentence, for people who hear the page. */
  summary: (rows: ChartRow[]) => string
  /** The table view. A drawing without one is text already and stands without a card. */
  columns?: (rows: ChartRow[]) => TableColumn[]
  /** The shape of the drawing while it is loaded, as high as it will be, so that nothing jumps. */
  placeholder: (limit: number) => ReactNode
}
