import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { health } from '#lib/ops/health.ts'
import { recordPlanned, recordSent } from '#lib/planning.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { metrics, requireMetricsToken } from './metrics.ts'

const TOKEN = 'a token of the operator'

test.override('options', [{ METRICS_TOKEN: TOKEN, PLAN_EVERY: '1m' }])

/** The value of each line, by the name with its labels. */
async function lines(): Promise<Map<string, number>> {
  const { text } = await metrics()
  const values = text.split('\n').filter((line) => line && !line.startsWith('#'))
  return new Map(
    values.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

test('an instance without a listener has metrics', async () => {
  const before = await lines()
  expect(before.get('tracklake_queue_depth{queue="messages"}')).toBe(0)
  expect([...before.values()].every(Number.isFinite)).toBe(true)
})

test('what ran, how far behind it is, and what waits; no listener and no title', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-601')
  const run = await runToEnd(harness, runId, ['user_saved_tracks_stream', 'user_recently_played_stream'])
  await db().run.updateMany({ data: { queuedAt: new Date() } })
  await db().poll.updateMany({ data: { at: new Date(Date.now() - HOUR) } })
  await recordPlanned(new Date(Date.now() - 2 * MINUTE))
  await db().alert.create({
    data: { id: 'one', userId, kind: 'stream', stream: 'user_saved_tracks_stream', problem: 'x' },
  })
  const now = await lines()
  const saved = run.streams.user_saved_tracks_stream
  expect(now.get('tracklake_runs{kind="extract",state="succeeded"}')).toBe(1)
  expect(now.get('tracklake_stream_runs{stream="user_saved_tracks_stream",state="succeeded"}')).toBe(1)
  expect(now.get('tracklake_rows{stream="user_saved_tracks_stream",change="new"}')).toBe(saved?.rowsNew)
  expect(now.get('tracklake_requests{stream="user_saved_tracks_stream"}')).toBe(saved?.requests)
  expect(now.get('tracklake_recently_played_lag_seconds{quantile="1"}')).toBeCloseTo(3600, -2)
  expect(now.get('tracklake_planning_lag_seconds')).toBeCloseTo(120, -1)
  expect(now.get('tracklake_loads{warehouse="duckdb",state="loaded"}')).toBeGreaterThan(0)
  expect(now.get('tracklake_troubles{what="stream"}')).toBe(1)
  const quota = [...now].filter(([name]) => name.startsWith('tracklake_quota_requests{') && name.includes('"sent"'))
  expect(quota.reduce((sum, [, value]) => sum + value, 0)).toBeGreaterThan(0)
  const { text } = await metrics()
  expect(text).not.toContain(userId)
  expect(text).not.toContain('load-601')
})

test('however many listeners bring an app, the quota has few series; a blocked account has its own', async ({
  harness,
}) => {
  await harness.signIn('load-603')
  const instances = 'a'.repeat(32)
  const hour = new Date(Date.now() - HOUR)
  const apps = Array.from({ length: 50 }, (_, one) => `own-${one}`)
  await db().quotaHour.createMany({
    data: [instances, ...apps].map((developerAccount) => ({
      developerAccount,
      group: 'top',
      hour,
      requests: 3,
      refused: 1,
    })),
  })
  const blockedUntil = new Date(Date.now() + HOUR)
  await db().quotaGroup.createMany({
    data: apps.map((developerAccount, one) => ({
      developerAccount,
      group: 'top',
      dayLimit: 100,
      blockedUntil: one === 7 ? blockedUntil : null,
    })),
  })
  const now = await lines()
  expect(now.get('tracklake_quota_requests{account="own apps",group="top",outcome="sent"}')).toBe(147)
  expect(now.get('tracklake_quota_requests{account="own-7",group="top",outcome="refused"}')).toBe(1)
  expect(now.get('tracklake_quota_day_limit{account="own apps",group="top"}')).toBe(4900)
  expect(now.get('tracklake_quota_blocked_seconds{account="own-7",group="top"}')).toBeCloseTo(3600, -2)
  const accounts = [...now.keys()].flatMap((name) => /quota.*account="([^"]+)"/.exec(name)?.[1] ?? [])
  expect(new Set(accounts)).toEqual(new Set([instances, 'own apps', 'own-7']))
})

test('only who knows the token gets in', () => {
  const refused = expect.objectContaining({ status: 401 })
  for (const authorization of [null, '', TOKEN, `Bearer ${TOKEN}x`, `bearer ${TOKEN}`, 'Bearer '])
    expect(() => requireMetricsToken(authorization), String(authorization)).toThrow(refused)
  requireMetricsToken(`Bearer ${TOKEN}`)
})

describe('an instance that has run for long', () => {
  beforeEach(async () => {
    vi.spyOn(process, 'uptime').mockReturnValue(3600)
    await db().streamRun.updateMany({ data: { sentAt: new Date(0) } })
    await recordPlanned(new Date())
    await recordSent(new Date())
  })
  afterEach(() => vi.restoreAllMocks())

  const look = async (part: string) => (await health()).checks.find(({ name }) => name === part)

  test('planning that stands still brings it down, but not right after a start', async () => {
    await recordPlanned(new Date(Date.now() - 5 * MINUTE))
    expect(await look('planning')).toMatchObject({
      status: 'down',
      detail: 'stalled: nothing is synced automatically',
    })
    expect((await health()).status).toBe('down')
    vi.mocked(process.uptime).mockReturnValue(60)
    expect(await look('planning')).toMatchObject({ status: 'ok' })
    vi.mocked(process.uptime).mockReturnValue(3600)
    await recordPlanned(new Date())
    expect(await look('planning')).toMatchObject({ status: 'ok' })
  })

  test('so does planning whose events nobody takes in', async () => {
    await recordSent(new Date(Date.now() - 5 * MINUTE))
    expect(await look('planning')).toMatchObject({ status: 'down', detail: expect.stringContaining('cannot be sent') })
  })

  test('so do stream runs that were sent and that nothing takes up, while nothing else goes on either', async ({
    harness,
  }) => {
    const { runId } = await harness.signIn('load-602')
    await takeStartable(runId)
    expect(await look('stream runs')).toMatchObject({ status: 'ok' })
    await db().streamRun.updateMany({ where: { runId }, data: { queuedAt: new Date(Date.now() - HOUR) } })
    expect(await look('stream runs')).toMatchObject({
      status: 'down',
      detail: expect.stringContaining('not picked up'),
    })
    const other = await db().streamRun.findFirstOrThrow({ where: { state: 'succeeded' } })
    await db().streamRun.update({ where: { id: other.id }, data: { sentAt: new Date() } })
    expect(await look('stream runs')).toMatchObject({ status: 'ok' })
  })
})
