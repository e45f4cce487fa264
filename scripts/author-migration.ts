import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { now } from '../lib/clock.ts'
import { migrate } from './migrate.ts'
import { createDatabase, startPostgres } from './postgres.ts'
import { diffToSchema } from './schema-engine.ts'

const PRISMA = join(import.meta.dirname, '..', 'prisma')

/** The SQL that is missing in prisma/migrations to arrive at prisma/schema.prisma; empty when nothing is. */
export async function missingMigration(server: { url(database: string): string }): Promise<string> {
  const database = `difference_${process.pid}`
  await createDatabase(server.url('postgres'), database)
  await migrate(server.url(database))
  return diffToSchema(server.url(database), join(PRISMA, 'schema.prisma'))
}

/**
 * Writes the missing SQL as a migration of that name and says where. Read it before it is committed: a renamed column,
 * for example, comes out as one dropped and one added.
 */
export async function authorMigration(name: string | undefined): Promise<void> {
  if (!name || !/^[a-z0-9_]+$/.test(name)) {
    console.error('Name the migration in lower case: npm run migration -- add_landed_objects')
    process.exitCode = 1
    return
  }
  const sql = await withScratchServer(missingMigration)
  if (sql === '') {
    console.log('Nothing to migrate: prisma/migrations and prisma/schema.prisma agree.')
    return
  }
  const stamp = now().toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const folder = join(PRISMA, 'migrations', `${stamp}_${name}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'migration.sql'), `${sql}\n`)
  writeFileSync(join(PRISMA, 'migrations', 'migration_lock.toml'), 'provider = "postgresql"\n')
  console.log(`Wrote ${join(folder, 'migration.sql')}`)
}

async function withScratchServer<T>(work: (server: { url(database: string): string }) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-migration-'))
  try {
    const server = await startPostgres({ folder, durable: false })
    return await work(server).finally(server.stop)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
