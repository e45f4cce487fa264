import { Track } from '#lib/spotify/objects.ts'
import { ranked, synced } from './columns.ts'
import { rejectMissingIdAndUri } from './rejections.ts'
import { defineStream } from './stream.ts'
import { TIME_RANGES, type TimeRange } from './time-ranges.ts'
import { audioFeatureColumns, trackColumns } from './track-columns.ts'

/** The tracks that the listener played most, ranked by Spotify without counts. */
export function topTracks(range: TimeRange) {
  const { title, suffix, spotify } = TIME_RANGES[range]
  return defineStream({
    name: `user_top_tracks_${suffix}_stream`,
    title: `Top songs, ${title}`,
    group: 'top lists',
    due: 'daily',
    scopes: ['user-top-read'],
    endpoint: '/me/top/tracks',
    query: { time_range: spotify },
    requests: 'top',
    // Usually there are only 50; for some listeners Spotify reports more.
    paging: 'offset',
    limit: 50,
    item: Track,
    identity: ({ id, uri }) => id || uri || null,
    repeats: true, // if Spotify replaced two tracks with the same playable one
    rejects: rejectMissingIdAndUri,
    columns: { ...ranked, ...synced, ...trackColumns, ...audioFeatureColumns },
    music: (track) => ({ tracks: [track] }),
    key: ['rank'],
    load: 'overwrite',
    history: { kind: 'daily', table: `user_top_tracks_${suffix}_history` },
  })
}
