import { Track } from '#lib/spotify/objects.ts'
import { ranked, synced } from './columns.ts'
import { rejectMissingIdAndUri } from './rejections.ts'
import { defineStream } from './stream.ts'
import { TIME_RANGES, type TimeRange } from './time-ranges.ts'
import { audioFeatureColumns, trackColumns } from './track-columns.ts'

/** What the listener played most, ranked by Spotify; there are no counts. */
export function topTracks(range: TimeRange) {
  const { title, suffix, spotify } = TIME_RANGES[range]
  return defineStream({
    name: `user_top_tracks_${suffix}_stream`,
    title: `Top tracks, ${title}`,
    group: 'top lists',
    due: 'daily',
    scope: 'user-top-read',
    endpoint: '/me/top/tracks',
    query: { time_range: spotify },
    requests: 'top',
    // Usually 50 are all there are; some listeners are told of more.
    paging: 'offset',
    limit: 50,
    item: Track,
    identity: ({ id, uri }) => id || uri || null,
    repeats: true, // where Spotify replaced two tracks by one that plays here
    rejects: rejectMissingIdAndUri,
    columns: { ...ranked, ...synced, ...trackColumns, ...audioFeatureColumns },
    key: ['rank'],
    load: 'overwrite',
    history: { kind: 'daily', table: `user_top_tracks_${suffix}_history` },
  })
}
