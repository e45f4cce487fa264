import { expect } from 'vitest'
import { eventually } from '#testing/eventually.ts'
import { REFUSALS } from '#testing/snowflake/faults.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'
import { checkProgress, saveSnowflake, snowflakeOf, testSnowflake } from './connect.ts'
import { snowflakeStatus } from './status.ts'

/** Testing and saving a connection to an account that is slow or paused. */

const SOME = ['user_top_tracks_st_stream', 'user_top_artists_st_stream']

test('saves an account whose warehouse is paused, and loads it once it runs again', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-1')
  await runToEnd(harness, runId, SOME)
  await harness.runScript(userId)
  const form = harness.form(userId)
  harness.snowflake.injectFault({ at: 'statement', user: form.user, matching: 'FLATTEN', effect: REFUSALS.quota })
  const { saved, checks, connectionId = '' } = await saveSnowflake(userId, form)
  expect(saved).toBe(true)
  expect(checks.find(({ name }) => name === 'warehouse')).toMatchObject({
    state: 'unconfirmed',
    message: expect.stringContaining('quota'),
  })
  await loadAll(connectionId)
  expect(await snowflakeStatus(userId)).toMatchObject({ state: 'waiting' })
  harness.snowflake.clearFaults()
  expect((await saveSnowflake(userId, form)).checks.filter(({ state }) => state === 'unconfirmed')).toEqual([])
  await loadAll(connectionId)
  const { there, here } = await harness.tablesOnBothSides(userId)
  expect(there).toEqual(here)
})

test('does not save an account that refuses something', async ({ harness }) => {
  const { userId } = await harness.signIn('load-2')
  await harness.runScript(userId)
  const { warehouse, role } = harness.form(userId)
  await harness.snowflake.runScript(`REVOKE USAGE ON WAREHOUSE "${warehouse}" FROM ROLE "${role}"`)
  const { saved, checks } = await saveSnowflake(userId, harness.form(userId))
  expect(saved).toBe(false)
  expect(checks.find(({ state }) => state === 'failed')?.name).toBe('warehouse')
  expect(await snowflakeOf(userId)).toBeNull()
})

test('shows the results so far while a check runs', async ({ harness }) => {
  const { userId } = await harness.signIn('load-3')
  await harness.runScript(userId)
  const form = harness.form(userId)
  expect(checkProgress(userId)).toEqual({ running: false, checks: [] })
  harness.snowflake.injectFault({
    at: 'statement',
    user: form.user,
    matching: 'FLATTEN',
    effect: { kind: 'slow', ms: 2_000 },
    times: 1,
  })
  const result = testSnowflake(userId, form)
  const seen = await eventually(async () => {
    const progress = checkProgress(userId)
    return progress.checks.some(({ name }) => name === 'role') ? progress : undefined
  })
  expect(seen.running).toBe(true)
  expect(seen.checks.map(({ name }) => name)).not.toContain('warehouse')
  await expect(testSnowflake(userId, form)).rejects.toMatchObject({ code: 'check-under-way' })
  const { checks } = await result
  expect(checks.find(({ name }) => name === 'warehouse')?.state).toBe('ok')
  expect(checkProgress(userId)).toEqual({ running: false, checks: [] })
})
