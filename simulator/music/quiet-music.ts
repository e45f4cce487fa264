import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import type { Music, Play } from './music.ts'

/** A listener who just started: two plays and one empty playlist. @param since when they first signed in */
export function createQuietMusic(catalog: Catalog, listenerId: string, since: number): Music {
  const firstPlay = Math.floor((since - HOUR) / SECOND) * SECOND
  const plays: Play[] = [
    { ref: catalog.trackOf(5, 0), playedAt: firstPlay + 4 * MINUTE, msPlayed: 3 * MINUTE, context: null },
    { ref: catalog.trackOf(7, 1), playedAt: firstPlay, msPlayed: 3 * MINUTE, context: null },
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
    playlists: (at) => (at >= firstPlay - DAY ? [playlist] : []),
    entries: () => [],
    phantoms: 0,
  }
}
