import { expect } from 'vitest'
import { me } from '#lib/accounts/status.ts'
import { NOTIFICATION_EVENTS } from '#lib/api/lists.ts'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { describedChecks } from '#lib/models/checks.ts'
import { Content } from '#lib/notifications/alerts.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { test } from '#testing/sync/fixture.ts'
import { loadAll, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { markNewDays } from './build.ts'

test.override('options', [{ WEBHOOKS_TO_LOOPBACK: '1' }])

const PLAYS = 'user_recently_played_stream'

test.beforeEach(async ({ harness, listener: { userId, runId } }) => {
  await harness.configure({ reset: true })
  await addChannel(
    { id: userId },
    { kind: 'webhook', label: 'all', address: 'http://127.0.0.1:9/', events: [...NOTIFICATION_EVENTS] },
  )
  await runToEnd(harness, runId, [PLAYS])
})

const buildsOf = (userId: string) => db().modelBuild.findMany({ where: { userId }, orderBy: { startedAt: 'asc' } })

const failedChecks = (userId: string) => db().modelCheck.findMany({ where: { userId, state: { not: 'passed' } } })

async function playsOf(userId: string): Promise<number> {
  const copy = await openEmbeddedCopy({ userId })
  return Number((await copy.query('select count(*) as plays from analytical.fct_plays', []))[0]?.plays)
}

async function sent(userId: string) {
  const messages = await db().message.findMany({ where: { channel: { userId } }, orderBy: { id: 'asc' } })
  return messages
    .map(({ event, content }) => ({ event, ...Content.parse(content) }))
    .filter(({ event }) => event !== 'succeeded')
}

/** Builds as the next load would. */
async function buildAgain(userId: string, modelsState = 'urgent'): Promise<void> {
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await db().warehouseConnection.update({ where: { id }, data: { modelsState } })
  await loadAll(id)
}

/** Changes a table behind the back of the product, as only its own writer can. */
async function damage(userId: string, sql: string): Promise<void> {
  await (await openEmbeddedCopy({ userId })).build([], (run) => run(sql))
}

test('a build is recorded with its rows and the results of all checks', async ({ listener: { userId } }) => {
  const [build, ...more] = await buildsOf(userId)
  expect(more).toEqual([])
  const checks = describedChecks().length
  expect(build).toMatchObject({
    trigger: 'plays',
    full: 'first build',
    problem: null,
    checked: 'all',
    checksPassed: checks,
    checksFailed: 0,
    checksNotRun: 0,
  })
  expect(build?.models).toContainEqual({ name: 'fct_plays', rows: await playsOf(userId), ms: expect.any(Number) })
  expect(await db().modelCheck.count({ where: { userId, state: 'passed', wholeAt: { not: null } } })).toBe(checks)
})

test('checks of a range follow each build, and all checks the first one of a day', async ({ listener: { userId } }) => {
  await buildAgain(userId)
  await markNewDays(new Date())
  await db().modelCheck.updateMany({ where: { userId }, data: { wholeAt: new Date(Date.now() - DAY) } })
  await buildAgain(userId, 'stale')
  const [, range, whole] = await buildsOf(userId)
  expect(range).toMatchObject({ full: null, checked: 'range', checksFailed: 0 })
  expect(range?.checksPassed).toBeGreaterThan(10)
  expect(range?.checksPassed).toBeLessThan(60)
  expect(whole).toMatchObject({ full: null, checked: 'all', checksPassed: describedChecks().length })
})

test('a table that somebody damaged is noticed, notified once, and reported as repaired', async ({
  harness,
  listener: { userId },
}) => {
  const copy = await openEmbeddedCopy({ userId })
  const [{ track_id, plays } = {}] = await copy.query(
    'select track_id, count(*) as plays from raw.plays group by track_id order by plays desc, track_id limit 1',
    [],
  )
  await damage(userId, `create table raw.lost as select * from raw.tracks where id = '${track_id}'`)
  await damage(userId, `delete from raw.tracks where id = '${track_id}'`)
  await buildAgain(userId)
  const problem =
    plays === 1 ? '1 play names a song that nothing describes' : `${plays} plays name a song that nothing describes`
  expect(await failedChecks(userId)).toMatchObject([
    { name: 'every_play_has_its_song', state: 'failed', failing: plays },
  ])
  // A full build would not bring the song back.
  expect((await buildsOf(userId)).map(({ trigger, full }) => [trigger, full])).toEqual([
    ['plays', 'first build'],
    ['plays', null],
  ])
  expect(await me({ id: userId })).toMatchObject({
    troubles: [{ title: 'A check of your data failed', problem, path: '/data' }],
  })
  await buildAgain(userId)
  await runNow(harness, userId, [PLAYS])
  const { length: builds } = await buildsOf(userId)
  expect(await sent(userId)).toMatchObject([{ event: 'check failed', title: 'A check of your data failed', problem }])

  await damage(userId, 'insert into raw.tracks select * from raw.lost')
  await buildAgain(userId)
  expect(await failedChecks(userId)).toEqual([])
  expect(await me({ id: userId })).toMatchObject({ troubles: [] })
  expect(await sent(userId)).toMatchObject([
    { event: 'check failed' },
    { event: 'recovered', title: 'All checks of your data pass again', facts: { 'Earlier problem': problem } },
  ])
  // Each build after the repair was only one.
  expect((await buildsOf(userId)).length).toBe(builds + 1)
})

test('what a full build repairs is repaired at once and not reported', async ({ listener: { userId } }) => {
  await damage(
    userId,
    'insert into analytical.agg_tracks (track_key, plays, ms_played, batch) values (999999, 5, 5, 0)',
  )
  await db().modelCheck.updateMany({ where: { userId }, data: { wholeAt: new Date(Date.now() - 2 * DAY) } })
  await buildAgain(userId, 'stale')
  expect((await buildsOf(userId)).slice(1)).toMatchObject([
    { full: null, checked: 'all', checksFailed: 2 },
    { full: 'requested', trigger: 'failed check', checked: 'all', checksFailed: 0 },
  ])
  expect(await failedChecks(userId)).toEqual([])
  expect(await sent(userId)).toEqual([])
})

test('another check that fails later is notified as well', async ({ listener: { userId } }) => {
  await damage(userId, 'delete from raw.tracks')
  await buildAgain(userId)
  await damage(userId, 'insert into raw.play_pairs by name select played_at, uri from raw.plays limit 1')
  await db().modelCheck.updateMany({ where: { userId }, data: { wholeAt: null } })
  await buildAgain(userId)
  const messages = await sent(userId)
  expect(messages.map(({ event }) => event)).toEqual(['check failed', 'check failed'])
  expect(messages[1]?.problem).toContain('1 play is matched with an imported one, but one of the two is missing')
  expect(messages[1]?.problem).toContain(`${await playsOf(userId)} plays name a song that nothing describes`)
})

test('a build that fails is shown, notified once, and leaves the last one in place', async ({
  listener: { userId },
}) => {
  const plays = await playsOf(userId)
  await damage(userId, 'alter table analytical.fct_plays rename column context_uri to gone')
  await db().warehouseConnection.updateMany({ where: { userId }, data: { modelsState: 'urgent' } })
  for (let attempt = 0; attempt < 3; attempt++) await buildAgain(userId)
  expect((await buildsOf(userId)).slice(1)).toMatchObject([{ attempts: 3, problem: expect.any(String), checked: null }])
  expect(await playsOf(userId)).toBe(plays)
  expect(await sent(userId)).toMatchObject([
    { event: 'failed', title: 'Your charts could not be updated', path: '/data' },
  ])
  await damage(userId, 'alter table analytical.fct_plays rename column gone to context_uri')
  await buildAgain(userId)
  expect((await buildsOf(userId)).at(-1)).toMatchObject({ problem: null })
  expect((await sent(userId)).map(({ event }) => event)).toEqual(['failed', 'recovered'])
})

test('a build that a crash interrupted is repeated', async ({ listener: { userId } }) => {
  await buildAgain(userId, 'building')
  expect(await buildsOf(userId)).toHaveLength(2)
  expect(await db().warehouseConnection.findFirstOrThrow({ where: { userId } })).toMatchObject({ modelsState: 'fresh' })
})

test('only the last builds are kept', async ({ listener: { userId } }) => {
  const at = new Date('2026-01-01T00:00:00.000Z')
  await db().modelBuild.createMany({
    data: Array.from({ length: 60 }, (_, index) => ({
      id: `${userId} ${index}`,
      userId,
      trigger: 'plays',
      startedAt: new Date(at.getTime() + index * DAY),
      endedAt: at,
    })),
  })
  await buildAgain(userId)
  const builds = await buildsOf(userId)
  expect(builds).toHaveLength(50)
  expect(builds.at(-1)?.startedAt.getTime()).toBeGreaterThan(at.getTime() + 60 * DAY)
})
