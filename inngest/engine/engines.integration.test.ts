import { afterEach, expect, test } from 'vitest'
import { Stop } from '#lib/core/errors.ts'
import { freePort, withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import type { EngineOptions } from './options.ts'
import { bearerOf } from './protocol/signing.ts'
import { KEYS, type MakeFunctions } from './testing/app.ts'
import { createEngineHarness, type EngineHarness, startEngineHarness } from './testing/harness.ts'

let harness: EngineHarness
let seen: string[] = []

afterEach(async () => {
  seen = []
  await harness.close()
})

const functions: MakeFunctions = (inngest) => [
  inngest.createFunction({ id: 'note', triggers: [{ event: 'note' }] }, async ({ event, step, attempt }) => {
    await step.run('note', () => seen.push(`${event.data.n} at attempt ${attempt}`))
  }),
]

test('a second engine stands by until the first is gone, then takes over', async () => {
  harness = await createEngineHarness(functions)
  const first = harness.engine()
  await first.start()
  const second = harness.engine()
  let tookOver = false
  const takeover = second.start().then(() => {
    tookOver = true
  })
  await eventually(() => second.health().state === 'standing by')
  await harness.send({ name: 'note', data: { n: 1 } })
  await eventually(() => seen.length === 1)
  expect([tookOver, second.health().ok]).toEqual([false, true])

  await first.stop()
  await takeover
  await harness.send({ name: 'note', data: { n: 2 } })
  await eventually(() => seen.length === 2)
  expect(seen).toEqual(['1 at attempt 0', '2 at attempt 0'])
})

test('the active engine runs events that a standby engine accepts', async () => {
  harness = await createEngineHarness(functions)
  await harness.engine().start()
  const port = await freePort()
  const second = harness.engine({ port })
  second.start().catch(() => {})
  await eventually(() => second.health().state === 'standing by')
  const event = JSON.stringify({ name: 'note', id: 'once', data: { n: 1 } })
  const response = await eventually(() =>
    fetch(`http://127.0.0.1:${port}/e/${KEYS.eventKey}`, { method: 'POST', body: event }).catch(() => undefined),
  )
  expect(await response.json()).toEqual({ ids: ['once'], status: 200 })
  await harness.send({ name: 'note', id: 'once', data: { n: 1 } })
  await harness.send({ name: 'note', data: { n: 2 } })
  await eventually(() => seen.length === 2)
  expect(seen.toSorted()).toEqual(['1 at attempt 0', '2 at attempt 0'])
  expect(second.health().state).toBe('standing by')
})

test('a standby engine can be stopped', async () => {
  harness = await createEngineHarness(functions)
  await harness.engine().start()
  const second = harness.engine({ port: await freePort() })
  const start = second.start()
  await eventually(() => second.health().state === 'standing by')
  await Promise.all([expect(start).rejects.toThrow(), second.stop()])
})

test('an engine that loses its lock reports it once', async () => {
  harness = await createEngineHarness(functions)
  const causes: unknown[] = []
  const engine = harness.engine({ onLost: (cause) => causes.push(cause) })
  await engine.start()
  await withClient(harness.databaseUrl, (client) =>
    client.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"),
  )
  await eventually(() => causes.length > 0)
  expect(engine.health()).toMatchObject({ ok: false, state: 'stopped' })
  await engine.stop()
  expect(causes).toHaveLength(1)
})

/** Replaces pg_locks for new sessions, to imitate a pooler that runs each query in a different session. */
async function fakeLocks(rows: string): Promise<void> {
  const name = new URL(harness.databaseUrl).pathname.slice(1)
  await withClient(harness.databaseUrl, async (client) => {
    await client.query('create schema if not exists front')
    await client.query(`create or replace view front.pg_locks as ${rows}`)
    await client.query(`alter database "${name}" set search_path = front, public, pg_catalog`)
  })
}

test('an engine whose session no longer holds the lock reports it', async () => {
  harness = await createEngineHarness(functions)
  await fakeLocks('select * from pg_catalog.pg_locks')
  const causes: unknown[] = []
  await harness.engine({ onLost: (cause) => causes.push(cause) }).start()
  await fakeLocks('select * from pg_catalog.pg_locks where false')
  await eventually(() => causes.length > 0)
  expect(String(causes[0])).toContain('no longer holds the engine lock')
})

test('an engine whose session already holds the lock of another engine stands by', async () => {
  harness = await createEngineHarness(functions)
  await fakeLocks(`select 'advisory' as locktype, true as granted, pg_backend_pid() as pid, 1::int2 as objsubid, 0::oid as classid,
    7211042::oid as objid, (select oid from pg_database where datname = current_database()) as database`)
  const engine = harness.engine()
  engine.start().catch(() => {})
  await eventually(() => engine.health().state === 'standing by')
})

test('a call held by an engine that is gone is repeated', async () => {
  let release = () => {}
  const waiting = new Promise<void>((resolve) => {
    release = resolve
  })
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'one', concurrency: 1, triggers: [{ event: 'one' }] }, async ({ event }) => {
      seen.push(event.data.n)
      if (event.data.n === 1) await waiting
    }),
  ])
  await harness.send({ name: 'one', data: { n: 1 } })
  await eventually(() => seen.length === 1)
  await harness.send({ name: 'one', data: { n: 2 } })
  await withClient(harness.databaseUrl, (client) =>
    eventually(async () => (await client.query("update engine.calls set token = 'gone' where token is null")).rowCount),
  )
  release()
  await eventually(() => seen.length === 2)
})

