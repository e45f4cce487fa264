import { join } from 'node:path'
import { describeDatabase } from '#lib/core/addresses.ts'
import type { Settings } from '#lib/core/config.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import type { Secrets } from '#lib/core/secrets.ts'
import { type ChildEvents, keepRunning, type SupervisedChild } from './child.ts'
import { postgresPlan } from './children.ts'
import { migrate } from './migrate.ts'
import { keyRingOf, type Mode } from './mode.ts'
import { createDatabase, databasesAt, openCluster, withClient } from './postgres.ts'
import { refuseDemoListeners, refuseLostKeys } from './sealed-rows.ts'

/** The app database of an instance: on an embedded Postgres, or at DATABASE_URL. */

export interface AppDatabase {
  /** Migrates the database of a mode. @returns its URL */
  prepare(mode: Mode): Promise<string>
  /** Call it before new secrets are saved. @throws Stop when rows are sealed with a missing key */
  refuseLostKeys(secrets: Secrets): Promise<void>
  /** @param hurry aborted when it must end immediately */
  stop(hurry?: AbortSignal): Promise<void>
}

/** The embedded database of each mode. */
export const DATABASES = { demo: 'tracklake_demo', real: 'tracklake' }

/** @param signal aborted when the start is canceled, by the operator or because the server keeps failing */
export async function openAppDatabase(
  settings: Settings,
  dataFolder: string,
  events: ChildEvents,
  signal: AbortSignal,
): Promise<AppDatabase> {
  if (settings.DATABASE_URL) return outsideDatabase(settings, settings.DATABASE_URL)
  const cluster = await openCluster({ folder: join(dataFolder, 'postgres'), signal })
  const server = keepRunning(postgresPlan(cluster, dataFolder), events)
  await cluster.ready(server.pid, signal).catch(async (error) => {
    await server.stop()
    throw error
  })
  return embeddedDatabase(settings, cluster.url, server)
}

function embeddedDatabase(settings: Settings, url: (database: string) => string, server: SupervisedChild): AppDatabase {
  return {
    async prepare(mode) {
      const name = DATABASES[mode.name]
      await createDatabase(url('postgres'), name)
      await migrateDatabase(url(name))
      return url(name)
    },
    async refuseLostKeys(secrets) {
      for (const name of await databasesAt(url('postgres'), Object.values(DATABASES))) {
        await withClient(url(name), (client) => refuseLostKeys(client, keyRingOf(settings, secrets)))
      }
    },
    stop: (hurry) => server.stop(hurry),
  }
}

function outsideDatabase(settings: Settings, url: string): AppDatabase {
  return {
    async prepare(mode) {
      if (mode.name === 'real') await withClient(url, refuseDemoListeners)
      await migrateDatabase(url)
      return url
    },
    async refuseLostKeys(secrets) {
      await explainUnreachable(url)
      await withClient(url, (client) => refuseLostKeys(client, keyRingOf(settings, secrets)))
    },
    stop: async () => undefined,
  }
}

async function explainUnreachable(url: string): Promise<void> {
  try {
    await withClient(url, (client) => client.query('select 1'))
  } catch (cause) {
    const { database, server } = describeDatabase(url)
    throw new Stop(`The database ${database} at ${server} can't be used: ${messageOf(cause)}.`, {
      cause,
      remedy: 'Correct DATABASE_URL, or remove it to use the embedded Postgres.',
    })
  }
}

async function migrateDatabase(url: string): Promise<void> {
  const { applied, changed } = await migrate(url)
  if (applied.length > 0) console.log(`applied migrations: ${applied.join(', ')}`)
  for (const name of changed) console.log(`the migration ${name} has changed since it was applied here`)
}
