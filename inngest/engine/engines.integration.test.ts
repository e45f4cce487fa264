import { afterEach, expect, test } from 'vitest'
import { Stop } from '../../lib/errors.ts'
import { withClient } from '../../scripts/postgres.ts'
import type { MakeFunctions } from './testing/app.ts'
import { type Bed, eventually, makeBed, runningBed } from './testing/bed.ts'

let bed: Bed
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
  bed = await makeBed(functions)
  const first = bed.engine()
  await first.start()
  const second = bed.engine()
  let took = false
  const takeover = second.start().then(() => {
    took = true
  })
  await withClient(bed.databaseUrl, (client) =>
    eventually(
      async () => (await client.query("select from pg_locks where locktype = 'advisory' and not granted")).rowCount,
    ),
  )
  await bed.send({ name: 'note', data: { n: 1 } })
  await eventually(() => seen.length === 1)
  expect([took, second.health().ok]).toEqual([false, false])

  await first.stop()
  await takeover
  await bed.send({ name: 'note', data: { n: 2 } })
  await eventually(() => seen.length === 2)
  expect(seen).toEqual(['1 at attempt 0', '2 at attempt 0'])
})

test('an engine that stands by can be stopped', async () => {
  bed = await makeBed(functions)
  await bed.engine().start()
  const second = bed.engine()
  const start = second.start()
  await withClient(bed.databaseUrl, (client) =>
    eventually(
      async () => (await client.query("select from pg_locks where locktype = 'advisory' and not granted")).rowCount,
    ),
  )
  await Promise.all([expect(start).rejects.toThrow(), second.stop()])
})

test('an engine that loses its lock says so once', async () => {
  bed = await makeBed(functions)
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

test('an app that is away uses up no attempt', async () => {
  bed = await runningBed(functions)
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
  bed = await makeBed((inngest) => [
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
  bed = await makeBed((inngest) =>
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

test('runs of a function that the app has no more end as failed', async () => {
  let wanted = true
  bed = await makeBed((inngest) => (wanted ? functions(inngest) : []))
  const before = bed.engine()
  await before.start()
  bed.stopApp()
  await bed.send({ name: 'note', data: { n: 1 } })
  await before.stop()
  wanted = false
  await bed.startApp()
  await bed.engine().start()
  const failed = await withClient(bed.databaseUrl, (client) =>
    eventually(async () => (await client.query("select result from engine.runs where state = 'failed'")).rows[0]),
  )
  expect(failed.result).toContain('no such function')
  expect(seen).toEqual([])
})

test('a call under which the app breaks off again and again is given up', async () => {
  let tries = 0
  bed = await runningBed((inngest) => [
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
