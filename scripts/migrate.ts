import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type pg from 'pg'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { withClient } from './postgres.ts'

/**
 * Applies prisma/migrations like `prisma migrate deploy`, with the same table, checksums and lock so that both can be
 * used on one database, but without the program which that command downloads.
 */

interface Folders {
  /** One folder per migration, applied once in the order of their names. */
  migrations: string
  /**
   * Each *.function.sql file below it defines one function, next to the TypeScript that calls it. All are applied at
   * every start, so write CREATE OR REPLACE, and DROP FUNCTION IF EXISTS for the old signature when it changes.
   */
  functions: string
}

const ROOT = join(import.meta.dirname, '..')
const FOLDERS: Folders = { migrations: join(ROOT, 'prisma', 'migrations'), functions: join(ROOT, 'lib') }

// The same number as Prisma's, so that the two never migrate at the same time.
const PRISMA_LOCK = 72_707_369

const BOOKKEEPING = `
create table if not exists _prisma_migrations (
  id                  varchar(36) primary key not null,
  checksum            varchar(64) not null,
  finished_at         timestamptz,
  migration_name      varchar(255) not null,
  logs                text,
  rolled_back_at      timestamptz,
  started_at          timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`

interface Migration {
  name: string
  sql: string
  checksum: string
}

interface Applied {
  migration_name: string
  checksum: string
  finished_at: Date | null
}

export interface MigrationResult {
  applied: string[]
  /** Migrations whose file has changed since they were applied. */
  changed: string[]
}

/**
 * Applies the missing migrations, then all functions. Each migration is one transaction, and all functions together are
 * another one.
 * @throws Stop when a migration or function fails, a migration failed earlier, or the database is newer than this code
 */
export async function migrate(url: string, folders = FOLDERS): Promise<MigrationResult> {
  const migrations = readMigrations(folders.migrations)
  return withClient(url, async (client) => {
    await client.query(`set lock_timeout = '60s'; set statement_timeout = '10min'`)
    await client.query('select pg_advisory_lock($1)', [PRISMA_LOCK]) // released when the connection closes
    await client.query(BOOKKEEPING)
    const history = await readHistory(client)
    refuseBrokenHistory(history, migrations)
    const checksums = new Map(history.map((row) => [row.migration_name, row.checksum]))
    const waiting = migrations.filter(({ name }) => !checksums.has(name))
    for (const migration of waiting) await apply(client, migration)
    await applyFunctions(client, functionFiles(folders.functions))
    return {
      applied: waiting.map(({ name }) => name),
      changed: migrations
        .filter(({ name, checksum }) => checksums.has(name) && checksums.get(name) !== checksum)
        .map(({ name }) => name),
    }
  })
}

/**
 * How many migrations the next start would apply, and the name of one that only a newer version has. Changes nothing.
 */
export async function migrationState(client: pg.Client): Promise<{ pending: number; unknown: string | undefined }> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as found`,
  )
  const history = rows[0]?.found ? await readHistory(client) : []
  const migrations = readMigrations(FOLDERS.migrations)
  const applied = new Set(history.map((row) => row.migration_name))
  const known = new Set(migrations.map(({ name }) => name))
  return {
    pending: migrations.filter(({ name }) => !applied.has(name)).length,
    unknown: history.find((row) => !known.has(row.migration_name))?.migration_name,
  }
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function readHistory(client: pg.Client): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null',
  )
  return rows
}

function refuseBrokenHistory(history: Applied[], migrations: Migration[]): void {
  const failed = history.find((row) => row.finished_at === null)
  if (failed) {
    throw new Stop(`The migration ${failed.migration_name} was started by another program and not finished.`, {
      remedy: 'Inspect the database, then mark it with `prisma migrate resolve`.',
    })
  }
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = history.find((row) => !known.has(row.migration_name))
  if (unknown) {
    throw new Stop(`The database has the migration ${unknown.migration_name}, which this version doesn't know.`, {
      remedy: 'It was used by a newer Tracklake: start that version, or restore an older backup.',
    })
  }
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('begin')
    await client.query(sql)
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('commit')
  } catch (cause) {
    throw new Stop(`The migration ${name} failed and was rolled back: ${messageOf(cause)}`, {
      cause,
      remedy: 'Nothing was changed. Fix the cause and start again.',
    })
  }
}

/** The files that define SQL functions. */
export function functionFiles(folder = FOLDERS.functions): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.function.sql'))
    .map((file) => join(folder, file))
    .sort()
}

async function applyFunctions(client: pg.Client, files: string[]): Promise<void> {
  await client.query('begin')
  for (const file of files) {
    await client.query(readFileSync(file, 'utf8')).catch((cause) => {
      throw new Stop(`The SQL function in ${basename(file)} failed: ${messageOf(cause)}`, {
        cause,
        remedy: 'No function was changed. Fix the cause and start again.',
      })
    })
  }
  await client.query('commit')
}
