import { MINUTE } from '../../clock.ts'
import { settings } from '../../config.ts'
import { db, Prisma, type Schedule } from '../../db.ts'
import { messageOf } from '../../errors.ts'
import { log } from '../../log.ts'
import { nextDue, PERISHABLE, spreadOf } from '../../pipeline/due.ts'
import { planningStandsAfterMs } from '../planning.ts'
import { inZone } from './outgoing.ts'
import { lastRun } from './run-words.ts'
import { beginTrouble, endTrouble } from './tell.ts'

/**
 * Watches over recently played, the one stream that cannot be fetched later: whose last look is older than two planned
 * ones is told, whatever the reason is, also when nothing failed because nothing was tried.
 */

const ALERT = { kind: 'stale' } as const
const STREAM = 'user_recently_played_stream'
const BOOKMARK = 'watched since'
/** Between two looks lies at least this much, so nobody is late sooner. */
const LEAST_LATE_MS = 30 * MINUTE
/** A run that is due needs a moment to come and to end. */
const GRACE_MS = 10 * MINUTE
const AT_ONCE = 500

/** Listeners whose plays are meant to be fetched by themselves now. */
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
 * @param lastWatch when it was watched before; null for the first time
 */
export async function watchStale(at: Date, lastWatch: Date | null): Promise<void> {
  const passed = lastWatch ? at.getTime() - lastWatch.getTime() : Number.POSITIVE_INFINITY
  // A clock that was put back says nothing of how long somebody waits either.
  const slept = passed < 0 || passed > planningStandsAfterMs()
  await noteWatched(at, slept)
  await endStale()
  for (let after = ''; ; ) {
    const page = await oldest(at, after)
    for (const listener of page) {
      // Trouble with one must not keep the others from being told.
      await tellWhenLate(listener, at).catch((thrown) =>
        log.error('a listener who is late was not told', { userId: listener.userId, problem: messageOf(thrown) }),
      )
    }
    const last = page.at(-1)
    if (!last || page.length < AT_ONCE) return
    after = last.userId
  }
}

/**
 * Keeps since when each listener is watched: what was not tried while it was paused, or while the whole instance was
 * away, is nobody's trouble. Writes only where something changed.
 */
async function noteWatched(at: Date, slept: boolean): Promise<void> {
  const since = JSON.stringify(at.toISOString())
  await db().$executeRaw(Prisma.sql`
    insert into "Bookmark" ("userId", stream, name, value, "updatedAt")
    select s."userId", ${STREAM}, ${BOOKMARK}, case when ${WATCHED} then ${since}::jsonb else 'null'::jsonb end, ${at}
    from "Schedule" s join "User" u on u.id = s."userId"
    where s."group" = ${PERISHABLE}
    on conflict ("userId", stream, name) do update set value = excluded.value, "updatedAt" = excluded."updatedAt"
    where ${slept} or (excluded.value = 'null'::jsonb) <> ("Bookmark".value = 'null'::jsonb)`)
}

/** Watched listeners whose last look is so old that they may be late. */
function oldest(at: Date, after: string): Promise<Late[]> {
  const before = new Date(at.getTime() - LEAST_LATE_MS)
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

async function tellWhenLate({ polledAt, since, zone, ...schedule }: Late, at: Date): Promise<void> {
  const asked = { zone: zone ?? 'UTC', spread: spreadOf(schedule.userId), timetable: schedule }
  const from = polledAt && polledAt > since ? polledAt : since
  const first = nextDue(PERISHABLE, { ...asked, after: from })
  const second = nextDue(PERISHABLE, { ...asked, after: first })
  if (at.getTime() < second.getTime() + settings().PLAN_EVERY + GRACE_MS) return
  const last = polledAt ? inZone(polledAt.toISOString(), asked.zone) : 'none yet'
  const run = await lastRun(schedule.userId, STREAM)
  await beginTrouble(schedule.userId, ALERT, {
    ...run,
    problem: 'Recently played was not fetched for more than two planned times; Spotify keeps the last 50 plays only',
    remedy: 'Open Runs: the last one says why. "Run now" fetches what Spotify still has.',
    facts: { Stream: 'Recently played', 'Last look': last, ...run.facts },
  })
}

/** What was looked at again is over, and told; what is no longer watched is just over. */
async function endStale(): Promise<void> {
  const over = await db().$queryRaw<{ userId: string; looked: boolean }[]>(Prisma.sql`
    select t."userId", exists (select 1 from "Poll" p where p."userId" = t."userId" and p.at > t."beganAt") as looked
    from "Trouble" t
    left join "Bookmark" b on b."userId" = t."userId" and b.stream = ${STREAM} and b.name = ${BOOKMARK}
    where t.kind = 'stale' and t."endedAt" is null
      and (
        b.value = 'null'::jsonb
        or exists (select 1 from "Poll" p where p."userId" = t."userId" and p.at > t."beganAt")
      )`)
  for (const { userId } of over.filter(({ looked }) => looked)) await endTrouble(userId, ALERT)
  await db().alert.updateMany({
    where: { ...ALERT, endedAt: null, userId: { in: over.filter((one) => !one.looked).map((one) => one.userId) } },
    data: { endedAt: new Date() },
  })
}
