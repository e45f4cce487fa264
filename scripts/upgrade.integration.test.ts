import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { me } from '#lib/accounts/status.ts'
import { openSession } from '#lib/auth/sessions.ts'
import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { seal } from '#lib/core/seal.ts'
import { db, type Prisma } from '#lib/db.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'
import { adminOverview } from '#lib/ops/admin.ts'
import { watchConsent } from '#lib/ops/consent-watch.ts'
import { watchLongRuns } from '#lib/ops/long-runs.ts'
import { probeNow } from '#lib/ops/probe-app.ts'
import { forgetQuota } from '#lib/ops/quota-status.ts'
import { watchStale } from '#lib/ops/stale-watch.ts'
import { tokenPlace } from '#lib/quota/access-token.ts'
import { plan, recoverStreamRuns } from '#lib/schedule/plan.ts'
import { getFromSpotify } from '#lib/spotify/client.ts'
import { embeddedDue, externalDue } from '#lib/storage/destinations.ts'
import { landing } from '#lib/storage/places.ts'
import { type TestDatabase, testDatabase } from '#testing/postgres/database.ts'
import { loadAll, runJobs, runNow, runOf } from '#testing/sync/run-jobs.ts'
import { type SnowflakeHarness, startSnowflakeHarness } from '#testing/sync/snowflake-harness.ts'
import { migrate } from './migrate.ts'
import { withClient } from './postgres.ts'

/** Starts from a database that an earlier version left with everything in progress: all of it continues. */

const DUMP = 'database-20261125034000.sql'
const WRITTEN_AT = '2026-11-30T01:01:20Z'

const SAVED = 'user_saved_tracks_stream'
const ALBUMS = 'user_saved_albums_stream'
const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'
const FOLLOWED = 'user_followed_artists_stream'

/** As next-auth made it, and as the earlier version stored it. */
const SESSION_TOKEN = 'e0b9a2a4-52a4-4f3c-8f0b-5b2f6f0a9c11'

let database: TestDatabase
let harness: SnowflakeHarness

beforeAll(async () => {
  database = await testDatabase()
  await restore(database.url)
  expect((await migrate(database.url)).applied.length).toBeGreaterThan(0)
  harness = await startSnowflakeHarness({ DATABASE_URL: database.url, WEBHOOKS_TO_LOOPBACK: '1', PLAN_EVERY: '5m' })
  await harness.setTime(new Date())
  await prepareSimulators()
})
afterAll(async () => {
  await harness.stop()
  await database.drop()
})

/** Restores the dump into the schema it was written under, with all times moved as if it had been written just now. */
async function restore(url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-upgrade-'))
  const earlier = { migrations: join(folder, 'migrations'), functions: join(folder, 'functions') }
  mkdirSync(earlier.functions)
  const last = /\d+/.exec(DUMP)?.[0] ?? ''
  const all = join(import.meta.dirname, '..', 'prisma', 'migrations')
  for (const name of readdirSync(all).filter((one) => /^\d/.test(one) && one.slice(0, last.length) <= last))
    cpSync(join(all, name), join(earlier.migrations, name), { recursive: true })
  await migrate(url, earlier)
  rmSync(folder, { recursive: true })
  await withClient(url, async (client) => {
    await client.query(readFileSync(join(import.meta.dirname, '../testing/instances', DUMP), 'utf8'))
    await client.query(
      `update "SpotifyApp" set capabilities = '{"charts": false, "lists": true}' where "clientId" like 'd%'`,
    )
    const { rows } = await client.query<{ table: string; sets: string }>(
      `select table_name as table, string_agg(format('%1$I = %1$I + $1', column_name), ', ') as sets
       from information_schema.columns
       where table_schema = 'public' and data_type = 'timestamp with time zone' and table_name <> '_prisma_migrations'
       group by 1`,
    )
    const passed = `${Date.now() - Date.parse(WRITTEN_AT)} milliseconds`
    for (const { table, sets } of rows) await client.query(`update "${table}" set ${sets}`, [passed])
    await client.query(
      `insert into "Session" (id, "sessionToken", "userId", expires)
       select 'before', $1, id, now() + interval '29 days' from "User" where name = 'has a Snowflake'`,
      [SESSION_TOKEN],
    )
  })
}

/** The simulators are new: gives listeners tokens and Snowflake users, and lands again what had landed. */
async function prepareSimulators(): Promise<void> {
  for (const letter of ['c', 'd'])
    await harness.configure({ apps: { [letter.repeat(32)]: { clientSecret: 'e'.repeat(32) } } })
  const accounts = await db().account.findMany({
    where: { consent: 'given' },
    include: { user: true, spotifyApp: true },
  })
  for (const account of accounts) {
    const tokens = await harness.grant(account.user.spotifyUserId ?? '', account.spotifyApp?.clientId)
    await db().account.update({
      where: { id: account.id },
      data: {
        access_token: seal(tokens.access_token, tokenPlace(account, 'access_token')),
        refresh_token: seal(tokens.refresh_token ?? '', tokenPlace(account, 'refresh_token')),
        expires_at: Math.floor(Date.now() / SECOND) + tokens.expires_in,
      },
    })
    const landed = await db().landedObject.findMany({ where: { read: { userId: account.userId } } })
    for (const { path } of landed) {
      const query = { type: 'artist', limit: '50' }
      const { text } = await getFromSpotify(spotifyUrls().api, {
        path: '/me/following',
        query,
        token: tokens.access_token,
      })
      await landing().put(path, text)
    }
  }
  const connected = await db().warehouseConnection.findMany({ where: { kind: 'snowflake' } })
  for (const { userId } of connected) await harness.runScript(userId)
}

