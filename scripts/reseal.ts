import { join, resolve } from 'node:path'
import { MINUTE, now } from '#lib/core/clock.ts'
import { type Settings, SettingsProblem } from '#lib/core/config.ts'
import { Stop } from '#lib/core/errors.ts'
import { type KeyRing, parseKeyRing } from '#lib/core/seal.ts'
import { newSecrets, readSecrets } from '#lib/core/secrets.ts'
import { KEY_RING_FACT, type Query, type Resealed, resealAll } from '#lib/ops/reseal.ts'
import { DATABASES } from './app-database.ts'
import { isInUse, openDataFolder } from './data-folder.ts'
import { keyRingOf } from './mode.ts'
import { databasesAt, runningServerUrl, startPostgres, withClient } from './postgres.ts'
import { readEnvironmentAndSecrets } from './read-environment.ts'
import { hasSealedTables, refuseLostKeys } from './sealed-rows.ts'

/**
 * npm run reseal: encrypts all secrets with the newest key, so that older keys can be removed. If the instance is
 * stopped, starts the embedded Postgres in the meantime. Can be interrupted and repeated at any time.
 */

/** Longer than any lease on a secret. It reports progress at this interval, and gives up if there was none. */
const REPORT_MS = MINUTE

try {
  process.exitCode = (await run(await readEnvironmentAndSecrets(process.env))) ? 0 : 1
} catch (error) {
  if (error instanceof SettingsProblem) console.error(error.message)
  else if (error instanceof Stop) console.error(`${error.message} ${error.remedy}`)
  else throw error
  process.exitCode = 1
}

/** @returns whether every secret has the newest key now */
async function run(settings: Settings): Promise<boolean> {
  const folder = resolve(settings.DATA_DIR)
  const secrets = readSecrets(folder)
  if (!secrets && !settings.DATABASE_URL) {
    throw new Stop(`${folder} has no secrets.json, so there is nothing to encrypt.`, {
      remedy: 'Set DATA_DIR to the folder of the instance.',
    })
  }
  const ring = keyRingOf(settings, secrets ?? newSecrets())
  const isDone = await withDatabases(settings, folder, async (urls) => {
    let isDone = true
    for (const url of urls) isDone = (await withClient(url, (client) => resealDatabase(client, ring))) && isDone
    return isDone
  })
  if (isDone) console.log(conclusion(parseKeyRing(ring), settings))
  return isDone
}

/** Runs `work` with the addresses of the instance's databases. */
async function withDatabases<T>(
  { DATABASE_URL, DATA_DIR }: Settings,
  folder: string,
  work: (urls: string[]) => Promise<T>,
): Promise<T> {
  if (DATABASE_URL) return work([DATABASE_URL])
  const postgres = join(folder, 'postgres')
  const names = Object.values(DATABASES)
  if (isInUse(folder)) {
    const url = (name: string) => runningServerUrl(postgres, name)
    return work((await databasesAt(url('postgres'), names)).map(url))
  }
  const { release } = await openDataFolder(DATA_DIR)
  try {
    console.log('the instance is not running, so the database is started for this command')
    const server = await startPostgres({ folder: postgres })
    try {
      return await work((await databasesAt(server.url('postgres'), names)).map(server.url))
    } finally {
      await server.stop()
    }
  } finally {
    release()
  }
}

type Client = Parameters<Parameters<typeof withClient>[1]>[0]

/** @returns whether every secret of this database has the newest key now */
async function resealDatabase(client: Client, ringText: string): Promise<boolean> {
  const name = client.database
  if (!(await hasSealedTables(client))) return true
  await refuseLostKeys(client, ringText)
  const ring = parseKeyRing(ringText)
  await refuseOlderInstance(client, ring)
  const query: Query = async (text, values) => (await client.query(text, values)).rows
  let total = 0
  let before = Number.POSITIVE_INFINITY
  for (;;) {
    const report = await resealAll(query, ring, new Date(now().getTime() + REPORT_MS))
    const { remaining } = report
    total += report.resealed
    console.log(`${name}: ${total} secrets encrypted with the newest key${remaining > 0 ? `, ${remaining} to go` : ''}`)
    if (remaining === 0 || remaining >= before) return explain(name, report)
    before = remaining
  }
}

/** Prints what is left. @returns whether nothing is */
function explain(name: string | undefined, { failed, examples, remaining }: Resealed): boolean {
  for (const { table, column, id, problem } of examples) {
    console.error(`${name}: ${table}.${column} in row ${id} could not be decrypted: ${problem}.`)
  }
  if (failed > 0) {
    console.error(
      `${name}: ${failed} secrets could not be decrypted. Their owners must enter them again (Reconnect, or save the form). Keep the old keys until then.`,
    )
  }
  if (remaining > 0) {
    console.error(
      `${name}: ${remaining} secrets still have an older key. Put the new key first in the ring, restart every web process and run this again.`,
    )
  }
  return failed + remaining === 0
}

/** @throws Stop while a web process runs that can't read secrets with the newest key, or encrypts with another one */
async function refuseOlderInstance(client: Client, ring: KeyRing): Promise<void> {
  const [newest = ''] = ring.keys()
  const { rows: running } = await client.query(
    `select 1 from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'tracklake%' limit 1`,
  )
  if (running.length === 0) return
  const { rows } = await client.query<{ value: string }>('select value from "InstanceFact" where name = $1', [
    KEY_RING_FACT,
  ])
  if (rows[0]?.value.split(',')[0] === newest) return
  throw new Stop(`The running instance was started before "${newest}" became the first key of the ring.`, {
    remedy: 'Restart it first, every web process of it, and run this again.',
  })
}

function conclusion(ring: KeyRing, { TRACKLAKE_KEY }: Settings): string {
  const [newest, ...older] = ring.keys()
  const all = `Everything is encrypted with the key "${newest}".`
  if (older.length === 0) return `${all} There is no other key to remove.`
  const place = TRACKLAKE_KEY ? 'TRACKLAKE_KEY' : '"keyRing" in secrets.json'
  const names = older.map((key) => `"${key}"`).join(', ')
  return `${all} Remove ${names} from ${place} and restart. Keep it for older backups, which still need it.`
}
