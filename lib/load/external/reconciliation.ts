import { z } from 'zod'
import type { Table } from '#lib/core/table.ts'
import { db, type WarehouseConnection } from '#lib/db.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { EXCLUSIONS, GENRES, MUSIC, RECORDINGS, type TableGroup, tableGroups } from '#lib/streams/index.ts'
import type { Digest, ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { hasCustomMethod } from './load-method.ts'

/** The result per table; `alike` is null if there was nothing to compare with. */
const Compared = z.record(z.string(), z.object({ rows: z.number(), alike: z.boolean().nullable() }))

export type Compared = z.infer<typeof Compared>

/** The last comparison of a connection, by table. */
export function lastComparison({ compared }: Pick<WarehouseConnection, 'compared'>): Compared {
  return Compared.safeParse(compared).data ?? {}
}

/** The version of a listener's data in the embedded copy, which changes with each load and build. */
export async function dataVersionOf({ userId }: WarehouseConnection): Promise<number> {
  return (await db().user.findUniqueOrThrow({ where: { id: userId }, select: { dataVersion: true } })).dataVersion
}

/**
 * Compares every table with the embedded copy by row count and a hash over keys, in one statement on each side.
 * @param builtFrom the version of the embedded copy when what its builds write (pairs, genres …) was loaded from it. A later
 *   build may have changed these tables, which is no difference: the next load brings it.
 */
export async function compareWithServing(
  connection: WarehouseConnection,
  warehouse: ExternalWarehouse,
  builtFrom: number,
): Promise<void> {
  const here = await servingDigests(
    connection.userId,
    tableGroups.flatMap(({ tables }) => tables),
  )
  const loaded = await loadedGroups(connection.id)
  // Skips tables without rows: looking up whether they exist would cost statements each time.
  const hasRows = ({ name }: Table, group: TableGroup) =>
    here ? (here[name]?.rows ?? 0) > 0 : group.name === MUSIC ? loaded.size > 0 : loaded.has(group.name)
  const there = await warehouse.digests(
    tableGroups.flatMap((group) => group.tables.filter((table) => hasRows(table, group) || loaded.has(table.name))),
  )
  const isBuiltSince = (await dataVersionOf(connection)) !== builtFrom
  const compared: Compared = {}
  for (const { kind, tables, isCopied } of tableGroups) {
    const comparable = here && !(kind && hasCustomMethod(connection, kind))
    const different = isBuiltSince && !isCopied ? null : false
    for (const { name } of tables) {
      const digest = there[name]
      if (digest)
        compared[name] = { rows: digest.rows, alike: comparable ? isAlike(digest, here[name]) || different : null }
      else if (here?.[name]?.rows) compared[name] = { rows: 0, alike: different }
    }
  }
  await db().warehouseConnection.updateMany({
    where: { id: connection.id, copy: connection.copy },
    data: { compared, comparedAt: new Date() },
  })
}

/** The groups of tables into which something was loaded, without those that all loads fill. */
async function loadedGroups(connectionId: string): Promise<Set<string>> {
  const entries = await db().streamRead.groupBy({
    by: ['stream'],
    where: { ledger: { some: { connectionId, state: 'loaded' } } },
  })
  const decisions = await db().warehouseConnection.findUnique({
    where: { id: connectionId },
    select: { exclusionsUntil: true, recordingsUntil: true, genresLoaded: true },
  })
  return new Set([
    ...entries.map(({ stream }) => stream),
    ...(decisions?.exclusionsUntil ? [EXCLUSIONS] : []),
    ...(decisions?.recordingsUntil ? [RECORDINGS] : []),
    ...(decisions?.genresLoaded ? [GENRES] : []),
  ])
}

/** Null if there is no embedded copy. */
async function servingDigests(userId: string, tables: Table[]): Promise<Record<string, Digest | null> | null> {
  if (!keepsEmbeddedCopies() || !hasEmbeddedCopy(userId)) return null
  return (await openEmbeddedCopy({ userId })).digests(tables)
}

function isAlike(there: Digest, here: Digest | null | undefined): boolean {
  return here ? here.rows === there.rows && here.keys === there.keys : there.rows === 0
}
