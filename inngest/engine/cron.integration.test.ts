import { afterEach, expect, test } from 'vitest'
import { withClient } from '#scripts/postgres.ts'
import type { MakeFunctions } from './testing/app.ts'
import { type EngineHarness, eventually, createEngineHarness } from './testing/harness.ts'

let bed: EngineHarness
let time = new Date()
const clock = () => time

afterEach(() => bed.close())

const functions: MakeFunctions = (inngest) => [
  inngest.createFunction({ id: 'hourly', triggers: [{ cron: '0 * * * *' }] }, ({ event }) => event.name),
]

/** Lets the engine look at its crons at this instant, at least once. */
async function at(instant: string, engine: ReturnType<EngineHarness['engine']>): Promise<number> {
  time = new Date(instant)
  const ticks = async () => {
    const before = engine.health().lastTickAt
    await eventually(() => engine.health().lastTickAt !== before)
  }
  // The first tick may have begun before the clock was set.
  await ticks()
  await ticks()
  return withClient(bed.databaseUrl, async (client) => (await client.query('select from engine.runs')).rowCount ?? 0)
}

async function database(sql: string): Promise<number> {
  return withClient(bed.databaseUrl, async (client) => (await client.query(sql)).rowCount ?? 0)
}

test('a cron fires when it is due, once', async () => {
  time = new Date('2026-01-05T10:59:30Z')
  bed = await createEngineHarness(functions)
  const engine = bed.engine({ clock })
  await engine.start()
  expect(await at('2026-01-05T10:59:59Z', engine)).toBe(0)
  expect(await at('2026-01-05T11:00:00Z', engine)).toBe(1)
  expect(await at('2026-01-05T11:59:59Z', engine)).toBe(1)
  expect(await at('2026-01-05T12:00:01Z', engine)).toBe(2)
})

test('a cron that was due while the engine was away fires once, late, and then in its rhythm', async () => {
  time = new Date('2026-01-05T10:30:00Z')
  bed = await createEngineHarness(functions)
  const before = bed.engine({ clock })
  await before.start()
  await before.stop()

  time = new Date('2026-01-07T15:30:00Z')
  const after = bed.engine({ clock })
  await after.start()
  expect(await at('2026-01-07T15:30:01Z', after)).toBe(1)
  expect(await at('2026-01-07T15:59:59Z', after)).toBe(1)
  expect(await at('2026-01-07T16:00:00Z', after)).toBe(2)
})

test('a cron goes on in its rhythm when a clock that was a day ahead is put right', async () => {
  time = new Date('2026-01-06T10:59:30Z')
  bed = await createEngineHarness(functions)
  const engine = bed.engine({ clock })
  await engine.start()
  expect(await at('2026-01-06T11:00:00Z', engine)).toBe(1)
  // A job that nobody takes, so that it can be looked at.
  await database(`select graphile_worker.add_job('left alone', run_at := now() + interval '1 day')`)
  expect(await at('2026-01-05T11:30:00Z', engine)).toBe(1)
  expect(await database(`select from graphile_worker.jobs where run_at <= now()`)).toBe(1)
  expect(await at('2026-01-05T12:00:00Z', engine)).toBe(2)
})

test('a cron that the app has no more does not fire', async () => {
  time = new Date('2026-01-05T10:30:00Z')
  let wanted = true
  bed = await createEngineHarness((inngest) => (wanted ? functions(inngest) : []))
  const engine = bed.engine({ clock })
  await engine.start()
  wanted = false
  bed.stopApp()
  await bed.startApp()
  await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from engine.crons')).rowCount === 0),
  )
  expect(await at('2026-01-05T12:00:00Z', engine)).toBe(0)
})
