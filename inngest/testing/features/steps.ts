import { expect } from 'vitest'
import type { Feature } from '#inngest/testing/feature.ts'

/** How steps run. */
export const steps: Feature[] = [
  {
    name: 'steps run in order, each once, and pass on their results',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'steps', triggers: [{ event: 'contract/steps' }] }, async ({ event, step }) => {
        const { of } = event.data
        const one = await step.run('one', () => {
          diary.note(of, 'one')
          return { sum: 41, nothing: null, text: 'a\u0000ü' }
        })
        await step.sleep('come back', '1s')
        await step.run('two', () => diary.note(of, `two ${one.sum + 1} ${one.nothing} ${JSON.stringify(one.text)}`))
      }),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/steps' })
      expect(await lines(2)).toEqual(['one', 'two 42 null "a\\u0000ü"'])
    },
  },
  {
    name: 'sleeps last as long as they say',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'sleep', triggers: [{ event: 'contract/sleep' }] }, async ({ event, step }) => {
        const { of } = event.data
        const until = await step.run('before', () => {
          diary.note(of, 'before')
          return new Date(Date.now() + 2_000).toISOString()
        })
        await step.sleepUntil('until', until)
        await step.run('between', () => diary.note(of, 'between'))
        await step.sleep('for', 1_000)
        await step.run('after', () => diary.note(of, 'after'))
      }),
    ],
    verify: async ({ name, diary, send, lines }) => {
      await send({ name: 'contract/sleep' })
      expect(await lines(3)).toEqual(['before', 'between', 'after'])
      expect(diary.at(name, 'between') - diary.at(name, 'before')).toBeGreaterThanOrEqual(1_500)
      expect(diary.at(name, 'after') - diary.at(name, 'between')).toBeGreaterThanOrEqual(900)
    },
  },
  {
    name: 'the function continues when all parallel steps are done',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'fork', triggers: [{ event: 'contract/fork' }] }, async ({ event, step }) => {
        const { of } = event.data
        const note = (text: string) => () => {
          diary.note(of, text)
          return text
        }
        const both = await Promise.all([step.run('left', note('left')), step.run('right', note('right'))])
        await step.run('join', note(both.join('+')))
      }),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/fork' })
      const noted = await lines(3)
      expect(noted.slice(0, 2).toSorted()).toEqual(['left', 'right'])
      expect(noted[2]).toBe('left+right')
    },
  },
  {
    name: 'a run keeps its id when it is called again',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'id', triggers: [{ event: 'contract/id' }] }, async ({ event, step, runId }) => {
        await step.run('first', () => diary.note(event.data.of, runId))
        await step.sleep('come back', '1s')
        await step.run('second', () => diary.note(event.data.of, runId))
      }),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/id' })
      const [first, second] = await lines(2)
      expect(second).toBe(first)
    },
  },
  {
    name: 'a function without steps is called once and may return',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'plain', triggers: [{ event: 'contract/plain' }] }, ({ event }) => {
        diary.note(event.data.of, 'called')
        return { done: true }
      }),
      inngest.createFunction({ id: 'plain-end', triggers: [{ event: 'contract/plain-end' }] }, ({ event }) => {
        diary.note(event.data.of, 'end')
      }),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/plain' })
      await lines(1)
      await send({ name: 'contract/plain-end' })
      expect(await lines(2)).toEqual(['called', 'end'])
    },
  },
]
