import { randomUUID } from 'node:crypto'
import { HOUR, pause, SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Wait } from '#lib/core/errors.ts'
import { db, Prisma } from '#lib/db.ts'
import { kindOf } from '#lib/spotify/failures.ts'
import type { RequestGroup } from '#lib/streams/stream.ts'
import { FIRST_GROUP, HELD_MESSAGES, type HeldBy } from './groups.ts'
import { learnQuota, tidyQuota } from './learned-limits.ts'

/**
 * The limits of a Spotify app: requests in flight, the rolling 30 s window and the daily quota. They live in Postgres, so
 * that all processes share them. Each request is a row: lease, window entry and counter in one.
 */

/** Spotify counts requests in a rolling window of this length (developer.spotify.com, rate limits). */
const WINDOW_MS = 30 * SECOND
/** Spotify counts a request slightly later than we start it, so allow this much extra time. */
const WINDOW_MARGIN_MS = 300
/** After this the slot of a process that died is free again; longer than the client's deadline. */
const LEASE_MS = 25 * SECOND
/** Longer waits end the step instead of sleeping in it. */
const MAX_WAIT_MS = 2 * SECOND
/** Other requests may hang until their deadline. A caller that waits longer for them ends its step, so that other apps get its slot. */
const MAX_IN_FLIGHT_WAIT_MS = 3 * SECOND
const POLL_MS = 20
/** A 429 halves the share of parallel requests; each success restores this much. */
const SHARE_REGAINED = 0.02
/** A pause after fewer requests has another cause than the window, so nothing is learned from it. */
const MIN_WINDOW = 20
/** After this long a learned window is raised by a quarter. */
const WINDOW_DOUBTED_AFTER_MS = HOUR

const IN_FLIGHT: Record<RequestGroup, number> = {
  library: 4,
  playlists: 4,
  'playlist items': 1,
  top: 2,
  player: 2,
  catalogue: 2,
  account: 2,
}

function windowMs(): number {
  return settings().REQUEST_WINDOW_MS ?? WINDOW_MS
}

/** Requests that one caller may have in flight in a group. */
export function inFlightLimit(group: RequestGroup): number {
  return Math.min(IN_FLIGHT[group], settings().REQUESTS_IN_FLIGHT ?? Number.POSITIVE_INFINITY)
}

export interface LimitedApp {
  id: string
  developerAccount: string
}

/**
 * Sends one request within the limits of its app, and learns from the result.
 * @throws Wait if the request may not be sent within a few seconds
 */
export async function withinLimits<T>(app: LimitedApp, group: RequestGroup, send: () => Promise<T>): Promise<T> {
  const slot = await acquireSlot(app, group)
  try {
    const response = await send()
    await releaseSlot(app, group, slot, false)
    return response
  } catch (error) {
    const kind = kindOf(error)
    await releaseSlot(app, group, slot, kind === 'rate' || kind === 'quota')
    if (error instanceof Wait && kind === 'rate') await learnWindow(app, group, error.until)
    if (error instanceof Wait && kind === 'quota') await learnQuota(app.developerAccount, group, error.until)
    throw error
  }
}

async function acquireSlot(app: LimitedApp, group: RequestGroup): Promise<string> {
  const begin = Date.now()
  for (;;) {
    const { slot, waitUntil, heldBy } = await tryAcquire(app, group)
    if (slot) return slot
    const isLong = waitUntil ? waitUntil.getTime() > begin + MAX_WAIT_MS : Date.now() > begin + MAX_IN_FLIGHT_WAIT_MS
    if (isLong) {
      const { problem, remedy } = HELD_MESSAGES[heldBy]
      const until = waitUntil ?? new Date(Date.now() + MAX_IN_FLIGHT_WAIT_MS)
      throw new Wait(problem, until, { remedy, reason: heldBy, context: { group, heldBy } })
    }
    await pause(waitUntil ? Math.max(POLL_MS, waitUntil.getTime() - Date.now()) : POLL_MS)
  }
}

/** One SQL function decides (take-request-slot.function.sql); it handles the callers of an app one after the other. */
async function tryAcquire(
  app: LimitedApp,
  group: RequestGroup,
): Promise<{ slot?: string; waitUntil?: Date; heldBy: HeldBy }> {
  const slot = randomUUID()
  const [row] = await db().$queryRaw<{ taken: boolean; wait_until: Date | null; held_by: HeldBy | null }[]>`
    select taken, wait_until, held_by from take_request_slot(
      ${app.id}, ${app.developerAccount}, ${group}, ${slot}, ${inFlightLimit(group)}::int, ${new Date()}::timestamptz,
      make_interval(secs => ${(windowMs() + WINDOW_MARGIN_MS) / SECOND}::float8), make_interval(secs => ${LEASE_MS / SECOND}::float8),
      ${FIRST_GROUP})`
  const heldBy = row?.held_by ?? 'pause'
  if (row?.taken) return { slot, heldBy }
  return { ...(row?.wait_until ? { waitUntil: row.wait_until } : {}), heldBy }
}

async function releaseSlot(app: LimitedApp, group: RequestGroup, slot: string, refused: boolean): Promise<void> {
  const now = new Date()
  const hour = new Date(Math.floor(now.getTime() / HOUR) * HOUR)
  await db().$executeRaw`
    with ended as (
      update "RequestSlot" set "endedAt" = ${now}, refused = ${refused} where id = ${slot}
    ), grown as (
      update "RequestLimit" set share = least(1, share + ${SHARE_REGAINED})
      where "spotifyAppId" = ${app.id} and "group" = ${group} and share < 1 and not ${refused}
    )
    insert into "QuotaHour" ("developerAccount", "group", hour, requests, refused)
    values (${app.developerAccount}, ${group}, ${hour}, 1, ${refused ? 1 : 0})
    on conflict ("developerAccount", "group", hour) do update
    set requests = "QuotaHour".requests + 1, refused = "QuotaHour".refused + excluded.refused`
}

/** After a 429 of the window: pauses the whole app, halves the parallel requests, and takes the window's size from it. */
async function learnWindow(app: LimitedApp, group: RequestGroup, until: Date): Promise<void> {
  const since = new Date(Date.now() - windowMs())
  await db().$executeRaw`
    update "RequestLimit" set
      "blockedUntil" = case when "group" = '*' then greatest("blockedUntil", ${until}) else "blockedUntil" end,
      share = case when "group" = '*' then share else greatest(0.25, share / 2) end,
      "windowLimit" = case when "group" = '*' and seen.requests >= ${MIN_WINDOW}::int then seen.requests else "windowLimit" end,
      "learnedAt" = ${new Date()}
    from (
      select count(*)::int as requests from "RequestSlot"
      where "spotifyAppId" = ${app.id} and "startedAt" > ${since} and not refused
    ) seen
    where "spotifyAppId" = ${app.id} and "group" in ('*', ${group})`
}

/** Deletes slots that no longer count, and raises windows that were learned long ago. */
export async function tidyLimits(now: Date): Promise<void> {
  await db().requestSlot.deleteMany({ where: { startedAt: { lt: new Date(now.getTime() - 4 * windowMs()) } } })
  await tidyQuota(now)
  const doubted = new Date(now.getTime() - WINDOW_DOUBTED_AFTER_MS)
  await db().$executeRaw(Prisma.sql`
    update "RequestLimit" set "windowLimit" = ceil("windowLimit" * 1.25), "learnedAt" = ${now}
    where "windowLimit" is not null and "learnedAt" < ${doubted}`)
}
