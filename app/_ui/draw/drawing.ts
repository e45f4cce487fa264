import type { ReactNode } from 'react'

/** A row as the API returns it. Where its chart is declared, the compiler checks that the row fits the drawing. */
export type ChartRow = Record<string, unknown>

/** A column of the table view of a chart. */
export interface TableColumn<Row = ChartRow> {
  header: string
  cell(row: Row): ReactNode
  numeric?: boolean
}

/** What a panel needs to know about a kind of drawing. Each kind is a file in this folder. */
export interface DrawingKind<Row = ChartRow> {
  /** What to say instead of drawing rows that are too few for it; null if they suffice. */
  tooFew?(rows: Row[]): string | null
  /** The drawing, for at least one row. `limit` is the number of rows to show. */
  picture(rows: Row[], limit: number): ReactNode
  /** Whether rows say only that there is nothing. */
  isEmpty?(rows: Row[]): boolean
  /** One sentence for screen readers. */
  summary(rows: Row[]): string
  /** The table view. A drawing without one is already text, and gets no card. */
  columns?(rows: Row[]): TableColumn<Row>[]
  /** Skeleton with the final height, so that nothing jumps. */
  placeholder(limit: number): ReactNode
}
