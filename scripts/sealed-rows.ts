import type pg from 'pg'
import { Stop } from '#lib/core/errors.ts'
import { sealedColumns } from '#lib/core/sealed-columns.ts'
import { DEMO_CLIENT_PREFIX } from '#lib/core/secrets.ts'

/** Checks which keys and which mode a database was used with, before anything is created or changed. */

/** @throws Stop when something is sealed with a key that is missing in the ring */
export async function refuseLostKeys(client: pg.Client, keyRing: string): Promise<void> {
  const known = new Set(keyRing.split(',').map((key) => key.split(':')[0]))
  for (const { table, column } of sealedColumns) {
    if (!(await exists(client, table))) continue
    const { rows } = await client.query<{ id: string }>(
      `select distinct split_part("${column}", '.', 2) as id from "${table}" where "${column}" like 'seal.%' limit 100`,
    )
    const lost = rows.find(({ id }) => !known.has(id))
    if (lost) {
      throw new Stop(
        `The database contains secrets sealed with the key "${lost.id}", which this instance doesn't have.`,
        {
          remedy:
            'Restore secrets.json in DATA_DIR from a backup, or add the key to TRACKLAKE_KEY. No new key was created.',
        },
      )
    }
  }
}

/** Whether the database has been used by an instance. */
export async function hasSealedTables(client: pg.Client): Promise<boolean> {
  for (const { table } of sealedColumns) if (!(await exists(client, table))) return false
  return exists(client, 'InstanceFact')
}

/** @throws Stop when the database contains demo listeners; call it before a real instance uses the database */
export async function refuseDemoListeners(client: pg.Client): Promise<void> {
  if (!(await exists(client, 'SpotifyApp'))) return
  const demo = await client.query(`select 1 from "SpotifyApp" where "clientId" like $1 limit 1`, [
    `${DEMO_CLIENT_PREFIX}%`,
  ])
  if (!demo.rowCount) return
  throw new Stop('The database at DATABASE_URL contains demo listeners.', {
    remedy: "Set DATABASE_URL to an empty database: a real instance doesn't keep the demo's data.",
  })
}

/** Whether anybody has signed up. */
export async function hasListeners(client: pg.Client): Promise<boolean> {
  return Boolean((await client.query('select 1 from "Account" limit 1')).rowCount)
}

async function exists(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(`select to_regclass($1) is not null as found`, [`"${table}"`])
  return rows[0]?.found ?? false
}
