import { expect, test } from 'vitest'
import { cancelQueries, type Query, withQuery } from './slots.ts'

const still = () => new AbortController().signal
const SOON = 20

/** A query that runs until it is ended. */
function start(userId: string, { waitMs = 10_000, signal = still() } = {}) {
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const work = (query: Query) =>
    query.withSlot(() => {
      started.resolve()
      query.signal.addEventListener('abort', () => ended.reject(query.signal.reason))
      return ended.promise
    })
  const result = withQuery(userId, signal, work, waitMs)
  result.catch(() => undefined)
  return { started: started.promise, end: () => ended.resolve('done'), result }
}

test('one query of a listener and two of the instance run at a time', async () => {
  const first = start('a')
  await first.started
  await expect(start('a', { waitMs: SOON }).result).rejects.toMatchObject({
    status: 429,
    code: 'busy',
    message: 'Another query of yours is still running',
    retryAfterSeconds: 10,
  })
  const second = start('b')
  await second.started
  await expect(start('c', { waitMs: SOON }).result).rejects.toMatchObject({
    status: 429,
    code: 'busy',
    message: 'Other people’s queries are still running',
  })
  const waiting = start('c')
  first.end()
  await waiting.started
  for (const { end } of [second, waiting]) end()
  expect(await Promise.all([first, second, waiting].map(({ result }) => result))).toEqual(['done', 'done', 'done'])
})

test('cancelling ends all queries of a listener, and leaving ends one; their slots go on', async () => {
  const gone = new AbortController()
  const [running, left] = [start('a'), start('a', { signal: gone.signal })]
  await running.started
  gone.abort()
  await expect(left.result).rejects.toMatchObject({ status: 409, code: 'query-cancelled' })
  const waiting = start('a')
  const other = start('b')
  expect(cancelQueries('a')).toBe(2)
  await expect(waiting.result).rejects.toMatchObject({ code: 'query-cancelled' })
  await expect(running.result).rejects.toThrow()
  await other.started
  const next = start('a')
  await next.started
  for (const { end } of [next, other]) end()
  expect([await next.result, await other.result]).toEqual(['done', 'done'])
  expect(cancelQueries('a')).toBe(0)
})

test('a failure of a query that is running is passed on', async () => {
  const failing = withQuery('a', still(), ({ withSlot }) => withSlot(() => Promise.reject(new Error('of DuckDB'))))
  await expect(failing).rejects.toThrow('of DuckDB')
})
