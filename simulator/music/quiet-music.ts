import { DAY, MINUTE } from '#lib/core/clock.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import type { Music, Play } from './music.ts'

const FIRST_PLAY = Date.UTC(2026, 0, 11, 18, 4, 12, 345)

/** A listener who just started: two plays and one empty playlist. */
export function createQuietMusic(catalog: Catalog, listenerId: string): Music {
  const plays: Play[] = [
    { ref: catalog.trackOf(5, 0), playedAt: FIRST_PLAY + 4 * MINUTE, context: null },
    { ref: catalog.trackOf(7, 1), playedAt: FIRST_PLAY, context: null },
  ]
  const playlist = {
    id: catalog.id('playlist', 1),
    name: 'My playlist #1',
    description: null,
    owner: { id: listenerId, name: null },
    collaborative: false,
    public: null,
    images: 'null' as const,
    snapshot: 'AAAAAQ==',
    total: 0,
    readable: true,
  }
  return {
    savedTracks: () => [],
    savedAlbums: () => [],
    followed: () => [],
    topTracks: () => [],
    topArtists: () => [],
    plays: (since, until, limit) =>
      plays.filter(({ playedAt }) => playedAt > since && playedAt <= until).slice(0, limit),
    playlists: (at) => (at >= FIRST_PLAY - DAY ? [playlist] : []),
    entries: () => [],
    phantoms: 0,
  }
}
