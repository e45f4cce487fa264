import { Artist } from '#lib/spotify/objects.ts'
import { artistColumns } from './artist-columns.ts'
import { ranked, synced } from './columns.ts'
import { rejectMissingIdAndUri } from './rejections.ts'
import { defineStream } from './stream.ts'
import { TIME_RANGES, type TimeRange } from './time-ranges.ts'

/** The artists that the listener played most, ranked by Spotify without counts. */
export function topArtists(range: TimeRange) {
  const { title, suffix, spotify } = TIME_RANGES[range]
  return defineStream({
    name: `user_top_artists_${suffix}_stream`,
    title: `Top artists, ${title}`,
    group: 'top lists',
    due: 'daily',
    scopes: ['user-top-read'],
    endpoint: '/me/top/artists',
    query: { time_range: spotify },
    requests: 'top',
    paging: 'offset',
    limit: 50,
    item: Artist,
    identity: ({ id, uri }) => id || uri || null,
    rejects: rejectMissingIdAndUri,
    columns: { ...ranked, ...synced, ...artistColumns },
    music: (artist) => ({ artists: [artist] }),
    key: ['rank'],
    load: 'overwrite',
    history: { kind: 'daily', table: `user_top_artists_${suffix}_history` },
  })
}
