import type { ReactNode } from 'react'
import type { ChartRow } from './cells.ts'

/** A column of the table view of a chart. */
export interface TableColumn {
  header: string
  cell: (row: ChartRow) => ReactNode
  numeric?: boolean
}

/** What a panel needs to know about a kind of drawing. Each kind is a file in this folder. */
export interface DrawingKind {
  /** The drawing, for at least one row. `limit` is the number of rows to show. */
  picture: (rows: ChartRow[], limit: number) => ReactNode
  /** One sentence for screen readers. */
  summary: (rows: ChartRow[]) => string
  /** The table view. A drawing without one is already text, and gets no card. */
  columns?: (rows: ChartRow[]) => TableColumn[]
  /** Skeleton with the final height, so that nothing jumps. */
  placeholder: (limit: number) => ReactNode
}