/** A listener of the dump; each is named after their situation. */
function listener(name: string) {
  return db().user.findFirstOrThrow({ where: { name }, include: { runs: { orderBy: { id: 'desc' } } } })
}

/** The listener's open alerts, as kind and stream. */
async function openAlerts(userId: string): Promise<string[]> {
  const alerts = await db().alert.findMany({ where: { userId, endedAt: null }, orderBy: { id: 'asc' } })
  return alerts.map(({ kind, stream }) => [kind, stream].filter(Boolean).join(' '))
}

/** Titles of the messages about an event. */
async function sent(userId: string, event: string): Promise<unknown[]> {
  const messages = await db().message.findMany({ where: { event, channel: { userId } }, orderBy: { id: 'asc' } })
  return messages.map(({ content }) => (content as Prisma.JsonObject).title)
}

test('migrates sentences and composed strings to columns', async () => {
  const waiting = await db().streamRun.findMany({
    where: { state: 'waiting' },
    include: { run: { include: { user: true } } },
  })
  expect(waiting.map(({ run, stream, waitReason }) => [run.user.name, stream, waitReason]).sort()).toEqual([
    ['waits for Premium', FOLLOWED, 'quota'],
    ['waits for Premium', SAVED, 'quota'],
    ['waits for Premium', TOP, 'premium_lapsed'],
    ['waits for Spotify', SAVED, 'pause'],
    ['waits for the file', FOLLOWED, 'warehouse'],
    ['waits for the landing folder', FOLLOWED, 'other'],
    ['waits for the quota', ALBUMS, 'budget'],
  ])
  expect(await db().streamRun.count({ where: { state: { not: 'waiting' }, waitReason: { not: null } } })).toBe(0)
  const alerts = await db().alert.findMany({ include: { user: true } })
  expect(alerts.map(({ user, kind, stream }) => [user.name, kind, stream]).sort()).toEqual([
    ['has a Snowflake that is away', 'warehouse', null],
    ['has alerts', 'part', TOP],
    ['has alerts', 'stale', null],
    ['has alerts', 'stream', SAVED],
    ['has to reconnect', 'consent', null],
    ['waits for Premium', 'premium', null],
    ['waits for the file', 'loading', null],
  ])
  // A consent that one refusal has ended is tried again.
  const refused = await db().account.findMany({ where: { retryAt: { not: null } }, include: { user: true } })
  expect(refused).toMatchObject([{ user: { name: 'has to reconnect' }, consent: 'reconnect', refusals: 1 }])
  // Of what one response decided, the alert about a paused app stays, and a denied capability is asked about again.
  expect(await db().spotifyApp.findMany({ where: { refusals: { gt: 1 } } })).toMatchObject([
    { clientId: 'c'.repeat(32) },
  ])
  expect(await db().capabilityDenial.findMany()).toMatchObject([{ capability: 'charts', refusals: 1 }])
  const reminders = await db().message.findMany({ where: { reminderDays: { not: null } } })
  expect(reminders).toMatchObject([{ event: 'consent ending', reminderDays: 30 }])
})

test('hashes session tokens and keeps the sessions', async () => {
  expect(await db().session.findMany({ where: { sessionToken: SESSION_TOKEN } })).toEqual([])
  const session = await openSession(SESSION_TOKEN)
  expect(session?.user.name).toBe('has a Snowflake')
  const signedInFor = Date.now() - (session?.createdAt.getTime() ?? 0)
  expect(Math.round(signedInFor / DAY)).toBe(1)
})

test('shows the same alerts on the pages', async () => {
  const { id } = await listener('has alerts')
  const titles = (await me({ id })).troubles.map(({ title }) => title)
  expect(titles).toEqual(['Liked songs could not be synced', 'Recently played is late'])
  expect((await adminOverview()).troubled.count).toBe(5)
})

test('resumes each waiting run when its time comes, not before', async () => {
  const names = async (minutes: number) => {
    const requests = await recoverStreamRuns(new Date(Date.now() + minutes * MINUTE))
    const users = await db().user.findMany({ where: { id: { in: requests.map(({ listenerId }) => listenerId) } } })
    return { requests, users: users.map(({ name }) => name).sort() }
  }
  const queued = await names(2)
  expect(queued.users).toEqual(['is queued'])
  await runJobs(queued.requests)
  const paused = await names(6)
  expect(paused.users).toEqual(['waits for Spotify', 'waits for the landing folder'])
  await runJobs(paused.requests)
  for (const name of ['is queued', 'waits for Spotify', 'waits for the landing folder']) {
    const { runs } = await listener(name)
    expect([name, runs[0]?.state]).toEqual([name, 'succeeded'])
  }
})

