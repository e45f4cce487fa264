import { Pool } from 'pg'
import { expect } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { adminOverview, listListeners } from './admin.ts'

/** Rows that the app database sends while `work` goes on. */
async function rowsSent<Given>(work: () => Promise<Given>): Promise<{ given: Given; rows: number }> {
  const query = Pool.prototype.query
  let rows = 0
  Pool.prototype.query = async function count(this: Pool, ...asked: Parameters<typeof query>) {
    const answer: unknown = await query.apply(this, asked)
    if (answer && typeof answer === 'object' && 'rows' in answer && Array.isArray(answer.rows))
      rows += answer.rows.length
    return answer
  } as typeof query
  try {
    return { given: await work(), rows }
  } finally {
    Pool.prototype.query = query
  }
}

/** A past of so many runs and looks at recently played. */
async function haveHistory(harness: Harness, userId: string, length: number): Promise<void> {
  const ago = (hours: number) => new Date(harness.now().getTime() - hours * HOUR)
  const past = Array.from({ length }, (_, index) => length - 1 - index)
  await db().run.createMany({
    data: past.map((hours) => ({
      id: `${userId} ${String(length - hours).padStart(5, '0')}`,
      userId,
      kind: 'extract',
      trigger: 'schedule',
      state: hours === 0 ? 'incomplete' : 'succeeded',
      queuedAt: new Date(Date.UTC(2099, 0) - hours * HOUR),
    })),
  })
  await db().poll.createMany({
    data: past.map((hours) => ({
      id: `${userId} ${hours}`,
      userId,
      at: ago(hours),
      newest: ago(hours),
      count: 1,
      newCount: 1,
    })),
  })
}

test('the list of listeners reads the newest of each, however long their history is', async ({ harness }) => {
  const { userId: one } = await harness.signIn('load-1')
  const { userId: two } = await harness.signIn('load-2')
  const { userId: fresh } = await harness.signIn('load-3')
  await haveHistory(harness, one, 300)
  await haveHistory(harness, two, 200)
  await db().run.create({
    data: {
      id: 'load',
      userId: two,
      kind: 'load',
      trigger: 'schedule',
      state: 'failed',
      queuedAt: new Date('2100-01-01'),
    },
  })
  const { given, rows } = await rowsSent(() => listListeners({ limit: 100 }))
  const of = (id: string) => given.listeners.find((listener) => listener.id === id)
  expect(of(one)).toMatchObject({ name: 'load-1', lastRunState: 'incomplete', lastPlayAt: harness.now().toISOString() })
  expect(of(two)).toMatchObject({ lastRunState: 'incomplete', lastPlayAt: harness.now().toISOString() })
  expect(of(fresh)).toMatchObject({
    lastRunState: 'queued',
    lastPlayAt: null,
    consent: 'given',
    warehouse: 'duckdb ready',
  })
  // Each with their account, app, warehouse, last run and last look.
  expect(rows).toBeLessThanOrEqual(3 * 6)
})

test('listeners come page by page', async () => {
  const first = await listListeners({ limit: 2 })
  expect(first.listeners).toHaveLength(2)
  const rest = await listListeners({ limit: 2, cursor: first.next ?? '' })
  expect(rest).toMatchObject({ listeners: [{}], next: null })
  expect(first.listeners.map(({ id }) => id)).not.toContain(rest.listeners[0]?.id)
})

test('of many apps and developer accounts the overview has the operator’s and what needs a look', async () => {
  const apps = Array.from({ length: 130 }, (_, index) => `app-${String(index).padStart(3, '0')}`)
  await db().spotifyApp.createMany({ data: apps.map((name) => ({ clientId: name, developerAccount: name })) })
  await db().spotifyApp.update({
    where: { clientId: 'app-007' },
    data: { problem: 'lapsed', problemSince: new Date() },
  })
  const hour = new Date(Math.floor(Date.now() / HOUR) * HOUR)
  const used = (developerAccount: string, refused = 0) => ({
    developerAccount,
    group: 'top',
    hour,
    requests: 9,
    refused,
  })
  const operators = 'a'.repeat(32)
  await db().quotaHour.createMany({ data: [...apps, operators].map((name) => used(name, name === 'app-050' ? 2 : 0)) })
  const until = new Date(Date.now() + HOUR)
  await db().quotaGroup.create({
    data: { developerAccount: 'app-099', group: 'top', dayLimit: 9, blockedUntil: until },
  })

  const { given, rows } = await rowsSent(adminOverview)
  expect(given.quota).toMatchObject([
    { account: operators, group: 'top', used: 9, refused: 0, dayLimit: null, blockedUntil: null },
    { account: 'app-050', refused: 2 },
    { account: 'app-099', dayLimit: 9, blockedUntil: until.toISOString() },
  ])
  expect(given.apps.slice(0, 2)).toMatchObject([
    { clientId: operators, isInstances: true, places: { taken: 3 } },
    { clientId: 'app-007', paused: { problem: 'lapsed' } },
  ])
  expect(given.apps).toHaveLength(21)
  expect(rows).toBeLessThan(130)
})
