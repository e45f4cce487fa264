import { DAY, MINUTE } from '#lib/core/clock.ts'
import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import type { Music, Play } from './music.ts'

const FIRST_PLAY = Date.UTC(2026, 0, 11, 18, 4, 12, 345)

/** A listener who has just begun: two plays and one empty playlist. */
export function createQuietMusic(catalogue: Catalogue, listenerId: string): Music {
  const plays: Play[] = [
    { ref: catalogue.trackOf(5, 0), playedAt: FIRST_PLAY + 4 * MINUTE, context: null },
    { ref: catalogue.trackOf(7, 1), playedAt: FIRST_PLAY, context: null },
  ]
  const playlist = {
    id: catalogue.id('playlist', 1),
    name: 'My playlist #1',
    description: null,
    owner: { id: listenerId, name: null },
    collaborative: false,
    public: null,
    pictures: 'null' as const,
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
