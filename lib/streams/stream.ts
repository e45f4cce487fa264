import { z } from 'zod'
import type { Columns, LoadMode, Row, Table } from '#lib/core/table.ts'
import { List, withoutMarkets } from '#lib/spotify/objects.ts'
import { type ColumnSet, type RowPlace, rowOf, typesOf } from './columns.ts'
import type { MusicObjects, MusicRow } from './music.ts'
import { UNREADABLE, WITHDRAWN } from './rejections.ts'
import type { Scope } from './scopes.ts'

/** How often a stream is scheduled. */
export type Due = 'daily' | 'weekly' | 'half-hourly'

/** Streams that are scheduled together. */
export type StreamGroup = 'top lists' | 'recently played' | 'playlists' | 'library' | 'charts'

/**
 * Endpoints that share a limit of requests in flight and a daily quota. Spotify doesn't publish its groups; these follow
 * the paths that were observed to be throttled together.
 */
export type RequestGroup = 'top' | 'player' | 'library' | 'playlists' | 'playlist items' | 'catalogue' | 'account'

/**
 * `single`: one response contains everything. `offset`: `limit` and `offset`, pages can be requested in parallel.
 * `cursor`: each page has the cursor of the next one.
 */
export type Paging = 'single' | 'offset' | 'cursor'

/** What the extraction needs to know about one response. */
export interface Page<Item> {
  /** In Spotify's order; null where Spotify sends null or what cannot be an item of this list. */
  items: (Item | null)[]
  /** The indexes of the items that are null although Spotify sent something. */
  unreadable: ReadonlySet<number>
  /** Spotify's own count of the whole list; only compare it with itself. */
  total: number | null
  /** With `cursor` paging, the cursor of the next page; null on the last one. */
  cursor: string | null
  /** Whether Spotify says that the list continues after this page. A short page proves nothing. */
  hasNext: boolean
  /** The page's offset and limit according to Spotify; null if not sent. */
  offset: number | null
  limit: number | null
}

/** The landed text for a response without content (204), because an empty file would look damaged. */
export const NO_CONTENT = 'null'

/** The page that represents a response without content. */
export const EMPTY_PAGE: Page<never> = {
  items: [],
  unreadable: new Set(),
  total: null,
  cursor: null,
  hasNext: false,
  offset: null,
  limit: null,
}

/** An item that came without its content, or with content that can't be a row. */
export interface HiddenItem {
  /** When it was added, ISO 8601; null if unknown. */
  at: string | null
  /** True if Spotify sent null, false if the content is invalid. */
  withheld: boolean
}

/**
 * Daily partitions of the whole list, or the keys that appeared and disappeared. `by`: columns that are counted instead of
 * the key, in lists whose key is a position.
 */
export type StreamHistory =
  | { kind: 'daily'; table: string }
  | { kind: 'changes'; table: string; carry: string[]; by?: string[] }

/** The facts that loading needs. */
interface LandedFacts<Item> {
  name: string
  /** The table in schema raw, if it doesn't have the stream's name. */
  table?: string
  /** The name on pages, for example "Top songs, 4 weeks". */
  title: string
  key: string[]
  load: LoadMode
  history?: StreamHistory
  /** A response contains only the newest items. Each read is recorded as a poll, and a gap to the last one as a hole. */
  polled?: { at: string }
  /** The stream is read in parts, which come from the items of another stream. */
  partsOf?: { stream: string; column: string }
  /** The songs, albums and artists that an item describes. */
  music?(item: Item): MusicObjects
  /**
   * Which rows stay when an item comes without its content (docs/decisions/0031). `by time`: the row with the item's
   * added_at; the list is sorted by it, newest first. `in place`: the row at the item's position with the same added_at.
   * `anywhere`: all missing rows, if more items than last time are without content. Omitted for rankings and plays: the
   * table is what Spotify shows now, or loses no rows.
   */
  keepsWithheld?: 'by time' | 'in place' | 'anywhere'
}

/** The facts about a stream. */
interface StreamFacts<Item> extends LandedFacts<Item> {
  group: StreamGroup
  due: Due
  /** The scopes that Spotify requires. */
  scopes: Scope[]
  /** Path below the API's root; `{part}` stands for the part of a read. */
  endpoint: string
  query: Record<string, string>
  requests: RequestGroup
  paging: Paging
  /** Items per request. */
  limit: number
  /** The list can contain equal items, as in playlists. */
  repeats?: boolean
  /**
   * How to interpret an unchanged first page and total. `nothing new`: nothing changed, until the weekly full read. `growth`:
   * in addition, new items before the old first page of a newest-first list are all there is to read. Without it a list
   * is always read completely, or compared completely if it fits on one page.
   */
  changeDetection?: 'nothing new' | 'growth'
  /** The part of another stream that this item stands for. */
  part?(item: Item, listener: { spotifyUserId: string }): StreamPart | null
  /** The capability (see the app probe) that the stream needs; without it the stream is skipped. */
  capability?: string
  /** Spotify lists some items without content for everybody, so a list that only has such items is not a fault. */
  expectsWithheld?: boolean
}

