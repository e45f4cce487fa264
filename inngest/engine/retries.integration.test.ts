import { type Context, type FailureEventArgs, NonRetriableError, RetryAfterError } from 'inngest'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '#testing/eventually.ts'
import { type EngineHarness, startEngineHarness } from './testing/harness.ts'

let harness: EngineHarness

afterEach(() => harness.close())

test('a step is retried until it succeeds; the steps before it are not repeated', async () => {
  const attempts: string[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'flaky', triggers: [{ event: 'flaky' }] }, async ({ step, attempt }) => {
      await step.run('first', () => attempts.push('first'))
      await step.run('flaky', () => {
        attempts.push(`flaky ${attempt}`)
        if (attempt < 2) throw new Error('not yet')
      })
      await step.run('last', () => attempts.push('last'))
    }),
  ])
  await harness.send({ name: 'flaky' })
  await eventually(() => attempts.includes('last'))
  expect(attempts).toEqual(['first', 'flaky 0', 'flaky 1', 'flaky 2', 'last'])
})

test('a function is attempted as often as it says; then onFailure runs with the event and the error', async () => {
  const attempts: number[] = []
  const failures: unknown[] = []
  harness = await startEngineHarness((inngest) => [
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
        attempts.push(attempt)
        throw new Error(`attempt ${attempt}`)
      },
    ),
  ])
  await harness.send({ name: 'doomed', data: { who: 'a' } })
  await eventually(() => failures.length > 0)
  expect(attempts).toEqual([0, 1, 2])
  expect(failures).toEqual([['test-doomed', { who: 'a' }, 'attempt 2']])
})

test('NonRetriableError ends the run at once', async () => {
  let attempts = 0
  let failed = false
  harness = await startEngineHarness((inngest) => [
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
          attempts++
          throw new NonRetriableError('never')
        })
      },
    ),
  ])
  await harness.send({ name: 'never' })
  await eventually(() => failed)
  expect(attempts).toBe(1)
})

test('RetryAfterError sets the time of the next attempt', async () => {
  const times: number[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'later', triggers: [{ event: 'later' }] }, async ({ step }) => {
      await step.run('request', () => {
        times.push(Date.now())
        if (times.length === 1) throw new RetryAfterError('busy', 1000)
      })
    }),
  ])
  await harness.send({ name: 'later' })
  await eventually(() => times.length >= 2)
  expect(Number(times[1]) - Number(times[0])).toBeGreaterThanOrEqual(900)
})

test('only the failed one of parallel steps is retried', async () => {
  const attempts: string[] = []
  let joined = false
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction({ id: 'half', triggers: [{ event: 'half' }] }, async ({ step, attempt }) => {
      await Promise.all([
        step.run('good', () => attempts.push('good')),
        step.run('bad', () => {
          attempts.push(`bad ${attempt}`)
          if (attempt === 0) throw new Error('not yet')
        }),
      ])
      await step.run('join', () => {
        joined = true
      })
    }),
  ])
  await harness.send({ name: 'half' })
  await eventually(() => joined)
  expect(attempts.toSorted()).toEqual(['bad 0', 'bad 1', 'good'])
})

test('a call that times out is a failed attempt, and its late response changes nothing', async () => {
  const attempts: number[] = []
  const ends: unknown[] = []
  let release = () => {}
  const late = new Promise<void>((resolve) => {
    release = resolve
  })
  harness = await startEngineHarness(
    (inngest) => [
      inngest.createFunction({ id: 'slow', triggers: [{ event: 'slow' }] }, async ({ step, attempt }) => {
        const result = await step.run('slow', async () => {
          attempts.push(attempt)
          if (attempts.length === 1) await late
          return `attempt ${attempt}`
        })
        await step.run('end', () => ends.push(result))
      }),
    ],
    { callTimeoutMs: 500 },
  )
  await harness.send({ name: 'slow' })
  await eventually(() => ends.length > 0)
  expect(attempts).toEqual([0, 1])
  release()
  // By the time a second run has ended, the first attempt has received its order to stop.
  await harness.send({ name: 'slow' })
  await eventually(() => ends.length > 1)
  expect(ends).toEqual(['attempt 1', 'attempt 0'])
})

test('calls without a response use up the attempts, and then the run fails', async () => {
  const attempts: number[] = []
  let failure = ''
  harness = await startEngineHarness(
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
            attempts.push(attempt)
            return new Promise(() => {})
          })
        },
      ),
    ],
    { callTimeoutMs: 300 },
  )
  await harness.send({ name: 'mute' })
  await eventually(() => failure)
  expect(failure).toBe("The app didn't respond within 0.3 s.")
  expect(attempts).toEqual([0, 1])
})

test('a response that is too large fails the run at once', async () => {
  let attempts = 0
  const failures: string[] = []
  harness = await startEngineHarness((inngest) => [
    inngest.createFunction(
      {
        id: 'huge',
        triggers: [{ event: 'huge' }],
        onFailure: ({ error }: FailureEventArgs) => void failures.push(error.message),
      },
      () => {
        attempts++
        return 'x'.repeat(33 * 2 ** 20)
      },
    ),
  ])
  await harness.send({ name: 'huge' })
  await eventually(() => failures.length > 0)
  expect([attempts, failures]).toEqual([1, ["The app's response is larger than 32 MB."]])
})
