import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { listChecks } from './checks.ts'

const PLAYS = 'user_recently_played_stream'

test('checks say in plain words what failed, first, and builds what they wrote', async ({ harness, listener }) => {
  const { userId, runId } = listener
  const before = await listChecks(userId, { builds: 5 })
  expect(before).toMatchObject({ checkedAt: null, wholeAt: null, builds: [] })
  await runToEnd(harness, runId, [PLAYS])
  const checkNamed = (name: string) => ({ userId_name: { userId, name } })
  await db().modelCheck.update({
    where: checkNamed('every_play_has_its_song'),
    data: { state: 'failed', failing: 12 },
  })
  await db().modelCheck.update({
    where: checkNamed('no_jump_in_volume'),
    data: { state: 'could not run', failing: null, problem: 'The warehouse cannot run this SQL (Binder Error)' },
  })
  // Written by a version that knows more.
  await db().modelBuild.updateMany({ where: { userId }, data: { trigger: 'full moon', full: 'full moon' } })
  const { checks, builds, checkedAt, wholeAt } = await listChecks(userId, { builds: 5 })
  expect([checkedAt, wholeAt]).toEqual([expect.any(String), expect.any(String)])
  expect(checks.slice(0, 3)).toMatchObject([
    {
      name: 'every_play_has_its_song',
      state: 'failed',
      problem: '12 plays name a song that nothing describes',
      remedy: expect.stringContaining('next sync'),
      tables: expect.arrayContaining(['staging.stg_tracks', 'analytical.fct_plays']),
    },
    {
      name: 'no_jump_in_volume',
      state: 'could not run',
      problem: 'The warehouse cannot run this SQL (Binder Error)',
      remedy: null,
    },
    { state: 'passed', problem: null },
  ])
  expect(builds).toMatchObject([{ trigger: 'other changes', full: null, checked: 'all', failed: 0 }])
  expect(builds[0]?.rows).toBe(builds[0]?.models.reduce((sum, { rows }) => sum + rows, 0))
})
