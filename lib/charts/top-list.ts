import { z } from 'zod'
import { historyTable, streamTable } from '#lib/streams/stream.ts'
import { TIME_RANGES, type TimeRange } from '#lib/streams/time-ranges.ts'
import { topArtists } from '#lib/streams/top-artists.ts'
import { topTracks } from '#lib/streams/top-tracks.ts'
import type { QueryContext } from './chart.ts'

const RANGES = Object.keys(TIME_RANGES) as [TimeRange, ...TimeRange[]]

export const RangeParams = z.object({ range: z.enum(RANGES).default('short') })

/** Shown where Spotify ranks nothing yet. */
export const NOT_ENOUGH = 'Not enough listening in this period yet. Try another period.'

const STREAMS = { tracks: topTracks, artists: topArtists }

/** The tables of a top list: the current one and its daily partitions. */
export function topTables(what: keyof typeof STREAMS, range: TimeRange) {
  const stream = STREAMS[what](range)
  const history = historyTable(stream)
  if (!history) throw new Error(`"${stream.name}" keeps no history`)
  return { list: streamTable(stream), history }
}

/**
 * A top list with the previous day's ranks.
 * @param columns columns of the list, by their names in the result
 */
export function rankingSql(
  { table }: QueryContext,
  tables: ReturnType<typeof topTables>,
  columns: Record<string, string>,
) {
  const history = table(tables.history)
  const text = `
    with newest as (select max(day) as day from ${history}),
    before as (select max(h.day) as day from ${history} h, newest where h.day < newest.day)
    select t.rank, ${Object.entries(columns)
      .map(([name, column]) => `${column} as ${name}`)
      .join(', ')}, min(p.rank) as previous_rank
    from ${table(tables.list)} t
    left join (select h.id, h.rank from ${history} h, before where h.day = before.day) p on p.id = t.id
    group by t.rank, ${Object.values(columns).join(', ')}
    order by t.rank`
  return { text, values: [] }
}
