import { expect } from 'vitest'
import { ConcurrencyMeter, type Feature } from '#inngest/testing/feature.ts'
import { pause } from '#lib/core/clock.ts'

const meters = new Map<string, ConcurrencyMeter>()

function meterOf(name: string): ConcurrencyMeter {
  const meter = meters.get(name) ?? new ConcurrencyMeter()
  meters.set(name, meter)
  return meter
}

// Long enough that calls overlap.
const VISIT_MS = 100

/** What starts runs, and how many run at once. */
export const flow: Feature[] = [
  {
    name: 'events that a function sends start each function once, even if the sender is called again',
    functions: (inngest, diary) => [
      inngest.createFunction(
        { id: 'parent', triggers: [{ event: 'contract/parent' }] },
        async ({ event, step, runId }) => {
          const { of } = event.data
          const child = (n: number) => ({ name: 'contract/child', id: `${runId}:${n}`, data: { of, n } })
          await step.run('begin', () => diary.note(of, 'begin'))
          await inngest.send([child(1), child(2)])
          await step.sleep('come back', '1s')
          await step.sendEvent('more', [child(3)])
          await step.run('end', () => diary.note(of, 'end'))
        },
      ),
      inngest.createFunction({ id: 'child', triggers: [{ event: 'contract/child' }] }, async ({ event, step }) => {
        await step.run('note', () => diary.note(event.data.of, `child ${event.data.n}`))
      }),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/parent' })
      expect((await lines(5)).toSorted()).toEqual(['begin', 'child 1', 'child 2', 'child 3', 'end'])
    },
  },
  {
    name: 'an event id is accepted once',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'once', triggers: [{ event: 'contract/once' }] }, ({ event }) =>
        diary.note(event.data.of, String(event.data.n)),
      ),
    ],
    verify: async ({ name, send, lines }) => {
      const event = { name: 'contract/once', id: `${name}-1`, data: { n: 1 } }
      await send(event, event)
      await send(event)
      await lines(1)
      await send({ name: 'contract/once', id: `${name}-2`, data: { n: 2 } })
      expect(await lines(2)).toEqual(['1', '2'])
    },
  },
  {
    name: 'a function can continue by sending itself an event',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'relay', triggers: [{ event: 'contract/relay' }] }, async ({ event }) => {
        const { of, n } = event.data
        diary.note(of, `leg ${n}`)
        if (n < 3) await inngest.send({ name: 'contract/relay', id: `${of}-${n + 1}`, data: { of, n: n + 1 } })
      }),
    ],
    verify: async ({ send, lines }) => {
      await send({ name: 'contract/relay', data: { n: 1 } })
      expect(await lines(3)).toEqual(['leg 1', 'leg 2', 'leg 3'])
    },
  },
  {
    name: 'a function never exceeds its concurrency limit',
    functions: (inngest, diary) => [
      inngest.createFunction(
        { id: 'pool', concurrency: 2, triggers: [{ event: 'contract/pool' }] },
        async ({ event, step }) => {
          const { of, n } = event.data
          await step.run('visit', () => meterOf(of).visit(() => pause(VISIT_MS)))
          await step.run('note', () => diary.note(of, String(n)))
        },
      ),
    ],
    verify: async ({ name, send, lines }) => {
      await send(...[1, 2, 3, 4, 5, 6].map((n) => ({ name: 'contract/pool', data: { n } })))
      expect(new Set(await lines(6)).size).toBe(6)
      expect(meterOf(name).max).toBe(2)
    },
  },
  {
    name: 'a key never exceeds its concurrency limit',
    functions: (inngest, diary) => [
      inngest.createFunction(
        {
          id: 'turns',
          concurrency: [{ limit: 2 }, { limit: 1, key: 'event.data.who' }],
          triggers: [{ event: 'contract/turns' }],
        },
        async ({ event, step }) => {
          const { of, who } = event.data
          await step.run('visit', () => meterOf(`${of} ${who}`).visit(() => pause(VISIT_MS)))
          await step.run('note', () => diary.note(of, who))
        },
      ),
    ],
    verify: async ({ name, send, lines }) => {
      await send(...['a', 'a', 'a', 'b', 'b'].map((who) => ({ name: 'contract/turns', data: { who } })))
      expect((await lines(5)).toSorted()).toEqual(['a', 'a', 'a', 'b', 'b'])
      expect([meterOf(`${name} a`).max, meterOf(`${name} b`).max]).toEqual([1, 1])
    },
  },
  {
    name: 'a cron fires every minute',
    alone: true,
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'minutely', triggers: [{ cron: '* * * * *' }] }, () => diary.note('cron', 'fired')),
    ],
    verify: async ({ diary, newMinute, lines }) => {
      const before = diary.read('cron').length
      await newMinute()
      expect((await lines(before + 1)).length).toBe(before + 1)
    },
  },
  {
    // Our jobs don't use cancelOn: each step checks a row that says whether the run was canceled.
    name: 'a run can end between two steps because of a step result',
    functions: (inngest, diary) => [
      inngest.createFunction({ id: 'cancel', triggers: [{ event: 'contract/cancel' }] }, async ({ event, step }) => {
        const { of } = event.data
        for (let slice = 1; slice <= 100; slice++) {
          const more = await step.run(`slice ${slice}`, () => {
            const cancelled = diary.read(of).includes('cancelled')
            diary.note(of, cancelled ? 'ended' : `slice ${slice}`)
            return !cancelled
          })
          if (!more) return
          await step.sleep(`pause ${slice}`, 300)
        }
      }),
      inngest.createFunction({ id: 'cancel-end', triggers: [{ event: 'contract/cancel-end' }] }, ({ event }) =>
        diary.note(event.data.of, 'checked'),
      ),
    ],
    verify: async ({ name, diary, send, lines }) => {
      await send({ name: 'contract/cancel' })
      await lines(2)
      diary.note(name, 'cancelled')
      let count = 4
      while (!(await lines(count)).includes('ended')) count++
      await send({ name: 'contract/cancel-end' })
      const noted = await lines(count + 1)
      expect([noted.filter((line) => line === 'ended').length, noted.at(-1)]).toEqual([1, 'checked'])
    },
  },
]
