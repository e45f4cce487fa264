import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'

/** HTTP requests made on behalf of one session. */
export interface RoundTrips {
  count: number
}

const current = new AsyncLocalStorage<RoundTrips>()

// The driver does not report its requests, but Node does, in the async context of their caller.
const KEY: unique symbol = Symbol.for('tracklake.snowflake.round-trips')
const holder = globalThis as { [KEY]?: AsyncLocalStorage<RoundTrips> }
if (!holder[KEY]) {
  holder[KEY] = current
  subscribe('http.client.request.start', () => {
    const trips = holder[KEY]?.getStore()
    if (trips) trips.count += 1
  })
}

/** Runs code that uses the driver and counts its requests. */
export function countRoundTrips<T>(trips: RoundTrips, work: () => T): T {
  return (holder[KEY] ?? current).run(trips, work)
}
