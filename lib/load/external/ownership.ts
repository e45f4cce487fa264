import { db, Prisma, type WarehouseConnection } from '#lib/db.ts'

/** A connection as a session read it when it began, with the turn that it took. */
type Begun = Pick<WarehouseConnection, 'id' | 'copy' | 'loadingUntil'>

/**
 * Whether what a session did still counts: not when another place was saved meanwhile, all tables shall be copied again,
 * or a repetition took the turn over. Until the transaction ends nobody can begin anew.
 */
export async function holdCurrent(tx: Prisma.TransactionClient, { id, copy, loadingUntil }: Begun): Promise<boolean> {
  const held = await tx.$queryRaw<unknown[]>(
    Prisma.sql`select 1 from "WarehouseConnection"
      where id = ${id} and copy = ${copy} and "loadingUntil" = ${loadingUntil} for update`,
  )
  return held.length > 0
}

export async function isCurrent({ id, copy, loadingUntil }: Begun): Promise<boolean> {
  return (await db().warehouseConnection.count({ where: { id, copy, loadingUntil } })) > 0
}
