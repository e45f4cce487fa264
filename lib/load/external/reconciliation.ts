import { z } from 'zod'
import type { Table } from '#lib/core/table.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { hasDuckdb, openWarehouse } from '#lib/storage/places.ts'
import { streams } from '#lib/streams/index.ts'
import { historyTable, type Stream, streamTable } from '#lib/streams/stream.ts'
import type { SnowflakeWarehouse } from '#lib/warehouse/snowflake/snowflake.ts'
import type { Digest } from '#lib/warehouse/warehouse.ts'
import { isOwnMethod } from './load-method.ts'

/** How one table compared: `alike` null where there is nothing to compare with. */
const Compared = z.record(z.string(), z.object({ rows: z.number(), alike: z.boolean().nullable() }))

export type Compared = z.infer<typeof Compared>

/** The last comparison of a connection, by table. */
export function lastComparison({ compared }: Pick<WarehouseConnection, 'compared'>): Compared {
  return Compared.safeParse(compared).data ?? {}
}

/** The tables of a stream, its own one first. */
export function tablesOf(stream: Stream): Table[] {
  return [streamTable(stream), historyTable(stream)].filter((table) => table !== null)
}

/** Compares every table with the serving copy, by its rows and a hash over their keys: one statement there, one here. */
export async function compareWithServing(
  connection: WarehouseConnection,
  warehouse: SnowflakeWarehouse,
): Promise<void> {
  const here = await servingDigests(connection.userId, streams.flatMap(tablesOf))
  const loaded = await loadedStreams(connection.id)
  // Whether there is a table that nothing was loaded into would have to be looked up, each time.
  const worth = ({ name }: Table, stream: Stream) => (here ? (here[name]?.rows ?? 0) > 0 : loaded.has(stream.name))
  const there = await warehouse.digests(
    streams.flatMap((stream) => tablesOf(stream).filter((table) => worth(table, stream) || loaded.has(table.name))),
  )
  const compared: Compared = {}
  for (const stream of streams) {
    const own = isOwnMethod(connection, stream)
    for (const { name } of tablesOf(stream)) {
      const digest = there[name]
      if (digest) compared[name] = { rows: digest.rows, alike: here && !own ? isAlike(digest, here[name]) : null }
      else if (here?.[name]?.rows) compared[name] = { rows: 0, alike: false }
    }
  }
  await db().warehouseConnection.updateMany({
    where: { id: connection.id, copy: connection.copy },
    data: { compared, comparedAt: new Date() },
  })
}

async function loadedStreams(connectionId: string): Promise<Set<string>> {
  const entries = await db().streamRead.groupBy({
    by: ['stream'],
    where: { ledger: { some: { connectionId, state: 'loaded' } } },
  })
  return new Set(entries.map(({ stream }) => stream))
}

/** Null where pages are not served from a copy. */
async function servingDigests(userId: string, tables: Table[]): Promise<Record<string, Digest | null> | null> {
  if (servingKind() !== 'duckdb' || !hasDuckdb(userId)) return null
  return (await openWarehouse({ userId })).digests(tables)
}

function isAlike(there: Digest, here: Digest | null | undefined): boolean {
  return here ? here.rows === there.rows && here.keys === there.keys : there.rows === 0
}
