import { NonRetriableError } from 'inngest'
import { afterEach, expect, test } from 'vitest'
import { pause } from '#lib/core/clock.ts'
import { withClient } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import { type EngineHarness, startEngineHarness } from './testing/harness.ts'

let harness: EngineHarness

afterEach(() => harness.close())

async function lastRun(): Promise<{ state: string; result: string } | undefined> {
  return withClient(harness.databaseUrl, async (client) => {
    const { rows } = await client.query('select state, result from engine.runs where ended_at is not null')
    return rows[0]
  })
}

test('an event runs the steps of its function in order, each once, with their results', async () => {
  const done: unknown[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'walk', triggers: [{ event: 'walk' }] }, async ({ event, step }) => {
      const one = await step.run('one', () => done.push('one'))
      const two = await step.run('two', () => {
        done.push('two')
        return { sum: one + event.data.add }
      })
      await step.run('three', () => done.push(two))
      return 'walked'
    }),
  ])
  await harness.send({ name: 'walk', data: { add: 41 } })
  expect(await eventually(lastRun)).toEqual({ state: 'completed', result: '"walked"' })
  expect(done).toEqual(['one', 'two', { sum: 42 }])
})

test('results come back unchanged: NUL characters, key order, large numbers, undefined', async () => {
  const awkward = { z: 'a\u0000b', a: 1e21, half: '\ud800', long: 9007199254740991, deep: [{ data: null }, 'ü'] }
  const seen: unknown[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'odd', triggers: [{ event: 'odd' }] }, async ({ step }) => {
      seen.push(await step.run('awkward', () => awkward))
      seen.push(await step.run('nothing', () => undefined))
      await step.sleep('so that the results come from the database', '1s')
      seen.push(await step.run('end', () => 'end'))
    }),
  ])
  await harness.send({ name: 'odd' })
  await eventually(() => seen.includes('end'))
  const [first, second, again, nothing] = seen
  expect([first, second]).toEqual([awkward, null])
  expect([again, nothing]).toEqual([awkward, null])
})

test('a sleep lasts as long as it says, and no step runs twice', async () => {
  const times: [string, number][] = []
  const note = (name: string) => () => times.push([name, Date.now()])
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'nap', triggers: [{ event: 'nap' }] }, async ({ step }) => {
      await step.run('before', note('before'))
      await step.sleep('nap', '1s')
      await step.run('between', note('between'))
      await step.sleepUntil('until', new Date(Date.now() + 300))
      await step.run('after', note('after'))
    }),
  ])
  await harness.send({ name: 'nap' })
  await eventually(() => times.length >= 3)
  expect(times.map(([name]) => name)).toEqual(['before', 'between', 'after'])
  const [before, between, after] = times.map(([, at]) => at)
  expect(Number(between) - Number(before)).toBeGreaterThanOrEqual(1000)
  expect(Number(after) - Number(between)).toBeGreaterThanOrEqual(250)
})

test('a run that ends a call at its maximum runtime continues where it was', async () => {
  const done: number[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction(
      { id: 'marathon', checkpointing: { maxRuntime: 200 }, triggers: [{ event: 'marathon' }] },
      async ({ step }) => {
        for (let n = 0; n < 10; n++) {
          await step.run(`slice ${n}`, async () => {
            await pause(60)
            done.push(n)
          })
        }
        await step.run('end', () => done.push(-1))
      },
    ),
  ])
  await harness.send({ name: 'marathon' })
  await eventually(() => done.includes(-1))
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1])
})

test('an app without checkpoints gets one call for each step', async () => {
  const done: string[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'plain', checkpointing: false, triggers: [{ event: 'plain' }] }, async ({ step }) => {
      await step.run('one', () => done.push('one'))
      await step.run('two', () => done.push('two'))
      await step.run('three', () => done.push('three'))
    }),
  ])
  await harness.send({ name: 'plain' })
  expect((await eventually(lastRun))?.state).toBe('completed')
  expect(done).toEqual(['one', 'two', 'three'])
})

test('parallel steps overlap, and the function continues when all of them are done', async () => {
  const done: string[] = []
  let together = 0
  let most = 0
  const busy = (name: string) => async () => {
    together++
    most = Math.max(most, together)
    await eventually(() => most >= 2)
    together--
    done.push(name)
    return name
  }
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'fork', triggers: [{ event: 'fork' }] }, async ({ step }) => {
      const left = async () => [await step.run('a1', busy('a1')), await step.run('a2', busy('a2'))]
      const right = async () => [await step.run('b1', busy('b1')), await step.run('b2', busy('b2'))]
      const [a, b] = await Promise.all([left(), right(), step.sleep('pause', '1s')])
      await step.run('join', () => done.push([...a, ...b].join()))
    }),
  ])
  await harness.send({ name: 'fork' })
  await eventually(() => done.length >= 5)
  expect(done.slice(0, 4).toSorted()).toEqual(['a1', 'a2', 'b1', 'b2'])
  expect(done[4]).toBe('a1,a2,b1,b2')
  expect(most).toBe(2)
})

test('a failed step can be caught by the function', async () => {
  let caught: unknown
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'catch', triggers: [{ event: 'catch' }] }, async ({ step }) => {
      try {
        await step.run('boom', () => {
          throw new NonRetriableError('boom')
        })
      } catch (error) {
        caught = await step.run('note', () => (error instanceof Error ? error.message : error))
      }
      return caught
    }),
  ])
  await harness.send({ name: 'catch' })
  expect(await eventually(lastRun)).toEqual({ state: 'completed', result: '"boom"' })
})

test('step.sendEvent starts other functions, once for each event', async () => {
  const children: number[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'parent', triggers: [{ event: 'parent' }] }, async ({ step }) => {
      await step.sendEvent(
        'children',
        [1, 2, 3].map((n) => ({ name: 'child', data: { n } })),
      )
    }),
    inngest.createFunction({ id: 'child', triggers: [{ event: 'child' }] }, async ({ event, step }) => {
      await step.run('note', () => children.push(event.data.n))
    }),
  ])
  await harness.send({ name: 'parent' })
  await eventually(() => children.length >= 3)
  expect(children.toSorted()).toEqual([1, 2, 3])
})

test('an unsupported operation fails the run and is named in the error', async () => {
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'foreign', triggers: [{ event: 'foreign' }] }, async ({ step }) => {
      await step.waitForEvent('wait', { event: 'never', timeout: '1m' })
    }),
  ])
  await harness.send({ name: 'foreign' })
  const run = await eventually(lastRun)
  expect(run?.state).toBe('failed')
  expect(run?.result).toContain('WaitForEvent')
})

test('a function never exceeds its concurrency limit, and the oldest calls run first', async () => {
  const started: number[] = []
  let together = 0
  let most = 0
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'pool', concurrency: 2, triggers: [{ event: 'pool' }] }, async ({ event, step }) => {
      await step.run('work', async () => {
        started.push(event.data.n)
        together++
        most = Math.max(most, together)
        await eventually(() => started.length >= 100 || together === 2)
        together--
      })
    }),
  ])
  await harness.send(Array.from({ length: 100 }, (_, n) => ({ name: 'pool', data: { n } })))
  await eventually(() => started.length >= 100 && together === 0)
  expect(most).toBe(2)
  expect(started.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  // With two at a time, a call can overtake by one, not by more.
  for (const [place, n] of started.entries()) expect(Math.abs(place - n)).toBeLessThanOrEqual(1)
})
