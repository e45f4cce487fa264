import { z } from 'zod'
import { HealthResponse } from '#lib/api/instance.ts'
import { DAY, HOUR, now, SECOND } from '#lib/core/clock.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { localOrigin } from '#scripts/environment.ts'
import { migrationState } from '#scripts/migrate.ts'
import { usesEmbeddedEngine } from '#scripts/mode.ts'
import { withClient } from '#scripts/postgres.ts'
import { refuseLostKeys } from '#scripts/sealed-rows.ts'
import { MIN_FREE_MB } from '../data-folder.ts'
import { freeMegabytes } from './machine.ts'
import { type Check, type Finding, ok, problem, skipped, warning } from './report.ts'
import { type OpenedDatabase, openDatabase, type Situation } from './situation.ts'

const DEADLINE_MS = 8 * SECOND
const START_POSTGRES_MS = 60 * SECOND
const MAX_ACCOUNTS = 20
const SEE_POSTGRES = 'not checked: see Postgres'

/** Opened once for all checks that need it; `close` ends a server that was started for them. */
export class Database {
  #opened: Promise<OpenedDatabase | undefined> | undefined
  readonly #situation: Situation

  constructor(situation: Situation) {
    this.#situation = situation
  }

  /** @returns undefined when it doesn't exist yet */
  open(): Promise<OpenedDatabase | undefined> {
    this.#opened ??= openDatabase(this.#situation)
    return this.#opened
  }

  /** Its address; undefined when it doesn't exist or can't be used, which another check reports. */
  async url(): Promise<string | undefined> {
    const url = (await this.open().catch(() => undefined))?.url
    if (url === undefined) return undefined
    return withClient(url, async () => url).catch(() => undefined)
  }

  /** As `url`, but also undefined until the next start has applied pending migrations, for what queries its tables. */
  async currentUrl(): Promise<string | undefined> {
    const url = await this.url()
    if (url === undefined) return undefined
    const state = await withClient(url, migrationState).catch(() => undefined)
    return state?.pending === 0 && !state.unknown ? url : undefined
  }

  async close(): Promise<void> {
    await (await this.#opened?.catch(() => undefined))?.close()
  }
}

/** The Snowflake accounts of listeners; undefined when the database can't be read. */
export async function snowflakeAccounts(database: Database): Promise<string[] | undefined> {
  const url = await database.currentUrl()
  if (url === undefined) return undefined
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ account: string }>(
      `select distinct settings->>'account' as account from "WarehouseConnection"
       where kind = 'snowflake' and settings->>'account' is not null limit ${MAX_ACCOUNTS}`,
    )
    return rows.map(({ account }) => account)
  }).catch(() => undefined)
}

export function instanceChecks(situation: Situation, database: Database): Check[] {
  return [
    { name: 'Postgres', find: () => postgres(situation, database), deadlineMs: START_POSTGRES_MS },
    { name: 'key ring', find: () => keyRing(situation, database), deadlineMs: START_POSTGRES_MS },
    { name: 'web app', find: () => webApp(situation) },
    { name: 'engine', find: () => engine(situation) },
    { name: 'last sync', find: () => lastSync(database), deadlineMs: START_POSTGRES_MS },
    { name: 'landing zone', find: () => landingZone(database), deadlineMs: START_POSTGRES_MS },
  ]
}

async function postgres({ dataFolder, settings }: Situation, database: Database): Promise<Finding> {
  if (!settings.DATABASE_URL && freeMegabytes(dataFolder) < MIN_FREE_MB) {
    return skipped('not checked: not enough disk space to start it')
  }
  const opened = await database.open()
  if (!opened) return skipped('will be created by the first start')
  const state = await withClient(opened.url, migrationState).catch((cause) => {
    if (isMissingDatabase(cause)) return undefined
    throw new Stop(`it can't be used: ${messageOf(cause)}`, {
      cause,
      remedy: settings.DATABASE_URL
        ? 'Correct DATABASE_URL, or remove it to use the embedded Postgres.'
        : 'See logs/postgres.log in DATA_DIR.',
    })
  })
  if (!state) return skipped('will be created by the next start')
  const { pending, unknown } = state
  const how = settings.DATABASE_URL ? 'at DATABASE_URL' : opened.isPrivate ? 'started for this check' : 'running'
  if (unknown)
    return problem(
      `it was used by a newer Tracklake (migration ${unknown})`,
      'Start that version, or restore a backup.',
    )
  return ok(
    pending === 0 ? how : `${how}; the next start applies ${pending} ${pending === 1 ? 'migration' : 'migrations'}`,
  )
}

/** See https://www.postgresql.org/docs/18/errcodes-appendix.html: invalid_catalog_name. */
function isMissingDatabase(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '3D000'
}

