import { Cron } from 'croner'
import { z } from 'zod'
import type { TableName } from '#lib/core/table.ts'
import { followedArtists } from '#lib/streams/followed-artists.ts'
import { savedAlbums } from '#lib/streams/saved-albums.ts'
import { savedTracks } from '#lib/streams/saved-tracks.ts'
import { historyTable, type LandedKind, streamTable } from '#lib/streams/stream.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { SAVED } from './library.ts'
import { Link } from './link.ts'

/** What was added to the library and removed from it, and when. */

const KINDS = ['songs', 'albums', 'artists'] as const
type Kind = (typeof KINDS)[number]

const STREAMS: Record<Kind, LandedKind> = { songs: savedTracks, albums: savedAlbums, artists: followedArtists }

/** @throws never for the streams above, which all record their changes */
function tablesOfKind(kind: Kind): { source: TableName; history: TableName } {
  const source = streamTable(STREAMS[kind])
  return { source, history: historyTable(STREAMS[kind]) ?? source }
}

const kindOf = (params: { kind: Kind }) => tablesOfKind(params.kind)

/**
 * The rows of a history from before anything could change: the first read of a list finds everything new. It is the
 * first one if what it found and what changed since then add up to what the list has now.
 */
function firstReadSql(history: string, source: string): string {
  return `select f.seen_at, f.entries from (
      select min(seen_at) as seen_at, count(*) as entries from ${history}
      where seen_at = (select min(seen_at) from ${history})) f
    where (select sum(case when change = 'added' then 1 else -1 end) from ${history})
      = (select count(*) from ${source})`
}

const Params = z.object({ kind: z.enum(KINDS).default('songs') })

export const libraryChanges = defineChart({
  title: 'Added and removed',
  empty: 'Nothing recorded yet. What you add and remove appears here after the next sync.',
  params: Params,
  list: { sorts: ['newest'], pageSize: 30 },
  tables: (params) => Object.values(kindOf(params)),
  sql({ table, has, page }, params) {
    const { kind } = params
    const { source, history } = kindOf(params)
    const { music } = SAVED[kind]
    const known = has(music)
    const artists = known && kind !== 'artists' ? 'm.artist_names' : 'null'
    return {
      text: `with first_read as (${firstReadSql(table(history), table(source))})
        select c.seen_at, c.change, c.entries, '${kind === 'songs' ? 'tracks' : kind}' as item_type, c.item_id, ${known ? 'm.name' : 'null'} as name, ${artists} as artists,
          ${known ? 'coalesce(m.image_small_url, m.image_url)' : 'null'} as artwork
        from (
          select seen_at, 'first' as change, entries, cast(null as varchar) as item_id from first_read
          union all select h.seen_at, h.change, 1 as entries, h.id as item_id from ${table(history)} h
          where not exists (select 1 from first_read f where f.seen_at = h.seen_at)
          order by seen_at desc, change, item_id limit ? offset ?
        ) c ${known ? `left join ${table(music)} m on m.id = c.item_id` : ''}
        order by c.seen_at desc, c.change, c.item_id`,
      values: [page.limit, page.offset],
    }
  },
  row: z.object({
    seen_at: z.string(),
    /** `first`: the first read, which found `entries`. */
    change: z.enum(['added', 'removed', 'first']),
    entries: z.number(),
    item_type: z.enum(['tracks', 'albums', 'artists']),
    item_id: z.string().nullable(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    artwork: Link,
  }),
  draw: { as: 'list changes' },
})

/** The first month that a like can have: Spotify started in October 2008. */
const FIRST_MONTH = '2008-10-01T00:00:00Z'

/** Each month of the listener's zone up to now, as an SQL relation of its name and when it begins and ends. */
function monthsSql({ zone, now }: Pick<QueryContext, 'zone' | 'now'>): string {
  const first = new Cron('0 0 1 * *', { timezone: zone, paused: true })
  const rows: string[] = []
  let begin = first.nextRun(new Date(Date.parse(FIRST_MONTH) - 86_400_000))
  for (let index = 0; begin && begin <= now; index++) {
    const end = first.nextRun(begin)
    const name = new Date(Date.UTC(2008, 9 + index, 1)).toISOString().slice(0, 10)
    if (!end) break
    rows.push(
      `select '${name}' as first_day, cast('${sqlTime(begin)}' as timestamp) as begins, cast('${sqlTime(end)}' as timestamp) as ends`,
    )
    begin = end
  }
  return rows.join(' union all ')
}

const sqlTime = (instant: Date) => instant.toISOString().replace('T', ' ').replace('Z', '')

/** When each song or album was added: those of the list, and those that were removed since. */
function addedSql({ source, history }: { source: string; history: string }): string {
  return `select added_at as moment from ${source} where added_at is not null
    union all select added_at from (select distinct id, added_at from ${history} where change = 'removed') r
      where added_at is not null and not exists (
        select 1 from ${source} s where s.id = r.id and s.added_at = r.added_at)`
}

/** Spotify doesn't say when an artist was followed. */
const DatedParams = z.object({ kind: z.enum(['songs', 'albums']).default('songs') })

export const libraryMonths = defineChart({
  title: 'Added and removed by month',
  empty: 'Nothing yet. Months appear here once something is in your library.',
  params: DatedParams,
  tables: (params) => Object.values(kindOf(params)),
  sql(context, params) {
    const source = context.table(kindOf(params).source)
    const history = context.table(kindOf(params).history)
    return {
      text: `with months as (${monthsSql(context)}),
        added as (${addedSql({ source, history })}),
        removed as (select seen_at as moment from ${history} where change = 'removed'),
        a as (select first_day, count(*) as entries from months join added on moment >= begins and moment < ends group by first_day),
        r as (select first_day, count(*) as entries from months join removed on moment >= begins and moment < ends group by first_day)
        select months.first_day as month, coalesce(a.entries, 0) as added, coalesce(r.entries, 0) as removed
        from months left join a on a.first_day = months.first_day left join r on r.first_day = months.first_day
        where months.first_day >= (select min(first_day) from (select first_day from a union all select first_day from r) known)
        order by month`,
      values: [],
    }
  },
  row: z.object({ month: z.string(), added: z.number(), removed: z.number() }),
  draw: { as: 'month changes' },
})

export const libraryFigures = defineChart({
  title: 'In your library',
  empty: 'Nothing yet. Your library appears during your first sync.',
  params: z.object({}),
  tables: () => [],
  sql({ table, has }) {
    const parts = KINDS.filter((kind) => has(SAVED[kind].source)).map(
      (kind, index) =>
        `select ${index} as position, '${kind}' as name, count(*) as value,
           count(case when withheld_at is not null then 1 end) as withheld from ${table(SAVED[kind].source)}`,
    )
    const none = `select 0 as position, '' as name, 0 as value, 0 as withheld where false`
    return {
      text: `select name, cast(null as integer) as days, value, cast(null as integer) as previous,
          cast(null as timestamp) as since, withheld
        from (${parts.join(' union all ') || none}) counts order by position`,
      values: [],
    }
  },
  row: z.object({
    name: z.string(),
    days: z.number().nullable(),
    value: z.number(),
    previous: z.number().nullable(),
    since: z.string().nullable(),
    /** How many of them Spotify lists without their content at the moment. */
    withheld: z.number(),
  }),
  draw: { as: 'figures' },
})
