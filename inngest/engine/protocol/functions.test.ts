import { expect, test } from 'vitest'
import { Functions, nextFiring, readFunctions } from './functions.ts'

const plain = {
  id: 'app-sync',
  name: 'sync',
  triggers: [{ event: 'sync/requested' }],
  steps: { step: { id: 'step', name: 'step', runtime: { type: 'http', url: 'http://127.0.0.1:3000/api/inngest' } } },
}
const step = plain.steps.step
const failure = { event: 'inngest/function.failed', expression: "event.data.function_id == 'app-sync'" }

const read = (changes: object) => readFunctions({ functions: [{ ...plain, ...changes }] })[0]

test('without options: five attempts, no limit', () => {
  expect(read({})).toEqual({
    id: 'app-sync',
    maxAttempts: 5,
    limit: undefined,
    perKey: undefined,
    events: ['sync/requested'],
    crons: [],
    handlesFailureOf: undefined,
  })
})

test.for([3, { limit: 3 }, [{ limit: 3 }]])('a concurrency limit: %j', (concurrency) => {
  expect(read({ concurrency })?.limit).toBe(3)
})

test('a concurrency limit, and one for each listener', () => {
  const concurrency = [{ limit: 3 }, { limit: 2, key: 'event.data.listenerId' }]
  expect(read({ concurrency })).toMatchObject({ limit: 3, perKey: { limit: 2, field: 'listenerId' } })
})

test('retries, several triggers, a time zone', () => {
  const triggers = [{ event: 'a' }, { cron: '*/5 * * * *' }, { cron: 'TZ=Europe/Berlin 0 9 * * *' }]
  const one = read({ triggers, steps: { step: { ...step, retries: { attempts: 0 } } } })
  expect(one).toMatchObject({ maxAttempts: 1, events: ['a'], crons: ['*/5 * * * *', 'TZ=Europe/Berlin 0 9 * * *'] })
})

test('onFailure runs for its own function only, and no external event starts it', () => {
  const functions = new Functions()
  functions.replace(readFunctions({ functions: [plain, { ...plain, id: 'app-sync-failure', triggers: [failure] }] }))
  expect(functions.handlingFailureOf('app-sync').map(({ id }) => id)).toEqual(['app-sync-failure'])
  expect(functions.handlingFailureOf('app-other')).toEqual([])
  expect(functions.startedBy('inngest/function.failed')).toEqual([])
  expect(functions.startedBy('sync/requested').map(({ id }) => id)).toEqual(['app-sync'])
})

test.for<[string, object, RegExp]>([
  ['throttle', { throttle: { limit: 1, period: '1m' } }, /throttle/],
  ['debounce', { debounce: { period: '1m' } }, /debounce/],
  ['batches', { batchEvents: { maxSize: 10, timeout: '5s' } }, /batchEvents/],
  ['rate limit', { rateLimit: { limit: 1, period: '1m' } }, /rateLimit/],
  ['priority', { priority: { run: '1' } }, /priority/],
  ['singleton', { singleton: { mode: 'skip' } }, /singleton/],
  ['idempotency', { idempotency: 'event.data.id' }, /idempotency/],
  ['time-outs', { timeouts: { start: '1m' } }, /timeouts/],
  ['cancelOn', { cancel: [{ event: 'stop' }] }, /cancel/],
  ['concurrency by key', { concurrency: { limit: 1, key: 'event.data.id' } }, /concurrency/],
  ['a computed key', { concurrency: [{ limit: 2 }, { limit: 1, key: 'event.data.a + event.data.b' }] }, /key/],
  ['concurrency of all apps', { concurrency: [{ limit: 1, scope: 'account' }] }, /concurrency/],
  ['two limits', { concurrency: [{ limit: 1 }, { limit: 2 }] }, /concurrency/],
  ['a condition', { triggers: [{ event: 'a', expression: 'event.data.n > 1' }] }, /condition/],
  ['a wildcard', { triggers: [{ event: 'a/*' }] }, /wildcard/],
  ['an internal event', { triggers: [{ event: 'inngest/function.finished' }] }, /internal event/],
  ['any failure', { triggers: [{ event: 'inngest/function.failed' }] }, /internal event/],
  ['jitter', { triggers: [{ cron: '* * * * *', jitter: '10s' }] }, /triggers/],
  ['a broken cron', { triggers: [{ cron: 'often' }] }, /often/],
  ['a broken zone', { triggers: [{ cron: 'TZ=Nowhere/Land 0 9 * * *' }] }, /Nowhere/],
  ['a websocket', { steps: { step: { ...step, runtime: { type: 'ws', url: 'ws://127.0.0.1' } } } }, /runtime/],
  ['something new', { teleport: true }, /teleport/],
])('refused: %s', ([, changes, naming]) => {
  expect(() => read(changes)).toThrow(/can't run the function app-sync/)
  expect(() => read(changes)).toThrow(naming)
})

test('a description in another format is refused', () => {
  expect(() => readFunctions({ message: 'hello' })).toThrow(/can't read/)
})

test('a cron uses UTC or the time zone it names', () => {
  const noon = new Date('2026-07-01T12:00:00Z')
  expect(nextFiring('0 9 * * *', noon)?.toISOString()).toBe('2026-07-02T09:00:00.000Z')
  expect(nextFiring('TZ=Europe/Berlin 0 9 * * *', noon)?.toISOString()).toBe('2026-07-02T07:00:00.000Z')
})