test('the end of a lapse resumes the streams that wait for it and resolves its alert; a quota keeps waiting', async () => {
  const { id, runs } = await listener('waits for Premium')
  const { answers, requests } = await probeNow({ id, isAdmin: false }, null)
  expect(answers).toBe(true)
  await runJobs(requests)
  const { state, streams } = await runOf(runs[0]?.id ?? '')
  expect(state).toBe('waiting')
  expect(streams).toMatchObject({
    [TOP]: { state: 'succeeded', waitReason: null },
    [SAVED]: { state: 'waiting', waitReason: 'quota' },
    [FOLLOWED]: { state: 'waiting', waitReason: 'quota' },
  })
  expect(await openAlerts(id)).toEqual([])
  expect(await sent(id, 'recovered')).toEqual(['Syncing has resumed'])

  await db().quotaGroup.updateMany({ data: { blockedUntil: new Date() } })
  await runJobs(await recoverStreamRuns(new Date(Date.now() + 21 * HOUR)))
  expect((await runOf(runs[0]?.id ?? '')).state).toBe('succeeded')
})

test('forgetting a learned quota resumes the streams that wait for it', async () => {
  const { id, runs } = await listener('waits for the quota')
  const { spotifyApp } = await db().account.findFirstOrThrow({ where: { userId: id }, include: { spotifyApp: true } })
  await forgetQuota('admin', spotifyApp?.developerAccount ?? '')
  const requests = await recoverStreamRuns(new Date())
  expect(requests.map(({ listenerId }) => listenerId)).toEqual([id])
  await runJobs(requests)
  expect((await runOf(runs[0]?.id ?? '')).state).toBe('succeeded')
})

test('loads what waited for its warehouse file and resolves the alert', async () => {
  const { id, runs } = await listener('waits for the file')
  const { id: connectionId } = await db().warehouseConnection.findFirstOrThrow({ where: { userId: id } })
  expect(await embeddedDue()).toContain(connectionId)
  await loadAll(connectionId)
  expect((await runOf(runs[0]?.id ?? '')).state).toBe('succeeded')
  expect((await harness.tableRows(id, FOLLOWED)).length).toBeGreaterThan(0)
  await watchLongRuns(new Date())
  expect(await openAlerts(id)).toEqual([])
})

test('a successful run resolves the alerts of its streams in one message', async () => {
  const { id } = await listener('has alerts')
  await runNow(harness, id, [SAVED, TOP, PLAYS])
  expect(await openAlerts(id)).toEqual(['stale'])
  await watchStale(new Date(), new Date(Date.now() - MINUTE))
  expect(await openAlerts(id)).toEqual([])
  expect(await sent(id, 'recovered')).toEqual(['2 streams are syncing again', 'Recently played is up to date again'])
})

test('a renewed consent resolves its alert', async () => {
  const { id } = await listener('has to reconnect')
  await harness.signIn('load-4')
  expect(await openAlerts(id)).toEqual([])
})

test('does not repeat a reminder, and sends the next one', async () => {
  const { id } = await listener('has a Snowflake')
  // The earlier version wrote the first one.
  const first = 'Your consent to Spotify ends in 25 days'
  await watchConsent(new Date())
  expect(await sent(id, 'consent ending')).toEqual([first])
  await watchConsent(new Date(Date.now() + 19 * DAY))
  expect(await sent(id, 'consent ending')).toEqual([first, 'Your Spotify connection expires in 6 days'])
})

test.for(['has a Snowflake', 'has a Snowflake that is away'])(
  'the load of a listener who %s is due at its time and succeeds',
  async (name) => {
    const { id } = await listener(name)
    const where = { userId_kind: { userId: id, kind: 'snowflake' } } as const
    expect(await externalDue(id)).toEqual([])
    const connection = await db().warehouseConnection.update({ where, data: { loadAfter: new Date() } })
    expect(await externalDue(id)).toEqual([connection.id])
    await harness.load(connection.id)
    expect(await snowflakeStatus(id)).toMatchObject({ state: 'ready', problem: null, waitingReads: 0 })
    expect((await harness.rows(id, FOLLOWED.toUpperCase())).length).toBeGreaterThan(0)
    expect(await openAlerts(id)).toEqual([])
  },
)

test('schedules start runs as before', async () => {
  const { id } = await listener('is queued')
  await plan(new Date(Date.now() + 25 * HOUR))
  const run = await db().run.findFirstOrThrow({
    where: { userId: id },
    orderBy: { id: 'desc' },
    include: { streamRuns: true },
  })
  expect(run.trigger).toBe('schedule')
  expect(run.streamRuns.map(({ stream }) => stream)).toContain(PLAYS)
})
