import { DAY } from '../../clock.ts'
import { db, Prisma } from '../../db.ts'
import { titleOf } from '../../streams/index.ts'
import { beginTrouble, endTrouble } from './tell.ts'

/** Watches over what neither ends nor fails: streams that are read, or wait to be loaded, for more than a day. */

const LONG_MS = DAY
const LOADING = { kind: 'loading' } as const
/** Its looks are watched by `stale`. */
const PERISHABLE_STREAM = 'user_recently_played_stream'
const AT_ONCE = 500

/** One of each kind for a listener; not where a consent or an app is the reason, which is told instead. */
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

/** Tells what has been under way for more than a day, and that what was not loaded is loaded. */
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
    await beginTrouble(userId, alertStream ? { kind: 'stream', stream: alertStream } : LOADING, {
      runId,
      problem: problem ?? 'It has been under way for more than a day',
      remedy: remedy ?? 'Open the run: its log says how far it came. "Cancel" and then "Run now" goes on from there.',
      facts: { Stream: titleOf(stream), 'Under way': 'for more than a day' },
    })
  // That a stream is read again is told with the run that ends well.
  const loaded = await db().$queryRaw<{ userId: string }[]>(Prisma.sql`
    select t."userId" from "Trouble" t where t.kind = 'loading' and t."endedAt" is null
      and not exists (
        select 1 from "StreamRun" s where s."userId" = t."userId" and s.phase = 'loading'
          and s.state in ('queued', 'running', 'waiting') and coalesce(s."startedAt", s."queuedAt") < t."beganAt"
      )
    limit ${AT_ONCE}`)
  for (const { userId } of loaded) await endTrouble(userId, LOADING)
}
