import type { z } from 'zod'
import type { Cell, Schema } from '#lib/core/table.ts'

/** What a chart may use to write its SQL; the warehouse quotes the names. */
export interface AskContext {
  table(schema: Schema, name: string): string
  /** Whether the table was loaded yet. */
  has(schema: Schema, name: string): boolean
  /** The listener's IANA zone. */
  zone: string
  now: Date
}

/** How a panel draws the rows. Drawings live in app/_ui/draw. */
export type Drawing =
  | { as: 'ranking'; unit: string }
  | { as: 'rank lines'; x: string; y: string; series: string; unit: string }
  | { as: 'figures' }
  | { as: 'plays' }

/** A question with its drawing. */
export interface Chart<Item extends z.ZodType = z.ZodType, Asked extends z.ZodType = z.ZodType> {
  /** The question, as the panel's heading. */
  title: string
  /** Shown when there is nothing: why, and what happens next. */
  empty: string
  unit?: string
  /** Finite values only, each with a default: answers are cached by them. */
  params: Asked
  /** Tables that must have been loaded; without them the answer is empty. */
  tables(params: z.output<Asked>): { schema: Schema; name: string }[]
  sql(context: AskContext, params: z.output<Asked>): { text: string; values: Cell[] }
  row: Item
  draw: Drawing
}

export function defineChart<Item extends z.ZodType, Asked extends z.ZodType>(
  chart: Chart<Item, Asked>,
): Chart<Item, Asked> {
  return chart
}
