import { DAY } from '#lib/core/clock.ts'
import { db, type ScheduleKind } from '#lib/db.ts'
import { streams } from '#lib/streams/index.ts'
import type { RequestGroup, Stream, StreamGroup } from '#lib/streams/stream.ts'
import { PERISHABLE, planOf } from './timetable.ts'

/** Estimates the requests per day that a developer account's schedules need, from what their streams needed recently. */

const RECENT_MS = 7 * DAY
/** At night recently played is polled every other hour. */
const NIGHT_POLL_HOURS = 2

interface Scheduled {
  account: string
  group: StreamGroup
  kind: ScheduleKind | null
  fromHour: number
  toHour: number
  listeners: number
}

/** How often a group runs per day. */
export function runsPerDay(group: StreamGroup, chosen: Pick<Scheduled, 'kind' | 'fromHour' | 'toHour'>): number {
  const { kind, fromHour, toHour } = planOf(group, { ...chosen, atMinute: null, weekday: null })
  const awake = fromHour < toHour ? toHour - fromHour : 24 - fromHour + toHour
  const asleep = group === PERISHABLE ? (24 - awake) / NIGHT_POLL_HOURS : 0
  switch (kind) {
    case 'every_15':
      return 4 * awake + asleep
    case 'every_30':
      return 2 * awake + asleep
    case 'hourly':
      return 24
    case 'daily':
      return 1
    case 'weekly':
      return 1 / 7
    default:
      return 0
  }
}

/** Planned requests per day, by account and request group. */
export async function plannedRequests(accounts: string[], now: Date): Promise<Map<string, Map<RequestGroup, number>>> {
  const [schedules, recent] = await Promise.all([schedulesOf(accounts), recentRequests(accounts, now)])
  const planned = new Map<string, Map<RequestGroup, number>>()
  for (const { account, group, listeners, ...chosen } of schedules) {
    const times = runsPerDay(group, chosen) * listeners
    const groups = planned.get(account) ?? new Map<RequestGroup, number>()
    planned.set(account, groups)
    for (const stream of streams.filter((one) => one.group === group)) {
      const needs = recent.get(`${account} ${stream.name}`) ?? estimateOf(stream)
      groups.set(stream.requests, (groups.get(stream.requests) ?? 0) + times * needs)
    }
  }
  return planned
}

/** For a stream that hasn't run yet. One that few apps can read counts as 0 until it has. */
function estimateOf({ capability }: Stream): number {
  return capability ? 0 : 1
}

function schedulesOf(accounts: string[]): Promise<Scheduled[]> {
  return db().$queryRaw<Scheduled[]>`
    select app."developerAccount" as account, s."group", s.kind::text as kind, s."fromHour", s."toHour", count(*)::int as listeners
    from "Schedule" s
      join "User" u on u.id = s."userId" and u."suspendedAt" is null and u."erasingAt" is null
      join "Account" a on a."userId" = s."userId" and a.provider = 'spotify' and a.consent = 'given'
      join "SpotifyApp" app on app.id = a."spotifyAppId"
    where not s.paused and app."developerAccount" = any(${accounts}::text[])
    group by 1, 2, 3, 4, 5`
}

/** Average requests per scheduled run of a stream. */
async function recentRequests(accounts: string[], now: Date): Promise<Map<string, number>> {
  const rows = await db().$queryRaw<{ account: string; stream: string; requests: number }[]>`
    select app."developerAccount" as account, sr.stream, avg(sr.requests)::float8 as requests
    from "Run" r
      join "StreamRun" sr on sr."runId" = r.id and sr."endedAt" is not null
      join "Account" a on a."userId" = r."userId" and a.provider = 'spotify'
      join "SpotifyApp" app on app.id = a."spotifyAppId"
    where r.trigger = 'schedule' and r."queuedAt" > ${new Date(now.getTime() - RECENT_MS)}
      and app."developerAccount" = any(${accounts}::text[])
    group by 1, 2`
  return new Map(rows.map(({ account, stream, requests }) => [`${account} ${stream}`, requests]))
}
