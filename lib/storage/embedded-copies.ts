import { db, Prisma } from '#lib/db.ts'
import { servingKind } from './destinations.ts'

/**
 * Gives every listener the embedded copy that pages ask, where an instance that served from connected warehouses does so
 * no longer; what was read meanwhile waits for it.
 */
export async function prepareServing(): Promise<void> {
  if (servingKind() !== 'duckdb') return
  const without = await db().user.findMany({
    where: { erasingAt: null, connections: { none: { kind: 'duckdb' } }, accounts: { some: { provider: 'spotify' } } },
    select: { id: true },
  })
  if (without.length === 0) return
  await db().warehouseConnection.createMany({
    data: without.map(({ id }) => ({ userId: id, kind: 'duckdb' as const })),
    skipDuplicates: true,
  })
  await db().$executeRaw(Prisma.sql`
    insert into "LoadLedger" ("readId", "connectionId")
    select r.id, c.id from "StreamRead" r join "WarehouseConnection" c on c."userId" = r."userId" and c.kind = 'duckdb'
    where r.state = 'complete' and c."userId" in (${Prisma.join(without.map(({ id }) => id))})
    on conflict do nothing`)
}
