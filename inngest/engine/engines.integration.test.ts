import { afterEach, expect, test } from 'vitest'
import { Stop } from '#lib/core/errors.ts'
import { freePort, withClient } from '#scripts/postgres.ts'
import type { EngineOptions } from './options.ts'
import { bearerOf } from './protocol/signing.ts'
import { KEYS, type MakeFunctions } from './testing/app.ts'
import { type EngineHarness, eventually, createEngineHarness, startEngineHarness } from './testing/harness.ts'

let bed: EngineHarness
let seen: string[] = []

afterEach(async () => {
  seen = []
  await bed.close()
})

const functions: MakeFunctions = (inngest) => [
  inngest.createFunction({ id: 'note', triggers: [{ event: 'note' }] }, async ({ event, step, attempt }) => {
    await step.run('note', () => seen.push(`${event.data.n} at attempt ${attempt}`))
  }),
]

test('a second engine stands by until the first is gone, and takes over', async () => {
  bed = await createEngineHarness(functions)
  const first = bed.engine()
  await first.start()
  const second = bed.engine()
  let took = false
  const takeover = second.start().then(() => {
    took = true
  })
  await eventually(() => second.health().state === 'standing by')
  await bed.send({ name: 'note', data: { n: 1 } })
  await eventually(() => seen.length === 1)
  expect([took, second.health().ok]).toEqual([false, true])

  await first.stop()
  await takeover
  await bed.send({ name: 'note', data: { n: 2 } })
  await eventually(() => seen.length === 2)
  expect(seen).toEqual(['1 at attempt 0', '2 at attempt 0'])
})

test('an event that an engine takes in while it stands by is carried out by the one at work', async () => {
  bed = await createEngineHarness(functions)
  await bed.engine().start()
  const port = await freePort()
  const second = bed.engine({ port })
  second.start().catch(() => {})
  await eventually(() => second.health().state === 'standing by')
  const event = JSON.stringify({ name: 'note', id: 'once', data: { n: 1 } })
  const answer = await eventually(() =>
    fetch(`http://127.0.0.1:${port}/e/${KEYS.eventKey}`, { method: 'POST', body: event }).catch(() => undefined),
  )
  expect(await answer.json()).toEqual({ ids: ['once'], status: 200 })
  await bed.send({ name: 'note', id: 'once', data: { n: 1 } })
  await bed.send({ name: 'note', data: { n: 2 } })
  await eventually(() => seen.length === 2)
  expect(seen.toSorted()).toEqual(['1 at attempt 0', '2 at attempt 0'])
  expect(second.health().state).toBe('standing by')
})

test('an engine that stands by can be stopped', async () => {
  bed = await createEngineHarness(functions)
  await bed.engine().start()
  const second = bed.engine({ port: await freePort() })
  const start = second.start()
  await eventually(() => second.health().state === 'standing by')
  await Promise.all([expect(start).rejects.toThrow(), second.stop()])
})

test('an engine that loses its lock says so once', async () => {
  bed = await createEngineHarness(functions)
  const causes: unknown[] = []
  const engine = bed.engine({ onLost: (cause) => causes.push(cause) })
  await engine.start()
  await withClient(bed.databaseUrl, (client) =>
    client.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"),
  )
  await eventually(() => causes.length > 0)
  expect(engine.health()).toMatchObject({ ok: false, state: 'stopped' })
  await engine.stop()
  expect(causes).toHaveLength(1)
})

/** What sessions that begin now read as pg_locks, as behind a pooler that gives each question another session. */
async function locksSay(rows: string): Promise<void> {
  const name = new URL(bed.databaseUrl).pathname.slice(1)
  await withClient(bed.databaseUrl, async (client) => {
    await client.query('create schema if not exists front')
    await client.query(`create or replace view front.pg_locks as ${rows}`)
    await client.query(`alter database "${name}" set search_path = front, public, pg_catalog`)
  })
}

test('an engine whose session has the lock no more says so', async () => {
  bed = await createEngineHarness(functions)
  await locksSay('select * from pg_catalog.pg_locks')
  const causes: unknown[] = []
  await bed.engine({ onLost: (cause) => causes.push(cause) }).start()
  await locksSay('select * from pg_catalog.pg_locks where false')
  await eventually(() => causes.length > 0)
  expect(String(causes[0])).toContain('holds the engine lock no more')
})

test('an engine whose session has the lock of another stands by', async () => {
  bed = await createEngineHarness(functions)
  await locksSay(`select 'advisory' as locktype, true as granted, pg_backend_pid() as pid, 1::int2 as objsubid, 0::oid as classid,
    7211042::oid as objid, (select oid from pg_database where datname = current_database()) as database`)
  const engine = bed.engine()
  engine.start().catch(() => {})
  await eventually(() => engine.health().state === 'standing by')
})

test('a call that an engine holds which is gone is repeated', async () => {
  let release = () => {}
  const waiting = new Promise<void>((resolve) => {
    release = resolve
  })
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'one', concurrency: 1, triggers: [{ event: 'one' }] }, async ({ event }) => {
      seen.push(event.data.n)
      if (event.data.n === 1) await waiting
    }),
  ])
  await bed.send({ name: 'one', data: { n: 1 } })
  await eventually(() => seen.length === 1)
  await bed.send({ name: 'one', data: { n: 2 } })
  await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query("update engine.calls set token = 'gone' where token is null")).rowCount),
  )
  release()
  await eventually(() => seen.length === 2)
})

