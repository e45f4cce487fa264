import { db, Prisma, type WarehouseConnection } from '../../db.ts'

/** A connection as a session read it when it began. */
type Begun = Pick<WarehouseConnection, 'id' | 'copy'>

/**
 * Whether what a session did still counts: not when another place was saved meanwhile, or all tables shall be copied
 * again. Until the transaction ends nobody can begin anew.
 */
export async function holdCurrent(tx: Prisma.TransactionClient, { id, copy }: Begun): Promise<boolean> {
  const held = await tx.$queryRaw<unknown[]>(
    Prisma.sql`select 1 from "WarehouseConnection" where id = ${id} and copy = ${copy} for update`,
  )
  return held.length > 0
}

export async function isCurrent({ id, copy }: Begun): Promise<boolean> {
  return (await db().warehouseConnection.count({ where: { id, copy } })) > 0
}