async function keyRing(situation: Situation, database: Database): Promise<Finding> {
  const ring = situation.keyRing()
  const url = await database.url()
  if (url === undefined)
    return ring ? ok('present; not compared with the database') : skipped('will be created by the first start')
  await withClient(url, (client) => refuseLostKeys(client, ring ?? ''))
  return ok('decrypts everything in the database')
}

async function webApp({ settings, ports, isRunning }: Situation): Promise<Finding> {
  if (!isRunning) return skipped('not running')
  const origin = localOrigin(settings.HOST, ports.web)
  try {
    const response = await fetch(`${origin}/api/health`, { signal: AbortSignal.timeout(DEADLINE_MS) })
    const { status, checks } = HealthResponse.parse(await response.json())
    const broken = checks.filter((check) => check.status !== 'ok').map(({ name, detail }) => `${name}: ${detail}`)
    if (status === 'ok') return ok(`healthy at ${origin}`)
    const remedy = 'The causes are in logs/web.log in DATA_DIR.'
    return status === 'down' ? problem(broken.join('; '), remedy) : warning(broken.join('; '), remedy)
  } catch {
    return problem(
      `doesn't respond at ${origin}`,
      'If it was just started, wait a moment. Otherwise see logs/web.log in DATA_DIR.',
    )
  }
}

const EngineHealth = z.object({ ok: z.boolean(), problem: z.string().nullable() })

async function engine({ settings, ports, isRunning }: Situation): Promise<Finding> {
  const isEmbedded = usesEmbeddedEngine(settings)
  if (isEmbedded && !isRunning) return skipped('embedded; not running')
  if (!isEmbedded && !settings.INNGEST_BASE_URL) return skipped('Inngest Cloud, not checked')
  const origin = isEmbedded ? `http://127.0.0.1:${ports.engine}` : settings.INNGEST_BASE_URL
  const name = isEmbedded ? 'embedded' : 'Inngest server'
  const remedy = isEmbedded
    ? 'See logs/engine.log in DATA_DIR.'
    : 'Start that server, or correct INNGEST_BASE_URL; see docs/inngest.md.'
  const response = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(DEADLINE_MS) }).catch(() => undefined)
  if (!response?.ok) return problem(`${name}: doesn't respond`, remedy)
  const report = EngineHealth.safeParse(await response.json().catch(() => null)).data
  if (report && !report.ok) return problem(`${name}: ${report.problem ?? 'not ready'}`, remedy)
  return ok(`${name}: responding`)
}

async function lastSync(database: Database): Promise<Finding> {
  const url = await database.currentUrl()
  if (url === undefined) return skipped(SEE_POSTGRES)
  const { rows } = await withClient(url, (client) =>
    client.query<{ state: string; endedAt: Date; listeners: number }>(
      `select state::text, "endedAt" from "Run" where kind = 'extract' and "endedAt" is not null
       order by "endedAt" desc limit 1`,
    ),
  )
  const [last] = rows
  if (!last) return skipped('none yet')
  const age = now().getTime() - last.endedAt.getTime()
  const detail = `${last.state.replaceAll('_', ' ')}, ${Math.round(age / HOUR)} h ago`
  if (last.state === 'failed') return warning(detail, 'Its page under Sync gives the reason and the fix.')
  if (age > 2 * DAY) return warning(detail, 'Start Tracklake, and look for a banner on its pages.')
  return ok(detail)
}

/** How much the landed responses take, as recorded; a page that was packed counts with its size in the pack. */
async function landingZone(database: Database): Promise<Finding> {
  const url = await database.currentUrl()
  if (url === undefined) return skipped(SEE_POSTGRES)
  const { rows } = await withClient(url, (client) =>
    client.query<{ megabytes: number; largest: number; packed: number; listeners: number }>(
      `select coalesce(sum(bytes), 0) / 1e6 as megabytes, coalesce(max(bytes), 0) / 1e6 as largest,
              coalesce(sum(packed), 0) as packed, count(*)::int as listeners
       from (
         select sum(o.bytes)::float8 as bytes, count(o."packedAs")::float8 as packed
         from "LandedObject" o join "StreamRead" r on r.id = o."readId"
         where o.outcome <> 'superseded' group by r."userId"
       ) as listener`,
    ),
  )
  const [size] = rows
  if (!size || size.listeners === 0) return skipped('empty')
  const most = size.listeners === 1 ? '' : ` of ${size.listeners} listeners, at most ${megabytes(size.largest)} each`
  return ok(`${megabytes(size.megabytes)}${most}; ${size.packed} responses are packed`)
}

const megabytes = (value: number) => `${value.toFixed(1)} MB`