/** A stream's declaration. */
interface StreamDeclaration<Item> extends StreamFacts<NoInfer<Item>> {
  /** The shape of one item, which determines the item's type. */
  item: z.ZodType<Item>
  /** The field of the response that contains the list, if any. */
  wrappedIn?: string
  identity(item: NoInfer<Item>): string | null
  /** Why the item is rejected, or null. The key columns of accepted items must not be null. */
  rejects(item: NoInfer<Item>, place: RowPlace): string | null
  columns: ColumnSet<NoInfer<Item>>
}

/** What lands and is loaded: the responses for a stream, or the pages of an import. */
export interface LandedKind<Item = unknown> extends LandedFacts<Item> {
  /** Parses a landed page. A stream knows current and former field names. @throws ZodError if it has another shape */
  page(body: unknown): Page<Item>
  /** One value for each column, or why the item is rejected. */
  row(item: Item | null, place: RowPlace, unreadable?: boolean): Row | { rejected: string }
  /** Describes an item that `row` rejects; null for other items. */
  hidden(item: Item | null, unreadable?: boolean): HiddenItem | null
  columns: Columns
  /** What an item of an import says about music, for tables of its own (lib/streams/imported-music.ts). @param seenAt ISO 8601 */
  importedMusic?(item: Item, seenAt: string): Iterable<MusicRow>
}

/** A stream as used by extraction. */
export interface Stream<Item = unknown> extends LandedKind<Item>, Omit<StreamFacts<Item>, keyof LandedFacts<Item>> {
  /** Identity of an item within the list, or null. A repeated identity means that the list shifted during the read. */
  identity(item: Item | null): string | null
}

/** A part of another stream's read, for example one playlist. */
export interface StreamPart {
  id: string
  /** Changes whenever the part's content does. Empty if Spotify sends none, so that only a read shows changes. */
  version: string
  /** Whether this listener can read its content. */
  readable: boolean
}

/** Turns a declaration into a stream, hiding the item's type. */
export function defineStream<Item>(declaration: StreamDeclaration<Item>): Stream {
  const { item: shape, wrappedIn, identity, rejects, columns, ...facts } = declaration
  const stream: Stream<Item> = {
    ...facts,
    columns: typesOf(columns),
    page(body) {
      const { total, next, cursors, offset, limit, ...list } = List.parse(
        withoutMarkets(wrappedIn ? unwrap(body, wrappedIn) : body),
      )
      const items = list.items.map((item) => shape.safeParse(item).data ?? null)
      const isUnreadable = (index: number) => items[index] === null && list.items[index] !== null
      const unreadable = new Set([...items.keys()].filter(isUnreadable))
      const hasNext = typeof next === 'string'
      return {
        items,
        unreadable,
        total: total ?? null,
        // A missing `next` means nothing; null means that this is the last page.
        cursor: facts.paging === 'cursor' && next !== null ? (cursors?.after ?? afterIn(next ?? '')) : null,
        hasNext,
        offset: offset ?? null,
        limit: limit ?? null,
      }
    },
    identity: (item) => (item === null ? null : identity(item)),
    hidden(item, unreadable = false) {
      if (item === null) return { at: null, withheld: !unreadable }
      const rejected = rejects(item, NOWHERE)
      if (rejected === null) return null
      const at = columns.added_at?.cell(item, NOWHERE)
      return { at: typeof at === 'string' ? at : null, withheld: rejected === WITHDRAWN }
    },
    row(item, place, unreadable) {
      if (item === null) return { rejected: unreadable ? UNREADABLE : WITHDRAWN }
      const rejected = rejects(item, place)
      return rejected === null ? rowOf(columns, item, place) : { rejected }
    },
  }
  return stream
}

const NOWHERE: RowPlace = { rank: 0, syncedAt: '', part: null }

/** The cursor in the address of the next page. */
function afterIn(next: string): string | null {
  return URL.canParse(next) ? new URL(next).searchParams.get('after') : null
}

function unwrap(body: unknown, name: string): unknown {
  return z.looseObject({ [name]: z.unknown() }).parse(body)[name]
}

/** The table for the rows of a stream or an import. */
export function streamTable(stream: LandedKind): Table {
  return { schema: 'raw', name: stream.table ?? stream.name, columns: stream.columns, key: stream.key }
}

/** The history table of a stream, or null. */
export function historyTable(stream: LandedKind): Table | null {
  const { history, columns, key } = stream
  if (!history) return null
  if (history.kind === 'daily') {
    return { schema: 'raw', name: history.table, columns: { ...columns, day: 'date' }, key: ['day', ...key] }
  }
  const { by, carry } = history
  const kept = Object.fromEntries([...(by ?? key), ...carry].map((name) => [name, columns[name] ?? 'text'] as const))
  return {
    schema: 'raw',
    name: history.table,
    columns: { ...kept, change: 'text', ...(by ? { copies: 'integer' } : {}), seen_at: 'timestamp' },
    key: [...(by ?? key), 'change', 'seen_at'],
  }
}

/** The tables of a stream, the main one first. */
export function tablesOf(stream: LandedKind): Table[] {
  return [streamTable(stream), historyTable(stream)].filter((table) => table !== null)
}
