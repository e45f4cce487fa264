import { PlaylistItem } from '#lib/spotify/objects.ts'
import { type ColumnSet, inside, ranked, synced, timestamp } from './columns.ts'
import { rejectMissingIdAndUri } from './rejections.ts'
import { type Due, defineStream } from './stream.ts'
import { audioFeatureColumns, trackColumns } from './track-columns.ts'

const columns: ColumnSet<PlaylistItem> = {
  ...ranked,
  ...synced,
  // When Spotify updated the chart.
  added_at: timestamp((entry) => entry.added_at),
  ...inside((entry) => entry.item, { ...trackColumns, ...audioFeatureColumns }),
}

/**
 * A chart that Spotify publishes as a playlist. Apps newer than November 2024 get a 404 for it.
 * @param chart prefix of the tables: `<chart>_stream` and `<chart>_history`
 */
function chartPlaylist(chart: string, title: string, due: Due, playlistId: string) {
  return defineStream({
    name: `${chart}_stream`,
    title,
    group: 'charts',
    due,
    scopes: [],
    endpoint: `/playlists/${playlistId}/items`,
    query: {},
    requests: 'playlist items',
    paging: 'offset',
    limit: 50,
    item: PlaylistItem,
    identity: ({ item }) => item?.id || item?.uri || null,
    repeats: true, // if Spotify replaced two tracks with the same playable one
    rejects: ({ item }) => rejectMissingIdAndUri(item),
    columns,
    music: ({ item }) => ({ tracks: [item] }),
    key: ['rank'],
    load: 'overwrite',
    history: { kind: 'daily', table: `${chart}_history` },
    capability: title,
  })
}

/** "Top 50 - Global", "Top Songs - Global" and "Viral 50 - Global". */
export const chartPlaylists = [
  chartPlaylist('global_top_tracks_daily', 'Global top 50, daily', 'daily', '37i9dQZEVXbMDoHDwVN2tF'),
  chartPlaylist('global_top_tracks_weekly', 'Global top songs, weekly', 'weekly', '37i9dQZEVXbNG2KDcFcKOF'),
  chartPlaylist('global_viral_tracks_daily', 'Global viral 50, daily', 'daily', '37i9dQZEVXbLiRSasKsNU9'),
]
