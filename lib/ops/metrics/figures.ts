import { DAY } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db, Prisma } from '#lib/db.ts'
import { plannedAt } from '#lib/planning.ts'

/** Figures about the whole instance, from Postgres. Counts and times only: no listener, no title. */

/** A value with its labels. */
export interface Figure {
  labels: Record<string, string>
  value: number
}

interface Grouped {
  value: bigint | number | null
  [label: string]: unknown
}

/** The column `value` is the value, the other columns are its labels. */
async function grouped(query: Prisma.Sql): Promise<Figure[]> {
  const rows = await db().$queryRaw<Grouped[]>(query)
  return rows.flatMap(({ value, ...labels }) =>
    value === null
      ? []
      : {
          labels: Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, String(text)])),
          value: Number(value),
        },
  )
}

/** Runs that were queued within the last day or are active. */
const recent = (since: Date) => Prisma.sql`(r."queuedAt" >= ${since} or r.state in ('queued', 'running', 'waiting'))`

export async function runFigures(at: Date) {
  const since = new Date(at.getTime() - DAY)
  const [runs, streamRuns, rows, requests] = await Promise.all([
    grouped(Prisma.sql`
      select r.kind::text, r.state::text, count(*) as value from "Run" r where ${recent(since)} group by 1, 2`),
    grouped(Prisma.sql`
      select s.stream, s.state::text, count(*) as value
      from "Run" r join "StreamRun" s on s."runId" = r.id where ${recent(since)} group by 1, 2`),
    grouped(Prisma.sql`
      select s.stream, c.change, sum(c.rows) as value
      from "Run" r join "StreamRun" s on s."runId" = r.id
      cross join lateral (values
        ('new', s."rowsNew"), ('changed', s."rowsChanged"), ('unchanged', s."rowsUnchanged"), ('removed', s."rowsRemoved")
      ) as c(change, rows)
      where ${recent(since)} group by 1, 2`),
    grouped(Prisma.sql`
      select s.stream, sum(s.requests) as value
      from "Run" r join "StreamRun" s on s."runId" = r.id where ${recent(since)} group by 1`),
  ])
  return { runs, streamRuns, rows, requests }
}

/** Seconds since the last poll of recently played, since planning, and since the oldest read that waits to be loaded. */
export async function lagFigures(at: Date) {
  const planned = await plannedAt()
  const [polls, loads] = await Promise.all([
    grouped(Prisma.sql`
      select q.quantile::text as quantile,
             percentile_cont(q.quantile) within group (order by extract(epoch from (${at}::timestamptz - l.at))) as value
      from (values (0.5::double precision), (0.95), (1)) as q(quantile)
      cross join (
        select (select max(p.at) from "Poll" p where p."userId" = u.id) as at
        from "User" u
        where exists (select 1 from "Account" a where a."userId" = u.id and a.consent = 'given')
      ) as l
      where l.at is not null
      group by q.quantile`),
    grouped(Prisma.sql`
      select c.kind::text as warehouse, max(extract(epoch from (${at}::timestamptz - l."createdAt"))) as value
      from "LoadLedger" l join "WarehouseConnection" c on c.id = l."connectionId"
      where l.state = 'waiting' group by 1`),
  ])
  const planning = planned ? [{ labels: {}, value: (at.getTime() - planned.getTime()) / 1000 }] : []
  return { polls, loads, planning }
}

/** How many blocked accounts get series of their own. */
const MAX_NAMED = 20

/**
 * Quota by developer account. Only the instance's account and blocked ones are named, because listeners can bring any number
 * of apps and every Prometheus series costs memory for as long as it's kept.
 */
export async function quotaFigures(at: Date) {
  const since = new Date(at.getTime() - DAY)
  const account = Prisma.sql`
    case when "developerAccount" in (
      select "developerAccount" from "SpotifyApp" where "clientId" = ${settings().SPOTIFY_CLIENT_ID ?? ''}
    ) or "developerAccount" in (
      select "developerAccount" from "QuotaGroup" where "blockedUntil" > ${at}
      group by 1 order by max("blockedUntil") desc, 1 limit ${MAX_NAMED}
    ) then "developerAccount" else 'own apps' end as account`
  const [used, limits, blocked] = await Promise.all([
    grouped(Prisma.sql`
      select ${account}, "group", o.outcome, sum(o.requests) as value
      from "QuotaHour" cross join lateral (values ('sent', requests), ('refused', refused)) as o(outcome, requests)
      where hour >= ${since} group by 1, 2, 3`),
    grouped(Prisma.sql`
      select ${account}, "group", sum("dayLimit") as value from "QuotaGroup" group by 1, 2`),
    grouped(Prisma.sql`
      select ${account}, "group", max(greatest(0, extract(epoch from ("blockedUntil" - ${at}::timestamptz)))) as value
      from "QuotaGroup" where "blockedUntil" is not null group by 1, 2`),
  ])
  return { used, limits, blocked }
}

/** Lengths of the queues. */
export function queueFigures(): Promise<Figure[]> {
  return grouped(Prisma.sql`
    select 'stream runs' as queue, count(*) as value from "StreamRun" where state in ('queued', 'running')
    union all select 'stream runs that wait', count(*) from "StreamRun" where state = 'waiting'
    union all select 'reads to load', count(*) from "LoadLedger" where state = 'waiting'
    union all select 'messages', count(*) from "Message" where "nextAt" is not null`)
}

export async function loadFigures(at: Date) {
  const since = new Date(at.getTime() - DAY)
  const [loads, statements, seconds] = await Promise.all([
    grouped(Prisma.sql`
      select c.kind::text as warehouse, l.state::text, count(*) as value
      from "LoadLedger" l join "WarehouseConnection" c on c.id = l."connectionId"
      where l.state <> 'loaded' or l."loadedAt" >= ${since} group by 1, 2`),
    grouped(Prisma.sql`
      select coalesce(sum(w.statements), 0) as value
      from "Run" r join "WarehouseLoad" w on w."runId" = r.id where r."queuedAt" >= ${since}`),
    grouped(Prisma.sql`
      select coalesce(sum(w."warehouseMs"), 0) / 1000.0 as value
      from "Run" r join "WarehouseLoad" w on w."runId" = r.id where r."queuedAt" >= ${since}`),
  ])
  return { loads, statements, seconds }
}

export async function listenerFigures() {
  const [listeners, alerts] = await Promise.all([
    grouped(Prisma.sql`
      select a.consent::text, count(*) as value from "Account" a where a.provider = 'spotify' group by 1`),
    grouped(Prisma.sql`
      select kind::text as what, count(*) as value from "Trouble" where "endedAt" is null group by 1`),
  ])
  return { listeners, alerts }
}
