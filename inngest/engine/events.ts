import { monotonicFactory } from 'ulid'
import { type Clock, DAY } from '#lib/core/clock.ts'
import type { AppFunction, Functions } from './protocol/functions.ts'
import type { IncomingEvent } from './protocol/messages.ts'
import type { Querier } from './store/database.ts'
import { createRuns, type NewRun } from './store/runs.ts'

/** For this long, a second event with the same id starts nothing. */
const DEDUPLICATION_MS = DAY

/** Makes ids that sort by creation time, even within one millisecond. */
export const newId = monotonicFactory()

interface StoredEvent {
  id: string
  name: string
  data: Record<string, unknown>
  ts: number
}

function runsFor(functions: AppFunction[], event: StoredEvent): NewRun[] {
  const content = JSON.stringify(event)
  return functions.map(({ id }) => ({ id: newId(), functionId: id, event: content }))
}

/** Starts one run of each function with this event. */
export async function startRuns(db: Querier, functions: AppFunction[], event: StoredEvent): Promise<void> {
  await createRuns(db, runsFor(functions, event))
}

interface KeyedEvent {
  key: string
  event: StoredEvent
}

/**
 * The key for deduplication is the sender's id, or else the SDK's seed. The seed stays the same when the SDK repeats a
 * request whose response was lost.
 */
function withKeys(events: IncomingEvent[], seed: string | undefined, now: Date): KeyedEvent[] {
  return events.map((event, index) => {
    const own = newId()
    const key = event.id ? `id:${event.name}:${event.id}` : seed ? `seed:${seed}:${index}` : `own:${own}`
    const stored = { ...event, id: event.id ?? own, data: event.data ?? {}, ts: event.ts ?? now.getTime() }
    return { key, event: stored }
  })
}

async function saveNew(db: Querier, events: KeyedEvent[], now: Date): Promise<KeyedEvent[]> {
  const byKey = new Map<string, KeyedEvent>()
  for (const one of events) if (!byKey.has(one.key)) byKey.set(one.key, one)
  const { rows } = await db.query<{ key: string }>(
    `insert into engine.events (key, received_at) select key, $2 from unnest($1::text[]) as key
     on conflict (key) do update set received_at = excluded.received_at where events.received_at <= $3
     returning key`,
    [[...byKey.keys()], now, new Date(now.getTime() - DEDUPLICATION_MS)],
  )
  const fresh = new Set(rows.map(({ key }) => key))
  return [...byKey.values()].filter(({ key }) => fresh.has(key))
}

/**
 * Accepts events and starts the functions they trigger. An event that was accepted before starts nothing.
 *
 * @param seed the SDK's header `x-inngest-event-id-seed`
 * @returns the id of every event, in the same order
 */
export async function acceptEvents(
  db: Querier,
  functions: Functions,
  events: IncomingEvent[],
  seed: string | undefined,
  clock: Clock,
): Promise<string[]> {
  const now = clock()
  const all = withKeys(events, seed, now)
  const fresh = await saveNew(db, all, now)
  await createRuns(
    db,
    fresh.flatMap(({ event }) => runsFor(functions.startedBy(event.name), event)),
  )
  return all.map(({ event }) => event.id)
}