test('an unreachable app uses up no attempts', async () => {
  harness = await startEngineHarness(functions)
  harness.stopApp()
  await harness.send({ name: 'note', data: { n: 1 } })
  // The call has failed and is due again.
  await withClient(harness.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from engine.calls where due_at > now()')).rowCount),
  )
  await harness.startApp()
  await eventually(() => seen.length > 0)
  expect(seen).toEqual(['1 at attempt 0'])
})

test('an unsupported option stops the start with an explanation', async () => {
  harness = await createEngineHarness((inngest) => [
    inngest.createFunction(
      { id: 'gentle', throttle: { limit: 1, period: '1m' }, triggers: [{ event: 'gentle' }] },
      () => 'gentle',
    ),
  ])
  const start = harness.engine().start()
  await expect(start).rejects.toThrow(Stop)
  await expect(start).rejects.toThrow(/test-gentle.*throttle/)
})

test('an app that gains an unsupported option keeps its old functions, and health shows the problem', async () => {
  let limited = false
  harness = await createEngineHarness((inngest) =>
    limited
      ? [inngest.createFunction({ id: 'note', priority: { run: '1' }, triggers: [{ event: 'note' }] }, () => 1)]
      : functions(inngest),
  )
  const engine = harness.engine()
  await engine.start()
  limited = true
  harness.stopApp()
  await harness.startApp()
  await eventually(() => engine.health().problem)
  expect(engine.health()).toMatchObject({ ok: false, problem: expect.stringMatching(/test-note.*priority/) })
  limited = false
  harness.stopApp()
  await harness.startApp()
  await eventually(() => engine.health().ok)
})

/** Leaves a run of a function that the app doesn't have, as an event from a newer instance does. */
async function unknownRun(options: Partial<EngineOptions>): Promise<{ upgrade(): Promise<void> }> {
  let present = true
  harness = await createEngineHarness((inngest) => (present ? functions(inngest) : []))
  const before = harness.engine()
  await before.start()
  harness.stopApp()
  await harness.send({ name: 'note', data: { n: 1 } })
  await before.stop()
  present = false
  await harness.startApp()
  await harness.engine(options).start()
  return {
    upgrade: async () => {
      present = true
      harness.stopApp()
      await harness.startApp()
    },
  }
}

test('runs of a function that the app has removed fail', async () => {
  await unknownRun({ unknownForMs: 0 })
  const failed = await withClient(harness.databaseUrl, (client) =>
    eventually(async () => (await client.query("select result from engine.runs where state = 'failed'")).rows[0]),
  )
  expect(failed.result).toContain('no such function')
  expect(seen).toEqual([])
})

test('a run of a function that an upgrade adds waits for the upgrade', async () => {
  const { upgrade } = await unknownRun({})
  await withClient(harness.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from engine.calls where due_at > now()')).rowCount),
  )
  await upgrade()
  await eventually(() => seen.length > 0)
  expect(seen).toEqual(['1 at attempt 0'])
})

test('a call that keeps crashing the app fails', async () => {
  let attempts = 0
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'deadly', triggers: [{ event: 'deadly' }] }, async ({ step }) => {
      await step.run('break off', async () => {
        attempts++
        harness.stopApp()
        await harness.startApp()
        await new Promise(() => {})
      })
    }),
  ])
  await harness.send({ name: 'deadly' })
  const failed = await withClient(harness.databaseUrl, (client) =>
    eventually(async () => (await client.query("select result from engine.runs where state = 'failed'")).rows[0]),
  )
  expect(failed.result).toContain('crashed 4 times')
  expect(attempts).toBe(4)
})

test('waiting calls keep their order when the engine restarts', async () => {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  harness = await createEngineHarness((inngest) => [
    inngest.createFunction({ id: 'one', concurrency: 1, triggers: [{ event: 'one' }] }, async ({ event, step }) => {
      await step.run('note', async () => {
        if (event.data.n === 0) await released
        seen.push(String(event.data.n))
      })
    }),
  ])
  const first = harness.engine()
  await first.start()
  const numbers = Array.from({ length: 30 }, (_, n) => n)
  for (const n of numbers) await harness.send({ name: 'one', data: { n } })
  // All calls have arrived, and one of them is active.
  await withClient(harness.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from graphile_worker.jobs')).rowCount === 1),
  )
  await first.stop()
  release()
  await harness.engine().start()
  await eventually(() => new Set(seen).size === numbers.length)
  expect(seen.filter((n) => n !== '0')).toEqual(numbers.slice(1).map(String))
})

test('the app can announce a change but cannot redirect the engine', async () => {
  let limited = false
  harness = await createEngineHarness((inngest) =>
    limited ? [inngest.createFunction({ id: 'other', triggers: [{ event: 'other' }] }, () => 1)] : functions(inngest),
  )
  const engine = harness.engine({ syncEveryMs: 600_000 })
  await engine.start()
  limited = true
  harness.stopApp()
  await harness.startApp()
  const register = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${harness.ports.engine}/fn/register`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ url: 'http://192.0.2.1/api/inngest', functions: [] }),
    })
  expect((await register({})).status).toBe(401)
  const response = await register({ authorization: bearerOf(KEYS.signingKey) })
  expect(await response.json()).toEqual({ ok: true, status: 200, modified: true })
  await harness.send([{ name: 'note', data: { n: 1 } }, { name: 'other' }])
  const started = await withClient(harness.databaseUrl, (client) => client.query('select function_id from engine.runs'))
  expect(started.rows).toEqual([{ function_id: 'test-other' }])
})
