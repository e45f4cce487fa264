import { afterEach, expect, test } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { withClient } from '#scripts/postgres.ts'
import { removeOld } from './retention.ts'
import { KEYS, type MakeFunctions } from './testing/app.ts'
import { type EngineHarness, eventually, createEngineHarness, startEngineHarness } from './testing/harness.ts'

let bed: EngineHarness
let seen: string[] = []

const functions: MakeFunctions = (inngest) => [
  inngest.createFunction({ id: 'one', triggers: [{ event: 'thing' }] }, ({ event }) =>
    seen.push(`one ${event.data.n}`),
  ),
  inngest.createFunction({ id: 'two', triggers: [{ event: 'thing' }, { event: 'other' }] }, ({ event }) =>
    seen.push(`two ${event.data.n}`),
  ),
]

afterEach(async () => {
  seen = []
  await bed.close()
})

function runsIn(databaseUrl: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query('select count(*)::int as runs from engine.runs')
    return rows[0].runs
  })
}

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${bed.ports.engine}/e/${KEYS.eventKey}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  })
}

test('several events in one send start every function that waits for them', async () => {
  bed = await startEngineHarness(functions)
  const ids = await bed.send([
    { name: 'thing', data: { n: 1 } },
    { name: 'other', data: { n: 2 } },
    { name: 'nobody waits for this' },
  ])
  expect(new Set(ids).size).toBe(3)
  await eventually(() => seen.length >= 3)
  expect(seen.toSorted()).toEqual(['one 1', 'two 1', 'two 2'])
})

test('an id starts runs once, within one send and later; after a day it counts as new', async () => {
  let ahead = 0
  bed = await startEngineHarness(functions, { clock: () => new Date(Date.now() + ahead) })
  const event = { name: 'other', id: 'run-7', data: { n: 7 } }
  expect(await bed.send([event, event])).toEqual(['run-7', 'run-7'])
  await bed.send(event)
  expect(await runsIn(bed.databaseUrl)).toBe(1)
  await bed.send({ ...event, id: 'run-8' })
  expect(await runsIn(bed.databaseUrl)).toBe(2)
  ahead = 23 * HOUR
  await bed.send(event)
  expect(await runsIn(bed.databaseUrl)).toBe(2)
  ahead = 25 * HOUR
  await bed.send(event)
  expect(await runsIn(bed.databaseUrl)).toBe(3)
})

test('a send that the SDK repeats because its answer was lost starts nothing twice', async () => {
  bed = await startEngineHarness(functions)
  const events = [
    { name: 'other', data: { n: 1 } },
    { name: 'other', data: { n: 2 } },
  ]
  for (let tries = 0; tries < 3; tries++) await post(events, { 'x-inngest-event-id-seed': '1700000000000,c2VlZA==' })
  expect(await runsIn(bed.databaseUrl)).toBe(2)
  await post(events, { 'x-inngest-event-id-seed': '1700000000001,c2VlZA==' })
  expect(await runsIn(bed.databaseUrl)).toBe(4)
})

test('events of another shape are refused and start nothing', async () => {
  bed = await startEngineHarness(functions)
  const wrong = [{}, [], 'thing', { name: '' }, { name: 'a\u0000b' }, { name: 'thing', data: 'text' }]
  for (const body of [...wrong, [{ name: 'other' }, {}]]) {
    expect([body, (await post(body)).status]).toEqual([body, Array.isArray(body) && body.length === 0 ? 200 : 400])
  }
  expect(await runsIn(bed.databaseUrl)).toBe(0)
})

test('an event that comes before the app was ever reached waits, and starts its function then', async () => {
  bed = await createEngineHarness(functions)
  bed.stopApp()
  const started = bed.engine().start()
  await eventually(() => fetch(`http://127.0.0.1:${bed.ports.engine}/health`).catch(() => undefined))
  const sent = bed.send({ name: 'other', data: { n: 1 } })
  await bed.startApp()
  await Promise.all([started, sent])
  await eventually(() => seen.length > 0)
  expect(seen).toEqual(['two 1'])
})

test('what ended a week ago is removed; what has not ended stays', async () => {
  const release: (() => void)[] = []
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'quick', triggers: [{ event: 'quick' }] }, async ({ step }) => {
      await step.run('one', () => 1)
    }),
    inngest.createFunction({ id: 'long', triggers: [{ event: 'long' }] }, async ({ step }) => {
      await step.run('one', () => new Promise<void>((resolve) => release.push(resolve)))
    }),
  ])
  await bed.send([{ name: 'quick' }, { name: 'long' }])
  await withClient(bed.databaseUrl, async (client) => {
    const count = async (table: string) => (await client.query(`select from engine.${table}`)).rowCount
    await eventually(
      async () => (await client.query("select from engine.runs where state = 'completed'")).rowCount === 1,
    )
    await removeOld(client, new Date(Date.now() + 6 * 24 * HOUR))
    expect([await count('runs'), await count('steps'), await count('events')]).toEqual([2, 1, 2])
    await removeOld(client, new Date(Date.now() + 8 * 24 * HOUR))
    expect([await count('runs'), await count('steps'), await count('events')]).toEqual([1, 0, 0])
  })
  for (const end of release) end()
})
