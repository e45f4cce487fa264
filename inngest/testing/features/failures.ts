import { type Context, type FailureEventArgs, NonRetriableError, RetryAfterError } from 'inngest'
import { expect } from 'vitest'
import type { Feature } from '#inngest/testing/feature.ts'

/** How runs fail. */
export const failures: Feature[] = [
  {
    name: 'a failed step is retried, and the steps before it are not',
    functions: (inngest, diary) => [
      inngest.createFunction(
        { id: 'retry', retries: 4, triggers: [{ event: 'contract/retry' }] },
        async ({ event, step, attempt }) => {
          const { of } = event.data
          await step.run('first', () => diary.note(of, 'first'))
          await step.run('flaky', () => {
            diary.note(of, `flaky ${attempt}`)
            if (attempt < 1) throw new Error('not yet')
          })
          await step.run('last', () => diary.note(of, 'last'))
        },
      ),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/retry' })
      expect(await lines(4)).toEqual(['first', 'flaky 0', 'flaky 1', 'last'])
    },
  },
  {
    name: 'RetryAfterError sets the time of the next attempt',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'later', triggers: [{ event: 'contract/later' }] }, async ({ event, step }) => {
        const { of } = event.data
        await step.run('request', () => {
          const attempts = diary.read(of).length
          diary.note(of, `attempt ${attempts}`)
          if (attempts === 0) throw new RetryAfterError('busy', 2_000)
        })
      }),
    ],
    verify: async ({ name, diary, send, lines }) => {
      await send({ name: 'contract/later' })
      expect(await lines(2)).toEqual(['attempt 0', 'attempt 1'])
      expect(diary.at(name, 'attempt 1') - diary.at(name, 'attempt 0')).toBeGreaterThanOrEqual(1_500)
    },
  },
  {
    name: 'NonRetriableError ends the run at once, and onFailure gets its event and error',
    functions: (inngest, diary) => [
      inngest.createFunction(
        {
          id: 'never',
          triggers: [{ event: 'contract/never' }],
          onFailure: ({ event, error }: FailureEventArgs) => {
            const { of, n } = event.data.event.data
            diary.note(of, `failed ${n}: ${error.message}`)
          },
        },
        async ({ event, step }) => {
          await step.run('try', () => {
            diary.note(event.data.of, 'tried')
            throw new NonRetriableError('never')
          })
        },
      ),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/never', data: { n: 7 } })
      expect(await lines(2)).toEqual(['tried', 'failed 7: never'])
    },
  },
  {
    name: 'a function without steps is attempted as often as it says; then onFailure runs, with its own steps',
    functions: (inngest, diary) => [
      inngest.createFunction(
        {
          id: 'doomed',
          retries: 1,
          triggers: [{ event: 'contract/doomed' }],
          onFailure: async ({ event, error, step }: FailureEventArgs & Context) => {
            const { of } = event.data.event.data
            await step.run('note', () => diary.note(of, `failed: ${error.message}`))
          },
        },
        async ({ event, attempt }) => {
          diary.note(event.data.of, `attempt ${attempt}`)
          throw new Error(`no luck at ${attempt}`)
        },
      ),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/doomed' })
      expect(await lines(3)).toEqual(['attempt 0', 'attempt 1', 'failed: no luck at 1'])
    },
  },
]
