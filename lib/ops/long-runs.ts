import { DAY } from '#lib/core/clock.ts'
import { db, Prisma } from '#lib/db.ts'
import { openAlert, resolveAlert } from '#lib/notifications/alerts.ts'
import { titleOf } from '#lib/streams/index.ts'

/** Alerts about streams that neither end nor fail: read, or waiting to be loaded, for more than a day. */

const LONG_MS = DAY
const LOADING = { kind: 'loading' } as const
/** Watched by the stale watch. */
const PERISHABLE_STREAM = 'user_recently_played_stream'
const AT_ONCE = 500

/** One of each kind per listener, except where an ended consent or a paused app is the cause: those have their own alerts. */
const LONG = (since: Date) => Prisma.sql`
  select distinct on (active."userId", active."alertStream") active.* from (
    select s.*, case when s.phase = 'loading' then null else s.stream end as "alertStream"
    from "StreamRun" s
    where s.state in ('queued', 'running', 'waiting') and coalesce(s."startedAt", s."queuedAt") < ${since}
      and (s.stream <> ${PERISHABLE_STREAM} or s.phase = 'loading')
  ) active
  join "User" u on u.id = active."userId" and u."suspendedAt" is null and u."erasingAt" is null
  where exists (
      select 1 from "Account" a left join "SpotifyApp" app on app.id = a."spotifyAppId"
      where a."userId" = u.id and a.provider = 'spotify' and a.consent = 'given' and app."problemSince" is null
    )
  order by active."userId", active."alertStream", active."queuedAt"`

interface LongRun {
  userId: string
  runId: string
  stream: string
  /** The stream that does not end; null when it waits for its load. */
  alertStream: string | null
  problem: string | null
  remedy: string | null
}

/** Opens an alert for what has been active for more than a day, and resolves those about loads. */
export async function watchLongRuns(at: Date): Promise<void> {
  const since = new Date(at.getTime() - LONG_MS)
  const long = await db().$queryRaw<LongRun[]>(Prisma.sql`
    select * from (${LONG(since)}) as long
    where not exists (
      select 1 from "Trouble" t
      where t."userId" = long."userId" and t."endedAt" is null and t.stream is not distinct from long."alertStream"
        and t.kind = case when long."alertStream" is null then 'loading' else 'stream' end::"AlertKind"
    )
    limit ${AT_ONCE}`)
  for (const { userId, alertStream, runId, stream, problem, remedy } of long)
    await openAlert(userId, alertStream ? { kind: 'stream', stream: alertStream } : LOADING, {
      runId,
      problem: problem ?? 'It has been running for more than a day',
      remedy: remedy ?? 'Open the sync: its log shows how far it got. "Cancel", then "Sync now", continues from there.',
      facts: { Stream: titleOf(stream), 'In progress': 'for more than a day' },
    })
  // A stream's alert is resolved by its next successful run.
  const loaded = await db().$queryRaw<{ userId: string }[]>(Prisma.sql`
    select t."userId" from "Trouble" t where t.kind = 'loading' and t."endedAt" is null
      and not exists (
        select 1 from "StreamRun" s where s."userId" = t."userId" and s.phase = 'loading'
          and s.state in ('queued', 'running', 'waiting') and coalesce(s."startedAt", s."queuedAt") < t."beganAt"
      )
    limit ${AT_ONCE}`)
  for (const { userId } of loaded) await resolveAlert(userId, LOADING)
}
