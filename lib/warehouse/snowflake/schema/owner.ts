import { type Failure, Stop } from '#lib/core/errors.ts'
import type { SchemaOwner, SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { codeOf } from '#lib/warehouse/snowflake/driver/failures.ts'
import { openSession, type Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { type Place, storedName } from '#lib/warehouse/snowflake/sql.ts'
import { type Listing, openListing } from './listing.ts'
import { COMMENT, createOwner, insertOwner, LEDGER_TABLE, OWNER_TABLE, selectOwner, updateOwner } from './own-sql.ts'
import { createTable } from './schema-sql.ts'

const ALREADY_THERE = '002002'

/** Who owns the schema, from a listener's point of view. `reclaimable`: the same listener with another instance. */
export type Claim = 'free' | 'ours' | 'reclaimable' | 'foreign'

/**
 * Claims the schema for this listener: marks it, or takes it over from an earlier instance of the same listener.
 * @throws Stop when another listener owns it
 */
export async function claimSchema(options: SnowflakeOptions): Promise<void> {
  const session = openSession(options)
  try {
    await claim(session, options.address, options.owner, openListing(options.address))
  } finally {
    await session.close()
  }
}

/** Marks the schema. If two do so at the same time, the older mark wins. */
export async function claim(session: Session, place: Place, owner: SchemaOwner, listing: Listing): Promise<void> {
  const tables = await ownTables(session, listing)
  const [ownerTable, ledgerTable] = [storedName(OWNER_TABLE.name), storedName(LEDGER_TABLE.name)]
  for (const [name, comment] of tables) if (comment !== COMMENT) throw foreignTable(name)
  if (!tables.has(ownerTable)) await unlessExists(session.run(createOwner(place)))
  await session.run(insertOwner(place, owner.instanceId, owner.accountId))
  const claimed = claimOf(await readOwner(session, place), owner)
  if (claimed === 'foreign') throw foreignSchema(place)
  if (claimed === 'reclaimable') await session.run(updateOwner(place, owner.instanceId, owner.accountId))
  if (!tables.has(ledgerTable)) await unlessExists(session.run(createTable(place, LEDGER_TABLE)))
}

/** Who owns the schema. Writes nothing. */
export async function readClaim(session: Session, place: Place, owner: SchemaOwner, listing: Listing): Promise<Claim> {
  const tables = await ownTables(session, listing)
  for (const [name, comment] of tables) if (comment !== COMMENT) throw foreignTable(name)
  if (!tables.has(storedName(OWNER_TABLE.name))) return 'free'
  return claimOf(await readOwner(session, place), owner)
}

/** Compares the owner in the schema with a listener. */
export function claimOf(current: SchemaOwner | undefined, owner: SchemaOwner): Claim {
  if (!current) return 'free'
  if (current.accountId !== owner.accountId) return 'foreign'
  return current.instanceId === owner.instanceId ? 'ours' : 'reclaimable'
}

/** The failure when another listener owns the schema. */
export function foreignSchema({ schema }: Place): Failure {
  return new Stop(`The schema ${schema} belongs to another listener of Tracklake`, {
    remedy: 'Choose another schema; the setup script creates it. Nothing in this one was touched.',
    context: { kind: 'needs you', check: 'schema' },
  })
}

/** The failure after another instance took the schema over. */
export function schemaTakenOver({ schema }: Place): Failure {
  return new Stop(`Another Tracklake of the same listener has taken over the schema ${schema}`, {
    remedy: 'Stop the other one, then open Connections, Snowflake, and save again to take it back.',
    context: { kind: 'needs you', check: 'schema' },
  })
}

/** The failure when a foreign table has one of our names. */
export function foreignTable(name: string): Failure {
  return new Stop(`The schema contains a table ${name} that Tracklake did not create`, {
    remedy: 'Rename that table, or choose another schema. It was not touched.',
    context: { kind: 'needs you', check: 'schema' },
  })
}

/** Another installation may claim it first; the older mark then wins. */
async function unlessExists(created: Promise<unknown>): Promise<void> {
  try {
    await created
  } catch (error) {
    if (codeOf(error) !== ALREADY_THERE) throw error
  }
}

async function readOwner(session: Session, place: Place): Promise<SchemaOwner | undefined> {
  const { rows } = await session.run(selectOwner(place))
  const [instanceId, accountId] = rows[0] ?? []
  return typeof instanceId === 'string' && typeof accountId === 'string' ? { instanceId, accountId } : undefined
}

/** Which of Tracklake's own tables exist, with their comments. */
async function ownTables(session: Session, listing: Listing): Promise<Map<string, string | null>> {
  const tables = await listing.tablesOf(session, 'raw')
  const own = [OWNER_TABLE.name, LEDGER_TABLE.name].map(storedName)
  return new Map(own.flatMap((name) => (tables.has(name) ? [[name, tables.get(name) ?? null] as const] : [])))
}
