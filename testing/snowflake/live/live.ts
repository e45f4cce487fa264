import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { openSession, type Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { openListing } from '#lib/warehouse/snowflake/schema/listing.ts'
import { COMMENT, selectOwner } from '#lib/warehouse/snowflake/schema/own-sql.ts'
import { exact, schemaPath } from '#lib/warehouse/snowflake/sql.ts'
import type { LiveAccount } from './settings.ts'

// Marks a schema that tests are allowed to empty.
const OWNER = { instanceId: 'tracklake-live-tests', accountId: 'tracklake-live-tests' }

/** The connection options for tests with a real account. */
export function liveOptions({ address, privateKey, endpoint }: LiveAccount): SnowflakeOptions {
  return {
    address,
    credential: { method: 'key pair', privateKey },
    owner: OWNER,
    memory: {},
    tag: { run: 'live-tests' },
    endpoint,
  }
}

/**
 * Drops the tables of earlier tests, and only those.
 * @throws Error when the schema belongs to someone
 */
export async function dropLiveTables(options: SnowflakeOptions): Promise<void> {
  const session = openSession(options)
  try {
    const tables = await tablesOf(session, options)
    if (tables.includes('TRACKLAKE_OWNER')) await refuseForeign(session, options)
    else if (tables.length > 0) throw inUse(options)
    // Drop the owner table last, so that an interrupted cleanup can be repeated.
    const last = (name: string) => Number(name === 'TRACKLAKE_OWNER')
    for (const name of tables.toSorted((a, b) => last(a) - last(b))) {
      const text = `DROP TABLE ${schemaPath(options.address).text}.${exact(name).text}`
      await session.run({ text, values: [] })
    }
  } finally {
    await session.close()
  }
}

async function tablesOf(session: Session, { address }: SnowflakeOptions): Promise<string[]> {
  const tables = await openListing(address).tablesOf(session, 'raw')
  return [...tables].filter(([, comment]) => comment === COMMENT).map(([name]) => name)
}

async function refuseForeign(session: Session, options: SnowflakeOptions): Promise<void> {
  const { rows } = await session.run(selectOwner(options.address))
  if (rows.some(([, accountId]) => accountId !== OWNER.accountId)) throw inUse(options)
}

function inUse({ address }: SnowflakeOptions): Error {
  return new Error(`The schema ${address.schema} contains tables of a real Tracklake. Use a schema only for tests.`)
}
