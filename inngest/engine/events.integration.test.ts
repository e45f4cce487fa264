import { afterEach, expect, test } from 'vitest'
import { HOUR } from '#lib/core/clock.ts'
import { withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import { removeOld } from './store/runs.ts'
import { KEYS, type MakeFunctions } from './testing/app.ts'
import { createEngineHarness, type EngineHarness, startEngineHarness } from './testing/harness.ts'

let harness: EngineHarness
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
  await harness.close()
})

function runsIn(databaseUrl: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query('select count(*)::int as runs from engine.runs')
    return rows[0].runs
  })
}

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${harness.ports.engine}/e/${KEYS.eventKey}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  })
}

test('several events in one request start all the functions they trigger', async () => {
  harness = await startEngineHarness(functions)
  const ids = await harness.send([
    { name: 'thing', data: { n: 1 } },
    { name: 'other', data: { n: 2 } },
    { name: 'triggers nothing' },
  ])
  expect(new Set(ids).size).toBe(3)
  await eventually(() => seen.length >= 3)
  expect(seen.toSorted()).toEqual(['one 1', 'two 1', 'two 2'])
})

test('an id starts runs once, in one request and later; after a day it counts as new', async () => {
  let ahead = 0
  harness = await startEngineHarness(functions, { clock: () => new Date(Date.now() + ahead) })
  const event = { name: 'other', id: 'run-7', data: { n: 7 } }
  expect(await harness.send([event, event])).toEqual(['run-7', 'run-7'])
  await harness.send(event)
  expect(await runsIn(harness.databaseUrl)).toBe(1)
  await harness.send({ ...event, id: 'run-8' })
  expect(await runsIn(harness.databaseUrl)).toBe(2)
  ahead = 23 * HOUR
  await harness.send(event)
  expect(await runsIn(harness.databaseUrl)).toBe(2)
  ahead = 25 * HOUR
  await harness.send(event)
  expect(await runsIn(harness.databaseUrl)).toBe(3)
})

test('a request that the SDK repeats after a lost response starts nothing twice', async () => {
  harness = await startEngineHarness(functions)
  const events = [
    { name: 'other', data: { n: 1 } },
    { name: 'other', data: { n: 2 } },
  ]
  for (let attempt = 0; attempt < 3; attempt++)
    await post(events, { 'x-inngest-event-id-seed': '1700000000000,c2VlZA==' })
  expect(await runsIn(harness.databaseUrl)).toBe(2)
  await post(events, { 'x-inngest-event-id-seed': '1700000000001,c2VlZA==' })
  expect(await runsIn(harness.databaseUrl)).toBe(4)
})

test('malformed events are refused and start nothing', async () => {
  harness = await startEngineHarness(functions)
  const wrong = [{}, [], 'thing', { name: '' }, { name: 'a\u0000b' }, { name: 'thing', data: 'text' }]
  for (const body of [...wrong, [{ name: 'other' }, {}]]) {
    expect([body, (await post(body)).status]).toEqual([body, Array.isArray(body) && body.length === 0 ? 200 : 400])
  }
  expect(await runsIn(harness.databaseUrl)).toBe(0)
})

test('an event that arrives before the first sync starts its function after the sync', async () => {
  harness = await createEngineHarness(functions)
  harness.stopApp()
  const started = harness.engine().start()
  await eventually(() => fetch(`http://127.0.0.1:${harness.ports.engine}/health`).catch(() => undefined))
  const sent = harness.send({ name: 'other', data: { n: 1 } })
  await harness.startApp()
  await Promise.all([started, sent])
  await eventually(() => seen.length > 0)
  expect(seen).toEqual(['two 1'])
})

test('runs that ended a week ago are deleted; active ones stay', async () => {
  const release: (() => void)[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'quick', triggers: [{ event: 'quick' }] }, async ({ step }) => {
      await step.run('one', () => 1)
    }),
    inngest.createFunction({ id: 'long', triggers: [{ event: 'long' }] }, async ({ step }) => {
      await step.run('one', () => new Promise<void>((resolve) => release.push(resolve)))
    }),
  ])
  await harness.send([{ name: 'quick' }, { name: 'long' }])
  await withClient(harness.databaseUrl, async (client) => {
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
