import { randomBytes } from 'node:crypto'
import { createDatabase, withClient } from '#scripts/postgres.ts'

/** Databases for tests, on the server of the test run (testing/postgres/postgres.ts). */

export interface TestDatabase {
  url: string
  /** Drops the database and closes its connections. */
  drop(): Promise<void>
}

/** Creates an empty database. */
export function testDatabase(): Promise<TestDatabase> {
  return makeDatabase()
}

/** Creates a database with all migrations, quickly, by copying a template. */
export function migratedDatabase(): Promise<TestDatabase> {
  return makeDatabase(fromRun('TEST_TEMPLATE'))
}

async function makeDatabase(template?: string): Promise<TestDatabase> {
  const server = fromRun('TEST_POSTGRES_URL')
  const name = `test_${randomBytes(8).toString('hex')}`
  await createDatabase(server, name, template)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () =>
      withClient(server, async (client) => {
        await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
      }),
  }
}

function fromRun(name: 'TEST_POSTGRES_URL' | 'TEST_TEMPLATE'): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} isn't set. Only tests named *.integration.test.ts have a Postgres.`)
  return value
}
