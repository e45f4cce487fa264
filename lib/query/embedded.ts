import { LRUCache } from 'lru-cache'
import type { Cell, Row, TableName } from '#lib/core/table.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'
import { type ListenerData, noCopy } from './listener-data.ts'
import { existingTables } from './run-query.ts'

/** Queries of an embedded copy that are no charts. */

/** The tables of a warehouse that exist. */
export interface Tables {
  /** The quoted name. */
  table(table: TableName): string
  /** Whether all of them exist. */
  has(...tables: TableName[]): boolean
  query(sql: string, values: Cell[], limit?: number): Promise<Row[]>
}

/** @param limit of the rows that a query returns if it says nothing else */
async function tablesOf(warehouse: Warehouse, limit = 500): Promise<Tables> {
  const existing = await existingTables(warehouse)
  return {
    table: ({ schema, name }) => warehouse.table(schema, name),
    has: (...tables) => tables.every(({ schema, name }) => existing.has(`${schema}.${name}`)),
    query: (sql, values, most = limit) => warehouse.query(sql, values, { limit: most }),
  }
}

/** Responses that this process caches, of all listeners together. */
const MAX_CACHED = 1_000
/** Presets such as "the last 28 days" move even without new data. */
const CACHED_FOR_MS = 5 * 60_000

type Cache = LRUCache<string, { version: number; result: object }>
const CACHE = Symbol.for('tracklake.embedded-results')
const holder = globalThis as typeof globalThis & { [CACHE]?: Cache }

/**
 * The result of queries of the listener's embedded copy; cached until the data changes.
 * @param key of everything that the result depends on
 * @returns null if nothing was loaded yet
 * @throws Refused 409 where no copy is kept; what `work` throws, which is not cached
 */
export async function queryEmbedded<Result extends object>(
  { id, dataVersion, hasData }: ListenerData,
  key: string,
  work: (tables: Tables) => Promise<Result>,
): Promise<Result | null> {
  if (!isReadable({ id, hasData })) return null
  holder[CACHE] ??= new LRUCache({ max: MAX_CACHED, ttl: CACHED_FOR_MS })
  const cached = holder[CACHE].get(`${id} ${key}`)
  if (cached?.version === dataVersion) return cached.result as Result
  const result = await work(await tablesOf(await openEmbeddedCopy({ userId: id })))
  holder[CACHE].set(`${id} ${key}`, { version: dataVersion, result })
  return result
}

/** The same without a cache. */
export async function readEmbedded<Result>(
  { id, hasData }: Pick<ListenerData, 'id' | 'hasData'>,
  work: (tables: Tables) => Promise<Result>,
): Promise<Result | null> {
  return isReadable({ id, hasData }) ? work(await tablesOf(await openEmbeddedCopy({ userId: id }))) : null
}

/** @throws Refused 409 where no copy is kept */
function isReadable({ id, hasData }: Pick<ListenerData, 'id' | 'hasData'>): boolean {
  if (warehouseFacts[servingKind()].costsToWake) throw noCopy()
  return hasData && hasEmbeddedCopy(id)
}

/** Drops a listener's cached results. */
export function forgetEmbedded(userId: string): void {
  for (const key of holder[CACHE]?.keys() ?? []) if (key.startsWith(`${userId} `)) holder[CACHE]?.delete(key)
}
