import type { z } from 'zod'
import type { Columns, Json, LoadMode, Row, Table } from '../table.ts'

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

/** Where a row stands: what a row needs besides its item. */
export interface RowPlace {
  /** 1-based position in Spotify's answer, counted through all pages, never renumbered. */
  rank: number
  /** The run's start, ISO 8601. */
  syncedAt: string
  /** The part of the read (a playlist id), or null. */
  part: string | null
}

/** Daily partitions of the whole list, or the keys that came and went. */
export type StreamHistory = { kind: 'daily'; table: string } | { kind: 'changes'; table: string; carry: string[] }

/** What we extract: facts, no deeds. */
export interface Stream<Item = unknown> {
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
  /** Understands one answer, today's and yesterday's field names. @throws ZodError when it is something else */
  page(body: unknown): Page<Item>
  /** Identity of an item within the list, or null for what has none; repeats mean that the list shifted. */
  identity(item: Item): string | null
  /** Several items of the list may rightly be equal, as in playlists. */
  repeats?: boolean
  /** One column value for each column; null = cannot be kept, with its reason. */
  row(item: Item, place: RowPlace): Row | { rejected: string }
  columns: Columns
  key: string[]
  load: LoadMode
  history?: StreamHistory
  /**
   * An unchanged first page and total mean that nothing changed (newest-first lists). Without it a list is always
   * read whole, or compared whole where one page holds it.
   */
  headTells?: boolean
  /** The stream is read in parts: the parts come from what this other stream's items say. */
  partsOf?: { stream: string; column: string }
  /** What the parts of a following stream need to know of this item. */
  part?(item: Item, listener: { spotifyUserId: string }): StreamPart | null
  /** The capability (see the probe) without which the stream is skipped. */
  capability?: string
}

/** A part of another stream's read, for example one playlist. */
export interface StreamPart {
  id: string
  /** Changes whenever the part's content does. */
  version: string
  /** Whether this listener may read its content. */
  readable: boolean
}

/** Keeps the item's type between the functions of one declaration, and hands it on as a Stream of anything. */
export function defineStream<Item>(stream: Stream<Item>): Stream {
  return stream as Stream
}

/** The table that a stream's rows go to. */
export function streamTable(stream: Stream): Table {
  return { schema: 'raw', name: stream.name, columns: stream.columns, key: stream.key }
}

/** A shape that hands on what it does not name, for the json columns. */
export type Shape<T> = z.ZodType<T>

/** A parsed object as a cell of a json column. */
export function asJson(value: unknown): Json {
  return (value ?? null) as Json
}
