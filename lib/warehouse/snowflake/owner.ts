import { type Failure, Stop } from '#lib/core/errors.ts'
import type { SchemaOwner, SnowflakeOptions } from './connection.ts'
import { codeOf } from './failures.ts'
import {
  COMMENT,
  createLedger,
  createOwner,
  insertOwner,
  LEDGER_TABLE,
  OWNER_TABLE,
  selectOwner,
  updateOwner,
} from './own-sql.ts'
import { lookUp } from './schema-sql.ts'
import { openSession, type Session } from './session.ts'
import { heldName, type Place } from './sql.ts'

const ALREADY_THERE = '002002'

/** Who has the schema, seen from a listener who wants it. `reclaimable`: the same listener with another instance. */
export type Claim = 'free' | 'ours' | 'reclaimable' | 'foreign'

/**
 * Makes the schema this listener's own: marks it, or takes it over from an earlier instance of the same listener.
 * @throws Stop when another listener has it
 */
export async function claimSchema(options: SnowflakeOptions): Promise<void> {
  const session = openSession(options)
  try {
    await claim(session, options.address, options.owner)
  } finally {
    await session.close()
  }
}

/** Marks the schema. Of two who do so at the same time the one whose mark is older has it. */
export async function claim(session: Session, place: Place, owner: SchemaOwner): Promise<void> {
  const held = await ownTables(session, place)
  const [ownerTable, ledgerTable] = [heldName(OWNER_TABLE.name), heldName(LEDGER_TABLE.name)]
  for (const [name, comment] of held) if (comment !== COMMENT) throw foreignTable(name)
  if (!held.has(ownerTable)) await createMarker(session, place)
  await session.run(insertOwner(place, owner.instanceId, owner.accountId))
  const claimed = standing(await readOwner(session, place), owner)
  if (claimed === 'foreign') throw foreignSchema(place)
  if (claimed === 'reclaimable') await session.run(updateOwner(place, owner.instanceId, owner.accountId))
  if (!held.has(ledgerTable)) await session.run(createLedger(place), { warehouse: false })
}

/** What the schema is to this listener; nothing is written. */
export async function lookAtOwner(session: Session, place: Place, owner: SchemaOwner): Promise<Claim> {
  const held = await ownTables(session, place)
  for (const [name, comment] of held) if (comment !== COMMENT) throw foreignTable(name)
  if (!held.has(heldName(OWNER_TABLE.name))) return 'free'
  return standing(await readOwner(session, place), owner)
}

/** How a marker stands to a listener. */
export function standing(marker: SchemaOwner | undefined, owner: SchemaOwner): Claim {
  if (!marker) return 'free'
  if (marker.accountId !== owner.accountId) return 'foreign'
  return marker.instanceId === owner.instanceId ? 'ours' : 'reclaimable'
}

/** The failure of a session whose schema is another's. */
export function foreignSchema({ schema }: Place): Failure {
  return new Stop(`The schema ${schema} belongs to another listener of Tracklake`, {
    remedy: 'Choose another schema: the setup script makes one. Nothing in this one was touched.',
    context: { kind: 'needs you', check: 'schema' },
  })
}

/** The failure of an instance after another took its listener's schema over. */
export function takenOver({ schema }: Place): Failure {
  return new Stop(`Another Tracklake of the same listener has taken the schema ${schema} over`, {
    remedy: 'Stop the other one, then open Connections, Snowflake, and save again to take it back.',
    context: { kind: 'needs you', check: 'schema' },
  })
}

/** The failure of a table that has one of our names and is not ours. */
export function foreignTable(name: string): Failure {
  return new Stop(`The schema holds a table ${name} that Tracklake did not make`, {
    remedy: 'Rename that table, or choose another schema. It was not touched.',
    context: { kind: 'needs you', check: 'schema' },
  })
}

async function createMarker(session: Session, place: Place): Promise<void> {
  try {
    await session.run(createOwner(place), { warehouse: false })
  } catch (thrown) {
    // Somebody else was faster; whose mark is older shows below.
    if (codeOf(thrown) !== ALREADY_THERE) throw thrown
  }
}

async function readOwner(session: Session, place: Place): Promise<SchemaOwner | undefined> {
  const { rows } = await session.run(selectOwner(place))
  const [instanceId, accountId] = rows[0] ?? []
  return typeof instanceId === 'string' && typeof accountId === 'string' ? { instanceId, accountId } : undefined
}

/** Which of our own tables there are, with their comments. */
async function ownTables(session: Session, place: Place): Promise<Map<string, string | null>> {
  const { rows } = await session.run(lookUp(place, 'raw', [OWNER_TABLE.name, LEDGER_TABLE.name]), { warehouse: false })
  return new Map(rows.map(([table, comment]) => [String(table), comment === null ? null : String(comment)]))
}
