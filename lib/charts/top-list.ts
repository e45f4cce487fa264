import { z } from 'zod'
import { historyTable, streamTable } from '#lib/streams/stream.ts'
import { TIME_RANGES, type TimeRange } from '#lib/streams/time-ranges.ts'
import { topArtists } from '#lib/streams/top-artists.ts'
import { topTracks } from '#lib/streams/top-tracks.ts'

const RANGES = Object.keys(TIME_RANGES) as [TimeRange, ...TimeRange[]]

export const RangeParams = z.object({ range: z.enum(RANGES).default('short') })

const STREAMS = { tracks: topTracks, artists: topArtists }

/** A top list, and its daily partitions. */
export function topTables(what: keyof typeof STREAMS, range: TimeRange) {
  const stream = STREAMS[what](range)
  const history = historyTable(stream)
  if (!history) throw new Error(`"${stream.name}" keeps no history`)
  return { list: streamTable(stream), history }
}
