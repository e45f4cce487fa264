import { expect } from 'vitest'
import { z } from 'zod'
import { db } from '#lib/db.ts'
import { landImport } from '#lib/imports/land-import.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { changeCounting, countingOf } from './counting.ts'
import { me } from './status.ts'

const DAY = '2020-05-01'

const Row = z.object({ not_counted: z.string().nullable(), counts: z.boolean(), ms_played: z.number() })

/** Why the imported plays of the day don't count, from the first to the last; null if they do. */
async function reasons(userId: string) {
  const { rows } = await queryChart(userId, 'history', { from: DAY, to: DAY, limit: '200' })
  const found = z.array(Row).parse(rows)
  expect(found.every(({ counts, not_counted }) => counts === (not_counted === null))).toBe(true)
  const figures = await queryChart(userId, 'overview-figures', { from: DAY, to: DAY })
  const counted = found.filter(({ counts }) => counts).length
  expect(figures.rows.find(({ name }) => name === 'plays')?.value ?? 0).toBe(counted)
  return found.map(({ not_counted }) => not_counted).toReversed()
}

/** A listener with an import of a whole play, one of 29,999 ms, a skipped one and one of a private session. */
async function listenerWithImport(harness: Harness, { userId, runId }: { userId: string; runId: string }) {
  await runToEnd(harness, runId, ['user_recently_played_stream'])
  const play = (minute: number, more: { msPlayed?: number; skipped?: boolean; private?: boolean } = {}) => ({
    playedAt: `${DAY}T10:0${minute}:00.000Z`,
    uri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC',
    msPlayed: 200_000,
    track: 'Low Tide',
    artist: 'Pebble',
    album: null,
    kind: 'song' as const,
    skipped: false,
    private: false,
    offline: false,
    reasonStart: null,
    reasonEnd: null,
    ...more,
  })
  await landImport(
    { id: `import-${userId}`, userId },
    (async function* () {
      yield {
        source: 'spotify-extended' as const,
        items: [play(0), play(1, { msPlayed: 29_999 }), play(2, { skipped: true }), play(3, { private: true })],
      }
    })(),
  )
  const { id } = await db().warehouseConnection.findUniqueOrThrow({
    where: { userId_kind: { userId, kind: 'duckdb' } },
  })
  await loadAll(id)
  return { listener: { id: userId }, build: () => loadAll(id), connectionId: id }
}

test('a changed rule is applied by the next build; until then pages show the last one and say so', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build } = await listenerWithImport(harness, signedIn)
  expect(await reasons(listener.id)).toEqual([null, 'too short', null, null])
  expect(await countingOf(listener)).toEqual({
    rule: '30s',
    countsPrivate: true,
    countsSkips: true,
    countsOtherSources: false,
    isRebuilding: false,
    problem: null,
  })

  expect(await changeCounting(listener, { rule: 'all', countsSkips: false, countsPrivate: false })).toBe(true)
  expect((await me(listener)).counting).toMatchObject({ rule: 'all', isRebuilding: true })
  expect(await reasons(listener.id)).toEqual([null, 'too short', null, null])
  await build()
  expect((await me(listener)).counting).toMatchObject({ rule: 'all', isRebuilding: false })
  expect(await reasons(listener.id)).toEqual([null, null, 'skipped', 'private session'])
  const build1 = await db().modelBuild.findFirstOrThrow({ where: { userId: listener.id }, orderBy: { id: 'desc' } })
  expect(build1).toMatchObject({ trigger: 'other changes', full: 'inputs changed' })

  expect(await changeCounting(listener, { rule: '30s', countsSkips: true, countsPrivate: true })).toBe(true)
  await build()
  expect(await reasons(listener.id)).toEqual([null, 'too short', null, null])
})

test('saving the same settings builds nothing', async ({ harness, listener: signedIn }) => {
  const { listener, connectionId } = await listenerWithImport(harness, signedIn)
  expect(await changeCounting(listener, { rule: '30s', countsSkips: true })).toBe(false)
  expect(await changeCounting(listener, {})).toBe(false)
  const { modelsState } = await db().warehouseConnection.findUniqueOrThrow({ where: { id: connectionId } })
  expect(modelsState).toBe('fresh')
})

test('a change while models are built, and one before a crash, are applied by the next build', async ({
  harness,
  listener: signedIn,
}) => {
  const { listener, build, connectionId } = await listenerWithImport(harness, signedIn)
  // As a process leaves it that dies while it builds.
  await changeCounting(listener, { rule: 'all' })
  await db().warehouseConnection.update({ where: { id: connectionId }, data: { modelsState: 'building' } })
  expect((await countingOf(listener)).isRebuilding).toBe(true)
  await changeCounting(listener, { countsSkips: false })
  await build()
  expect(await countingOf(listener)).toMatchObject({ rule: 'all', countsSkips: false, isRebuilding: false })
  expect(await reasons(listener.id)).toEqual([null, null, 'skipped', null])
})

test('a listener without data has nothing to rebuild', async ({ listener: { userId } }) => {
  await changeCounting({ id: userId }, { rule: 'completed' })
  expect(await countingOf({ id: userId })).toMatchObject({ rule: 'completed', isRebuilding: false })
})