test('an app that is away uses up no attempt', async () => {
  bed = await startEngineHarness(functions)
  bed.stopApp()
  await bed.send({ name: 'note', data: { n: 1 } })
  // It was called, in vain, and is due again.
  await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from engine.calls where due_at > now()')).rowCount),
  )
  await bed.startApp()
  await eventually(() => seen.length > 0)
  expect(seen).toEqual(['1 at attempt 0'])
})

test('configuration that the engine does not know stops the start with a sentence', async () => {
  bed = await createEngineHarness((inngest) => [
    inngest.createFunction(
      { id: 'gentle', throttle: { limit: 1, period: '1m' }, triggers: [{ event: 'gentle' }] },
      () => 'gentle',
    ),
  ])
  const start = bed.engine().start()
  await expect(start).rejects.toThrow(Stop)
  await expect(start).rejects.toThrow(/test-gentle.*throttle/)
})

test('an app that comes to want too much keeps its old functions, and health names the problem', async () => {
  let limited = false
  bed = await createEngineHarness((inngest) =>
    limited
      ? [inngest.createFunction({ id: 'note', priority: { run: '1' }, triggers: [{ event: 'note' }] }, () => 1)]
      : functions(inngest),
  )
  const engine = bed.engine()
  await engine.start()
  limited = true
  bed.stopApp()
  await bed.startApp()
  await eventually(() => engine.health().problem)
  expect(engine.health()).toMatchObject({ ok: false, problem: expect.stringMatching(/test-note.*priority/) })
  limited = false
  bed.stopApp()
  await bed.startApp()
  await eventually(() => engine.health().ok)
})

/** A run of a function that the app has no more, as an event of a newer instance leaves it. */
async function unknownRun(options: Partial<EngineOptions>): Promise<{ upgrade(): Promise<void> }> {
  let wanted = true
  bed = await createEngineHarness((inngest) => (wanted ? functions(inngest) : []))
  const before = bed.engine()
  await before.start()
  bed.stopApp()
  await bed.send({ name: 'note', data: { n: 1 } })
  await before.stop()
  wanted = false
  await bed.startApp()
  await bed.engine(options).start()
  return {
    upgrade: async () => {
      wanted = true
      bed.stopApp()
      await bed.startApp()
    },
  }
}

test('runs of a function that the app has no more end as failed', async () => {
  await unknownRun({ unknownForMs: 0 })
  const failed = await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query("select result from engine.runs where state = 'failed'")).rows[0]),
  )
  expect(failed.result).toContain('no such function')
  expect(seen).toEqual([])
})

test('a run of a function that the app comes to have waits for it', async () => {
  const { upgrade } = await unknownRun({})
  await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from engine.calls where due_at > now()')).rowCount),
  )
  await upgrade()
  await eventually(() => seen.length > 0)
  expect(seen).toEqual(['1 at attempt 0'])
})

test('a call under which the app breaks off again and again is given up', async () => {
  let tries = 0
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'deadly', triggers: [{ event: 'deadly' }] }, async ({ step }) => {
      await step.run('break off', async () => {
        tries++
        bed.stopApp()
        await bed.startApp()
        await new Promise(() => {})
      })
    }),
  ])
  await bed.send({ name: 'deadly' })
  const failed = await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query("select result from engine.runs where state = 'failed'")).rows[0]),
  )
  expect(failed.result).toContain('went away 4 times')
  expect(tries).toBe(4)
})

test('calls that wait for a place keep their order over the end of an engine', async () => {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  bed = await createEngineHarness((inngest) => [
    inngest.createFunction({ id: 'one', concurrency: 1, triggers: [{ event: 'one' }] }, async ({ event, step }) => {
      await step.run('note', async () => {
        if (event.data.n === 0) await released
        seen.push(String(event.data.n))
      })
    }),
  ])
  const first = bed.engine()
  await first.start()
  const numbers = Array.from({ length: 30 }, (_, n) => n)
  for (const n of numbers) await bed.send({ name: 'one', data: { n } })
  // All of them have asked for the one place; one has it.
  await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query('select from graphile_worker.jobs')).rowCount === 1),
  )
  await first.stop()
  release()
  await bed.engine().start()
  await eventually(() => new Set(seen).size === numbers.length)
  expect(seen.filter((n) => n !== '0')).toEqual(numbers.slice(1).map(String))
})

test('the app can say that it has changed, and cannot lead the engine elsewhere', async () => {
  let limited = false
  bed = await createEngineHarness((inngest) =>
    limited ? [inngest.createFunction({ id: 'other', triggers: [{ event: 'other' }] }, () => 1)] : functions(inngest),
  )
  const engine = bed.engine({ syncEveryMs: 600_000 })
  await engine.start()
  limited = true
  bed.stopApp()
  await bed.startApp()
  const register = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${bed.ports.engine}/fn/register`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ url: 'http://192.0.2.1/api/inngest', functions: [] }),
    })
  expect((await register({})).status).toBe(401)
  const answer = await register({ authorization: bearerOf(KEYS.signingKey) })
  expect(await answer.json()).toEqual({ ok: true, status: 200, modified: true })
  await bed.send([{ name: 'note', data: { n: 1 } }, { name: 'other' }])
  const started = await withClient(bed.databaseUrl, (client) => client.query('select function_id from engine.runs'))
  expect(started.rows).toEqual([{ function_id: 'test-other' }])
})
