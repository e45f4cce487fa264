import { join } from 'node:path'
import type { Settings } from '#lib/core/config.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import type { Secrets } from '#lib/core/secrets.ts'
import { type ChildEvents, keepRunning, type SupervisedChild } from './child.ts'
import { postgresPlan } from './children.ts'
import { migrate } from './migrate.ts'
import { keyRingOf, type Mode } from './mode.ts'
import { createDatabase, openCluster, withClient } from './postgres.ts'
import { refuseDemoListeners, refuseLostKeys } from './sealed-rows.ts'

/** The app database of an instance: on a Postgres of its own, or where DATABASE_URL says. */

export interface AppDatabase {
  /** Where the database of a mode is, migrated. */
  prepare(mode: Mode): Promise<string>
  /** @throws Stop when rows are sealed with a key that is not there; asked before new secrets are stored */
  refuseLostKeys(secrets: Secrets): Promise<void>
  stop(): Promise<void>
}

const DATABASES = { demo: 'tracklake_demo', real: 'tracklake' }

/** @param signal aborted when the start is to end, because it was asked to or the server was given up */
export async function openAppDatabase(
  settings: Settings,
  dataFolder: string,
  events: ChildEvents,
  signal: AbortSignal,
): Promise<AppDatabase> {
  if (settings.DATABASE_URL) return outsideDatabase(settings, settings.DATABASE_URL)
  const cluster = await openCluster({ folder: join(dataFolder, 'postgres') })
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
      await bringUpToDate(url(name))
      return url(name)
    },
    async refuseLostKeys(secrets) {
      const { rows } = await withClient(url('postgres'), (client) =>
        client.query<{ datname: string }>('select datname from pg_database where datname = any($1)', [
          Object.values(DATABASES),
        ]),
      )
      for (const { datname } of rows) {
        await withClient(url(datname), (client) => refuseLostKeys(client, keyRingOf(settings, secrets)))
      }
    },
    stop: () => server.stop(),
  }
}

function outsideDatabase(settings: Settings, url: string): AppDatabase {
  return {
    async prepare(mode) {
      if (mode.name === 'real') await withClient(url, refuseDemoListeners)
      await bringUpToDate(url)
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
    const { host, pathname } = new URL(url)
    throw new Stop(`The database ${pathname.slice(1)} at ${host} cannot be used: ${messageOf(cause)}.`, {
      cause,
      remedy: 'Correct DATABASE_URL, or leave it out to use the embedded Postgres.',
    })
  }
}

async function bringUpToDate(url: string): Promise<void> {
  const { applied, changed } = await migrate(url)
  if (applied.length > 0) console.log(`the database is migrated (${applied.join(', ')})`)
  for (const name of changed) console.log(`the migration ${name} was changed after it was applied here`)
}
