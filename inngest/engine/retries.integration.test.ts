import { type Context, type FailureEventArgs, NonRetriableError, RetryAfterError } from 'inngest'
import { afterEach, expect, test } from 'vitest'
import { type EngineHarness, eventually, startEngineHarness } from './testing/harness.ts'

let bed: EngineHarness

afterEach(() => bed.close())

test('a step is tried again until it works; the steps before it are not repeated', async () => {
  const tries: string[] = []
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'flaky', triggers: [{ event: 'flaky' }] }, async ({ step, attempt }) => {
      await step.run('first', () => tries.push('first'))
      await step.run('flaky', () => {
        tries.push(`flaky ${attempt}`)
        if (attempt < 2) throw new Error('not yet')
      })
      await step.run('last', () => tries.push('last'))
    }),
  ])
  await bed.send({ name: 'flaky' })
  await eventually(() => tries.includes('last'))
  expect(tries).toEqual(['first', 'flaky 0', 'flaky 1', 'flaky 2', 'last'])
})

test('a function is tried as often as it says; then onFailure runs with the event and the error', async () => {
  const tries: number[] = []
  const failures: unknown[] = []
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction(
      {
        id: 'doomed',
        retries: 2,
        triggers: [{ event: 'doomed' }],
        onFailure: async ({ event, error, step }: FailureEventArgs & Context) => {
          await step.run('note', () => {
            failures.push([event.data.function_id, event.data.event.data, error.message])
          })
        },
      },
      async ({ attempt }) => {
        tries.push(attempt)
        throw new Error(`attempt ${attempt}`)
      },
    ),
  ])
  await bed.send({ name: 'doomed', data: { who: 'a' } })
  await eventually(() => failures.length > 0)
  expect(tries).toEqual([0, 1, 2])
  expect(failures).toEqual([['test-doomed', { who: 'a' }, 'attempt 2']])
})

test('NonRetriableError ends the run at once', async () => {
  let tries = 0
  let failed = false
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction(
      {
        id: 'never',
        triggers: [{ event: 'never' }],
        onFailure: () => {
          failed = true
        },
      },
      async ({ step }) => {
        await step.run('try', () => {
          tries++
          throw new NonRetriableError('never')
        })
      },
    ),
  ])
  await bed.send({ name: 'never' })
  await eventually(() => failed)
  expect(tries).toBe(1)
})

test('RetryAfterError decides when the next try is', async () => {
  const times: number[] = []
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'later', triggers: [{ event: 'later' }] }, async ({ step }) => {
      await step.run('ask', () => {
        times.push(Date.now())
        if (times.length === 1) throw new RetryAfterError('busy', 1000)
      })
    }),
  ])
  await bed.send({ name: 'later' })
  await eventually(() => times.length >= 2)
  expect(Number(times[1]) - Number(times[0])).toBeGreaterThanOrEqual(900)
})

test('a parallel step that fails is tried again alone', async () => {
  const tries: string[] = []
  let joined = false
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'half', triggers: [{ event: 'half' }] }, async ({ step, attempt }) => {
      await Promise.all([
        step.run('good', () => tries.push('good')),
        step.run('bad', () => {
          tries.push(`bad ${attempt}`)
          if (attempt === 0) throw new Error('not yet')
        }),
      ])
      await step.run('join', () => {
        joined = true
      })
    }),
  ])
  await bed.send({ name: 'half' })
  await eventually(() => joined)
  expect(tries.toSorted()).toEqual(['bad 0', 'bad 1', 'good'])
})

test('a call that takes too long is a failed try, and what it does later changes nothing', async () => {
  const tries: number[] = []
  const ends: unknown[] = []
  let goOn = () => {}
  const late = new Promise<void>((resolve) => {
    goOn = resolve
  })
  bed = await startEngineHarness(
    (inngest) => [
      inngest.createFunction({ id: 'slow', triggers: [{ event: 'slow' }] }, async ({ step, attempt }) => {
        const answer = await step.run('slow', async () => {
          tries.push(attempt)
          if (tries.length === 1) await late
          return `attempt ${attempt}`
        })
        await step.run('end', () => ends.push(answer))
      }),
    ],
    { callTimeoutMs: 500 },
  )
  await bed.send({ name: 'slow' })
  await eventually(() => ends.length > 0)
  expect(tries).toEqual([0, 1])
  goOn()
  // By the time a second run has ended, the first try has long been told to stop.
  await bed.send({ name: 'slow' })
  await eventually(() => ends.length > 1)
  expect(ends).toEqual(['attempt 1', 'attempt 0'])
})

test('calls without an answer use up the tries, and then the run fails', async () => {
  const tries: number[] = []
  let failure = ''
  bed = await startEngineHarness(
    (inngest) => [
      inngest.createFunction(
        {
          id: 'mute',
          retries: 1,
          triggers: [{ event: 'mute' }],
          onFailure: ({ error }: FailureEventArgs) => {
            failure = error.message
          },
        },
        async ({ step, attempt }) => {
          await step.run('mute', () => {
            tries.push(attempt)
            return new Promise(() => {})
          })
        },
      ),
    ],
    { callTimeoutMs: 300 },
  )
  await bed.send({ name: 'mute' })
  await eventually(() => failure)
  expect(failure).toBe('The app gave no answer within 0.3 s.')
  expect(tries).toEqual([0, 1])
})

test('an answer that is too large fails the run at once', async () => {
  let tries = 0
  const failures: string[] = []
  bed = await startEngineHarness((inngest) => [
    inngest.createFunction(
      {
        id: 'huge',
        triggers: [{ event: 'huge' }],
        onFailure: ({ error }: FailureEventArgs) => void failures.push(error.message),
      },
      () => {
        tries++
        return 'x'.repeat(33 * 2 ** 20)
      },
    ),
  ])
  await bed.send({ name: 'huge' })
  await eventually(() => failures.length > 0)
  expect([tries, failures]).toEqual([1, ["The app's answer is larger than 32 MB."]])
})
