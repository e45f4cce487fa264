import type { z } from 'zod'
import type { Cell, Table } from '#lib/core/table.ts'

/** What a chart's SQL can use. Tables are named by the handles that streams export. */
export interface QueryContext {
  /** The quoted name in the warehouse. */
  table(table: Table): string
  /** Whether the table has been loaded. */
  has(table: Table): boolean
  /** The listener's IANA zone. */
  zone: string
  now: Date
}

/** A number, with the value of the previous period. */
export type FigureRow = { name: string; days: number | null; value: number; previous: number | null }

/** A song that was played. */
export type PlayRow = {
  played_at: string
  name: string | null
  artists: string | null
  artwork: string | null
  url: string | null
}

/** An entry of a ranked list. */
export type RankingRow = {
  rank: number
  previous_rank: number | null
  name: string | null
  artwork: string | null
  url: string | null
  /** Only for songs. */
  artists?: string | null
  album?: string | null
  duration_ms?: number | null
}

/** The rank of one series on one day. */
export type RankRow = { id: string } & Record<string, unknown>

/** The fields of a row that have a type. */
type FieldOf<Row, Type> = { [Name in keyof Row & string]: Row[Name] extends Type ? Name : never }[keyof Row & string]

/** How a panel draws rows; limited to what their fields allow. The drawings live in app/_ui/draw. */
export type Drawing<Row> =
  | (Row extends FigureRow ? { as: 'figures' } : never)
  | (Row extends PlayRow ? { as: 'plays' } : never)
  | (Row extends RankingRow ? { as: 'ranking' } : never)
  | (Row extends RankRow
      ? {
          as: 'rank lines'
          x: FieldOf<Row, string>
          y: FieldOf<Row, number>
          series: FieldOf<Row, string | null>
        }
      : never)

/** Any drawing, once its chart has checked that it fits. */
export type AnyDrawing =
  | { as: 'figures' | 'plays' | 'ranking' }
  | { as: 'rank lines'; x: string; y: string; series: string }

/** What the browser needs to know about a chart, besides its rows. */
export interface ChartMetadata {
  /** The panel's heading. */
  title: string
  /** Shown if there are no rows: why, and what happens next. */
  empty: string
  draw: AnyDrawing
}

/** A query and how to draw its rows. */
export interface Chart extends ChartMetadata {
  /** Each has a finite set of values and a default, because results are cached by them. */
  params: z.ZodObject
  /** Tables that must be loaded; until then the result is empty. */
  tables(params: Record<string, string>): Table[]
  sql(context: QueryContext, params: Record<string, string>): { text: string; values: Cell[] }
  row: z.ZodObject
}

interface ChartDeclaration<Row extends z.ZodObject, Params extends z.ZodObject>
  extends Pick<ChartMetadata, 'title' | 'empty'> {
  params: Params
  tables(params: z.output<Params>): Table[]
  sql(context: QueryContext, params: z.output<Params>): { text: string; values: Cell[] }
  row: Row
  draw: Drawing<z.output<Row>>
}

/** Declares a chart; its drawing can only name fields of its row. */
export function defineChart<Row extends z.ZodObject, Params extends z.ZodObject>(
  chart: ChartDeclaration<Row, Params>,
): ChartDeclaration<Row, Params> {
  return chart
}
