import type { Cell, Columns, ColumnType, Json, Row } from '#lib/core/table.ts'

/** What a row needs besides its item. */
export interface RowPlace {
  /** 1-based position in Spotify's list, counted across all pages, never renumbered. */
  rank: number
  /** The start of the run, ISO 8601. */
  syncedAt: string
  /** The part of the read (a playlist id), or null. */
  part: string | null
}

/** The type of a column and how to get its value from an item. */
interface Column<Item> {
  type: ColumnType
  cell(item: Item, place: RowPlace): Cell
}

export type ColumnSet<Item> = Record<string, Column<Item>>

type Read<Item, Value> = (item: Item, place: RowPlace) => Value | null | undefined

function column<Value extends Cell>(type: ColumnType) {
  return <Item>(read: Read<Item, Value>): Column<Item> => ({
    type,
    cell: (item, place) => read(item, place) ?? null,
  })
}

export const text = column<string>('text')
export const integer = column<number>('integer')
export const double = column<number>('double')
export const boolean = column<boolean>('boolean')
/** 'YYYY-MM-DD'. */
export const date = column<string>('date')

/** An identifier. Spotify's "" identifies nothing and becomes null. */
export function identifier<Item>(read: Read<Item, string>): Column<Item> {
  return text((item, place) => read(item, place) || null)
}

/** A time in any ISO 8601 form, stored in UTC with milliseconds. */
export function timestamp<Item>(read: Read<Item, string>): Column<Item> {
  return column<string>('timestamp')((item: Item, place) => {
    const instant = read(item, place)
    return instant ? new Date(instant).toISOString() : null
  })
}

/** A part of the response as it came. */
export function json<Item>(read: Read<Item, unknown>): Column<Item> {
  // Parsed JSON is always Json.
  return column<Json>('json')((item: Item, place) => read(item, place) as Json)
}

/** The columns of an object inside the item; null if the item doesn't have it. */
export function inside<Outer, Inner>(
  getInner: (outer: Outer) => Inner | null | undefined,
  columns: ColumnSet<Inner>,
): ColumnSet<Outer> {
  const lifted = ({ type, cell }: Column<Inner>): Column<Outer> => ({
    type,
    cell(outer, place) {
      const inner = getInner(outer)
      return inner === null || inner === undefined ? null : cell(inner, place)
    },
  })
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, lifted(column)]))
}

/** The position in Spotify's list. */
export const ranked: ColumnSet<unknown> = { rank: integer((_item, { rank }) => rank) }

/** The start of the run, on every row. */
export const synced: ColumnSet<unknown> = { synced_at: timestamp((_item, { syncedAt }) => syncedAt) }

/** Since when Spotify has listed the item without its content, so that the row is outdated; null if it arrived. */
export const WITHHELD_AT = 'withheld_at'
export const withheld: ColumnSet<unknown> = { [WITHHELD_AT]: timestamp(() => null) }

/** The column types of the table. */
export function typesOf<Item>(columns: ColumnSet<Item>): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, type]))
}

/** One value for each column. */
export function rowOf<Item>(columns: ColumnSet<Item>, item: Item, place: RowPlace): Row {
  return Object.fromEntries(Object.entries(columns).map(([name, { cell }]) => [name, cell(item, place)]))
}
