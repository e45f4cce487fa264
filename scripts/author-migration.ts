import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { now } from '#lib/core/clock.ts'
import { migrate } from './migrate.ts'
import { startPostgres } from './postgres.ts'
import { diffToSchema } from './schema-engine.ts'

const PRISMA = join(import.meta.dirname, '..', 'prisma')

/** The SQL that turns a migrated database into prisma/schema.prisma; empty when they agree. */
export function missingMigration(migratedUrl: string): Promise<string> {
  return diffToSchema(migratedUrl, join(PRISMA, 'schema.prisma'))
}

/**
 * Writes the missing SQL as a migration with this name and prints its path. Review it before you commit it: a renamed
 * column, for example, comes out as one dropped and one added.
 */
export async function authorMigration(name: string | undefined): Promise<void> {
  if (!name || !/^[a-z0-9_]+$/.test(name)) {
    console.error('Give the migration a name in lower case: npm run migration -- add_landed_objects')
    process.exitCode = 1
    return
  }
  const sql = await compare()
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

/** Applies prisma/migrations to a temporary database and compares it with the schema. */
async function compare(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-migration-'))
  try {
    const server = await startPostgres({ folder, durable: false })
    const url = server.url('postgres')
    return await migrate(url)
      .then(() => missingMigration(url))
      .finally(server.stop)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
