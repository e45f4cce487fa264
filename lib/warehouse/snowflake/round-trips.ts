import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'

/** HTTP requests that were begun on behalf of one session. */
export interface RoundTrips {
  count: number
}

const current = new AsyncLocalStorage<RoundTrips>()

// The driver tells nobody what it sends; Node tells of every request, in the context of whoever caused it.
const KEY: unique symbol = Symbol.for('tracklake.snowflake.round-trips')
const holder = globalThis as { [KEY]?: AsyncLocalStorage<RoundTrips> }
if (!holder[KEY]) {
  holder[KEY] = current
  subscribe('http.client.request.start', () => {
    const trips = holder[KEY]?.getStore()
    if (trips) trips.count += 1
  })
}

/** Runs what uses the driver and counts its requests. */
export function counting<T>(trips: RoundTrips, work: () => T): T {
  return (holder[KEY] ?? current).run(trips, work)
}
