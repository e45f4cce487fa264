import type { ReactNode } from 'react'

/** A row as it comes from the API. That it fits its drawing is checked where the chart is declared. */
export type ChartRow = Record<string, unknown>

/** A column of the table view of a chart. */
export interface TableColumn<Row = ChartRow> {
  head: string
  cell(row: Row): ReactNode
  numeric?: boolean
}

/** What a panel needs of a kind of drawing; each kind lives in a file of this folder. */
export interface DrawingKind<Row = ChartRow> {
  /** The drawing; at least one row. `limit` rows are enough where the panel is an excerpt. */
  picture(rows: Row[], limit: number): ReactNode
  /** The same in one sentence, for people who hear the page. */
  summary(rows: Row[]): string
  /** The table view. A drawing without one is text already and stands without a card. */
  columns?(rows: Row[]): TableColumn<Row>[]
  /** The shape of the drawing while it is loaded, as high as it will be, so that nothing jumps. */
  placeholder(limit: number): ReactNode
}
