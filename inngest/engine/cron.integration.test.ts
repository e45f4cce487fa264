import { afterEach, expect, test } from 'vitest'
import { withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import type { MakeFunctions } from './testing/app.ts'
import { createEngineHarness, type EngineHarness } from './testing/harness.ts'

let harness: EngineHarness
let time = new Date()
const clock = () => time

afterEach(() => harness.close())

const functions: MakeFunctions = (inngest) => [
  inngest.createFunction({ id: 'hourly', triggers: [{ cron: '0 * * * *' }] }, ({ event }) => event.name),
]

/** Sets the clock and waits until the engine has checked its crons. @returns the number of runs so far */
async function at(instant: string, engine: ReturnType<EngineHarness['engine']>): Promise<number> {
  time = new Date(instant)
  const ticks = async () => {
    const before = engine.health().lastTickAt
    await eventually(() => engine.health().lastTickAt !== before)
  }
  // The first tick may have started before the clock was set.
  await ticks()
  await ticks()
  return withClient(
    harness.databaseUrl,
    async (client) => (await client.query('select from engine.runs')).rowCount ?? 0,
  )
}

async function database(sql: string): Promise<number> {
  return withClient(harness.databaseUrl, async (client) => (await client.query(sql)).rowCount ?? 0)
}

test('a cron fires once when it is due', async () => {
  time = new Date('2026-01-05T10:59:30Z')
  harness = await createEngineHarness(functions)
  const engine = harness.engine({ clock })
  await engine.start()
  expect(await at('2026-01-05T10:59:59Z', engine)).toBe(0)
  expect(await at('2026-01-05T11:00:00Z', engine)).toBe(1)
  expect(await at('2026-01-05T11:59:59Z', engine)).toBe(1)
  expect(await at('2026-01-05T12:00:01Z', engine)).toBe(2)
})

test('a cron that was due while the engine was down fires once, late, and then on schedule', async () => {
  time = new Date('2026-01-05T10:30:00Z')
  harness = await createEngineHarness(functions)
  const before = harness.engine({ clock })
  await before.start()
  await before.stop()

  time = new Date('2026-01-07T15:30:00Z')
  const after = harness.engine({ clock })
  await after.start()
  expect(await at('2026-01-07T15:30:01Z', after)).toBe(1)
  expect(await at('2026-01-07T15:59:59Z', after)).toBe(1)
  expect(await at('2026-01-07T16:00:00Z', after)).toBe(2)
})

test('a cron stays on schedule when a clock that was a day ahead is corrected', async () => {
  time = new Date('2026-01-06T10:59:30Z')
  harness = await createEngineHarness(functions)
  const engine = harness.engine({ clock })
  await engine.start()
  expect(await at('2026-01-06T11:00:00Z', engine)).toBe(1)
  // A job that no worker takes, so that the test can inspect it.
  await database(`select graphile_worker.add_job('left alone', run_at := now() + interval '1 day')`)
  expect(await at('2026-01-05T11:30:00Z', engine)).toBe(1)
  expect(await database(`select from graphile_worker.jobs where run_at <= now()`)).toBe(1)
  expect(await at('2026-01-05T12:00:00Z', engine)).toBe(2)
})

test('a cron that the app has removed does not fire', async () => {
  time = new Date('2026-01-05T10:30:00Z')
  let present = true
  harness = await createEngineHarness((inngest) => (present ? functions(inngest) : []))
  const engine = harness.engine({ clock })
  await engine.start()
  present = false
  harness.stopApp()
  await harness.startApp()
  await withClient(harness.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from engine.crons')).rowCount === 0),
  )
  expect(await at('2026-01-05T12:00:00Z', engine)).toBe(0)
})
