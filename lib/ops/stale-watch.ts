import { MINUTE } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { log } from '#lib/core/log.ts'
import { db, Prisma, type Schedule } from '#lib/db.ts'
import { openAlert, resolveAlert } from '#lib/notifications/alerts.ts'
import { inZone } from '#lib/notifications/outgoing.ts'
import { lastRun } from '#lib/notifications/run-facts.ts'
import { planningStalledAfterMs } from '#lib/planning.ts'
import { nextDue, PERISHABLE } from '#lib/schedule/timetable.ts'

/**
 * Alerts when recently played, the one stream that can't be fetched later, has missed two scheduled polls, even if no run
 * failed (for example because none ran).
 */

const ALERT = { kind: 'stale' } as const
const STREAM = 'user_recently_played_stream'
const BOOKMARK = 'watched since'
/** Scheduled polls are at least this far apart, so nobody is late sooner. */
const MIN_LATE_MS = 30 * MINUTE
/** Time for a due run to start and end. */
const GRACE_MS = 10 * MINUTE
const AT_ONCE = 500

/** Listeners whose plays should currently be polled. */
const WATCHED = Prisma.sql`
  not s.paused and s."nextAt" < '9999-01-01' and u."suspendedAt" is null and u."erasingAt" is null
  and exists (
    select 1 from "Account" a left join "SpotifyApp" app on app.id = a."spotifyAppId"
    where a."userId" = u.id and a.provider = 'spotify' and a.consent = 'given' and app."problemSince" is null
  )`

interface Late extends Schedule {
  zone: string | null
  polledAt: Date | null
  since: Date
}

/**
 * Opens and resolves the alerts.
 * @param lastWatch the previous call; null the first time
 */
export async function watchStale(at: Date, lastWatch: Date | null): Promise<void> {
  const passed = lastWatch ? at.getTime() - lastWatch.getTime() : Number.POSITIVE_INFINITY
  // If the clock was set back, waiting times are unknown.
  const slept = passed < 0 || passed > planningStalledAfterMs()
  await recordWatched(at, slept)
  await resolveStale()
  for (let after = ''; ; ) {
    const page = await oldest(at, after)
    for (const listener of page) {
      // An error for one listener must not prevent alerts for the others.
      await alertIfLate(listener, at).catch((error) =>
        log.error('no alert was opened for a late listener', { userId: listener.userId, problem: messageOf(error) }),
      )
    }
    const last = page.at(-1)
    if (!last || page.length < AT_ONCE) return
    after = last.userId
  }
}

/**
 * Records since when each listener is watched: polls missed while a listener or the whole instance was paused don't count.
 * Writes only what has changed.
 */
async function recordWatched(at: Date, slept: boolean): Promise<void> {
  const since = JSON.stringify(at.toISOString())
  await db().$executeRaw(Prisma.sql`
    insert into "Bookmark" ("userId", stream, name, value, "updatedAt")
    select s."userId", ${STREAM}, ${BOOKMARK}, case when ${WATCHED} then ${since}::jsonb else 'null'::jsonb end, ${at}
    from "Schedule" s join "User" u on u.id = s."userId"
    where s."group" = ${PERISHABLE}
    on conflict ("userId", stream, name) do update set value = excluded.value, "updatedAt" = excluded."updatedAt"
    where ${slept} or (excluded.value = 'null'::jsonb) <> ("Bookmark".value = 'null'::jsonb)`)
}

/** Watched listeners whose last poll is old enough that they may be late. */
function oldest(at: Date, after: string): Promise<Late[]> {
  const before = new Date(at.getTime() - MIN_LATE_MS)
  return db().$queryRaw<Late[]>(Prisma.sql`
    select * from (
      select s.*, u.zone, (b.value #>> '{}')::timestamptz as since,
             (select max(p.at) from "Poll" p where p."userId" = u.id) as "polledAt"
      from "Schedule" s
      join "User" u on u.id = s."userId"
      join "Bookmark" b on b."userId" = u.id and b.stream = ${STREAM} and b.name = ${BOOKMARK}
      where s."group" = ${PERISHABLE} and s."userId" > ${after} and b.value <> 'null'::jsonb
        and not exists (
          select 1 from "Trouble" t where t."userId" = u.id and t.kind = 'stale' and t."endedAt" is null
        )
    ) as watched
    where greatest(since, "polledAt") < ${before}
    order by "userId" limit ${AT_ONCE}`)
}

async function alertIfLate({ polledAt, since, zone, ...schedule }: Late, at: Date): Promise<void> {
  const query = { zone: zone ?? 'UTC', jitter: jitterOf(schedule.userId), timetable: schedule }
  const from = polledAt && polledAt > since ? polledAt : since
  const first = nextDue(PERISHABLE, { ...query, after: from })
  const second = nextDue(PERISHABLE, { ...query, after: first })
  if (at.getTime() < second.getTime() + settings().PLAN_EVERY + GRACE_MS) return
  const last = polledAt ? inZone(polledAt.toISOString(), query.zone) : 'none yet'
  const run = await lastRun(schedule.userId, STREAM)
  await openAlert(schedule.userId, ALERT, {
    ...run,
    problem: 'Recently played has missed two scheduled syncs, and Spotify keeps only the last 50 plays',
    remedy: 'Open Sync: the last one shows why. "Sync now" fetches what Spotify still has.',
    facts: { Stream: 'Recently played', 'Last sync': last, ...run.facts },
  })
}

/** Resolves the alerts of listeners who were polled again; those no longer watched end without a message. */
async function resolveStale(): Promise<void> {
  const stale = await db().$queryRaw<{ userId: string; polled: boolean }[]>(Prisma.sql`
    select t."userId", exists (select 1 from "Poll" p where p."userId" = t."userId" and p.at > t."beganAt") as polled
    from "Trouble" t
    left join "Bookmark" b on b."userId" = t."userId" and b.stream = ${STREAM} and b.name = ${BOOKMARK}
    where t.kind = 'stale' and t."endedAt" is null
      and (
        b.value = 'null'::jsonb
        or exists (select 1 from "Poll" p where p."userId" = t."userId" and p.at > t."beganAt")
      )`)
  for (const { userId } of stale.filter(({ polled }) => polled)) await resolveAlert(userId, ALERT)
  await db().alert.updateMany({
    where: {
      ...ALERT,
      endedAt: null,
      userId: { in: stale.filter(({ polled }) => !polled).map(({ userId }) => userId) },
    },
    data: { endedAt: new Date() },
  })
}
