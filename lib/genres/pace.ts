import { randomUUID } from 'node:crypto'
import { HOUR, MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { db, Prisma } from '#lib/db.ts'
import { MusicBrainzBusy } from '#lib/musicbrainz/musicbrainz.ts'

/**
 * Requests to MusicBrainz, one at a time and with a second after each, for all processes of the instance: one row of
 * Postgres is lease and pace, by the clock of Postgres.
 */

/** A request that takes longer belongs to a dead process. Longer than the deadline of a request. */
const LEASE_MS = MINUTE
const FIRST_PAUSE_MS = 2 * SECOND
const MAX_PAUSE_MS = HOUR

/** Thrown instead of waiting longer than a batch lasts, or for another process. */
export class NotNow extends Error {}

/**
 * Sends one request when it may start.
 * @param until when the batch ends, milliseconds since 1970
 * @throws NotNow, or what the request throws, after the pause for it was recorded
 */
export async function paced<T>(
  { paceMs, until }: { paceMs: number; until: number },
  send: () => Promise<T>,
): Promise<T> {
  const by = randomUUID()
  await acquire(by, until)
  try {
    const result = await send()
    await db().$executeRaw(Prisma.sql`
      update "MusicBrainzPace" set "heldBy" = null, failures = 0, problem = null, "problemAt" = null,
        "freeAt" = clock_timestamp() + ${paceMs} * interval '1 ms'
      where "heldBy" = ${by}`)
    return result
  } catch (error) {
    await recordFailure(by, error, paceMs)
    throw error
  }
}

async function acquire(by: string, until: number): Promise<void> {
  for (;;) {
    const taken = await db().$executeRaw(Prisma.sql`
      insert into "MusicBrainzPace" (id, "freeAt", "heldBy")
      values (1, clock_timestamp() + ${LEASE_MS} * interval '1 ms', ${by})
      on conflict (id) do update set "freeAt" = excluded."freeAt", "heldBy" = excluded."heldBy"
      where "MusicBrainzPace"."freeAt" <= clock_timestamp()`)
    if (taken > 0) return
    const [row] = await db().$queryRaw<{ waitMs: number; isHeld: boolean }[]>(Prisma.sql`
      select "heldBy" is not null as "isHeld",
        greatest(0, extract(epoch from "freeAt" - clock_timestamp()) * 1000)::float as "waitMs"
      from "MusicBrainzPace"`)
    const waitMs = Math.ceil(row?.waitMs ?? 0) + 1
    if (row?.isHeld || Date.now() + waitMs > until) throw new NotNow()
    await pause(waitMs)
  }
}

/** Pauses grow with each failure in a row, and are at least as long as MusicBrainz asks for. A refused name is none. */
async function recordFailure(by: string, error: unknown, paceMs: number): Promise<void> {
  const isBusy = error instanceof MusicBrainzBusy
  const requested = isBusy ? (error.pauseMs ?? 0) : 0
  await db().$executeRaw(
    isBusy
      ? Prisma.sql`
          update "MusicBrainzPace" set "heldBy" = null, problem = ${messageOf(error)}, "problemAt" = clock_timestamp(),
            "freeAt" = clock_timestamp() + interval '1 ms' * least(${MAX_PAUSE_MS},
              greatest(${requested}, ${FIRST_PAUSE_MS} * power(2, least(failures, 20)))),
            failures = failures + 1
          where "heldBy" = ${by}`
      : Prisma.sql`
          update "MusicBrainzPace" set "heldBy" = null, "freeAt" = clock_timestamp() + ${paceMs} * interval '1 ms'
          where "heldBy" = ${by}`,
  )
}
