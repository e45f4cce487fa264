import { z } from 'zod'
import type { Columns, LoadMode, Row, Table } from '#lib/core/table.ts'
import { listOf, withoutMarkets } from '#lib/spotify/objects.ts'
import { type ColumnSet, type RowPlace, rowOf, typesOf } from './columns.ts'
import { WITHDRAWN } from './rejections.ts'

/** How often a stream is due by itself. */
export type Due = 'daily' | 'weekly' | 'half-hourly'

/** Streams that are scheduled together. */
export type StreamGroup = 'top lists' | 'recently played' | 'playlists' | 'library' | 'charts'

/**
 * Addresses that share one limit of requests in flight and one daily quota. Spotify does not publish its groups;
 * these follow the paths that were seen to be throttled together.
 */
export type RequestGroup = 'top' | 'player' | 'library' | 'playlists' | 'playlist items' | 'catalogue' | 'account'

/**
 * `single`: one answer holds all there is. `offset`: `limit` and `offset`, pages may be asked side by side.
 * `cursor`: each page names the next one.
 */
export type Paging = 'single' | 'offset' | 'cursor'

/** What the pipeline has to know of one answer. */
export interface Page<Item> {
  /** In Spotify's order; null where Spotify sends null. */
  items: (Item | null)[]
  /** Spotify's own count of the whole list; compared with itself only. */
  total: number | null
  /** `cursor` paging: what names the next page; null on the last one. */
  cursor: string | null
}

/** Daily partitions of the whole list, or the keys that came and went. */
export type StreamHistory = { kind: 'daily'; table: string } | { kind: 'changes'; table: string; carry: string[] }

/** What we extract: facts, no deeds. */
interface StreamFacts<Item> {
  /** Also the table in schema raw. */
  name: string
  /** What the pages call it, for example "Top tracks, 4 weeks". */
  title: string
  group: StreamGroup
  due: Due
  /** The scope that Spotify asks for; null where none is needed. */
  scope: string | null
  /** Path below the API's root; `{part}` stands for the part of a read. */
  endpoint: string
  query: Record<string, string>
  requests: RequestGroup
  paging: Paging
  /** Items asked for with one request. */
  limit: number
  /** Several items of the list may rightly be equal, as in playlists. */
  repeats?: boolean
  key: string[]
  load: LoadMode
  history?: StreamHistory
  /**
   * What an unchanged first page and total say. `nothing new`: nothing changed, until the weekly whole read. `growth`:
   * also, in a newest-first list, that new items before the old head are all there is to read. Without it a list is
   * always read whole, or compared whole where one page holds it.
   */
  changeDetection?: 'nothing new' | 'growth'
  /** One answer shows only the newest items: each look is recorded as a poll, and a gap to the last one as a hole. */
  polled?: { at: string }
  /** The stream is read in parts: the parts come from what this other stream's items say. */
  partsOf?: { stream: string; column: string }
  /** What the parts of a following stream need to know of this item. */
  part?(item: Item, listener: { spotifyUserId: string }): StreamPart | null
  /** The capability (see the probe) without which the stream is skipped. */
  capability?: string
}

/** A stream as its file declares it. */
interface StreamDeclaration<Item> extends StreamFacts<NoInfer<Item>> {
  /** The shape of one item; it alone decides the item's type. */
  item: z.ZodType<Item>
  /** The field of the answer that the list is wrapped in; none as a rule. */
  wrappedIn?: string
  identity(item: NoInfer<Item>): string | null
  /** Why the item cannot be kept, or null. What stands in the key must not be null afterwards. */
  rejects(item: NoInfer<Item>): string | null
  columns: ColumnSet<NoInfer<Item>>
}

/** A stream as the pipeline uses it. */
export interface Stream<Item = unknown> extends StreamFacts<Item> {
  /** Understands one answer, today's and yesterday's field names. @throws ZodError when it is something else */
  page(body: unknown): Page<Item>
  /** Identity of an item within the list, or null for what has none; repeats mean that the list shifted. */
  identity(item: Item | null): string | null
  /** One value for each column, or the reason why the item cannot be kept. */
  row(item: Item | null, place: RowPlace): Row | { rejected: string }
  columns: Columns
}

/** A part of another stream's read, for example one playlist. */
export interface StreamPart {
  id: string
  /** Changes whenever the part's content does; empty when Spotify does not tell, so that only reading shows it. */
  version: string
  /** Whether this listener may read its content. */
  readable: boolean
}

/** Makes a stream of its declaration; the item's type stays inside. */
export function defineStream<Item>(declaration: StreamDeclaration<Item>): Stream {
  const { item: shape, wrappedIn, identity, rejects, columns, ...facts } = declaration
  const list = listOf(shape)
  const stream: Stream<Item> = {
    ...facts,
    columns: typesOf(columns),
    page(body) {
      const { items, total, next, cursors } = list.parse(withoutMarkets(wrappedIn ? unwrap(body, wrappedIn) : body))
      const goesOn = facts.paging === 'cursor' && next !== null
      return { items, total: total ?? null, cursor: goesOn ? (cursors?.after ?? null) : null }
    },
    identity: (item) => (item === null ? null : identity(item)),
    row(item, place) {
      if (item === null) return { rejected: WITHDRAWN }
      const rejected = rejects(item)
      return rejected === null ? rowOf(columns, item, place) : { rejected }
    },
  }
  return stream
}

function unwrap(body: unknown, name: string): unknown {
  return z.looseObject({ [name]: z.unknown() }).parse(body)[name]
}

/** The table that a stream's rows go to. */
export function streamTable(stream: Stream): Table {
  return { schema: 'raw', name: stream.name, columns: stream.columns, key: stream.key }
}

/** The table that remembers what a stream's own table forgets, or null. */
export function historyTable(stream: Stream): Table | null {
  const { history, columns, key } = stream
  if (!history) return null
  if (history.kind === 'daily') {
    return { schema: 'raw', name: history.table, columns: { ...columns, day: 'date' }, key: ['day', ...key] }
  }
  const kept = Object.fromEntries([...key, ...history.carry].map((name) => [name, columns[name] ?? 'text'] as const))
  return {
    schema: 'raw',
    name: history.table,
    columns: { ...kept, change: 'text', seen_at: 'timestamp' },
    key: [...key, 'change', 'seen_at'],
  }
}
