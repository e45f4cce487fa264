import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { ARTISTS, type Catalog, ODD_ARTISTS } from '#simulator/catalog/catalog.ts'
import { hash } from '#simulator/core/random.ts'
import type { Context, Entry, Music, Play, Playlist, SavedItem } from './music.ts'
import { dayOf } from './taste.ts'

/** A listener whose lists contain every unusual case, with lengths at the edges of pages. */

const START = Date.UTC(2021, 2, 4)
const FIRST_DAY = dayOf(START)

/** Six a day: two in the same millisecond, one in the next, one at midnight and one just before it. */
const PLAY_TIMES = [0, 8 * HOUR + 123, 8 * HOUR + 123, 12 * HOUR, 12 * HOUR + 1, DAY - 1]

export function createOddMusic(catalog: Catalog, listenerId: string): Music {
  /** Odd tracks first, ordinary ones after them. */
  const track = (n: number) =>
    n < ODD_ARTISTS ? catalog.oddTrack(n) : catalog.trackOf(hash(catalog.seed, 61, n) % ARTISTS, n)
  const artist = (n: number) => (n < ODD_ARTISTS ? ARTISTS + n : hash(catalog.seed, 62, n) % ARTISTS)
  const album = (n: number) => catalog.albumsOf(artist(n))[0]?.index ?? 0
  const saved = (length: number, ref: (n: number) => number): SavedItem[] =>
    Array.from({ length }, (_, n) => ({ ref: ref(n), addedAt: START + (length - n) * HOUR }))
  const afterFirstMonth =
    <T>(list: T[]) =>
    (instant: number) =>
      instant >= START + 30 * DAY ? list : []

  const playlists = oddPlaylists(catalog, listenerId, track)

  function contextOf(nth: number): Context | null {
    if (nth % 3 === 0) return null
    // A playlist that nobody here can read.
    return nth % 3 === 1 ? { type: 'playlist', id: '37i9dQZEVXbMDoHDwVN2tF' } : { type: 'collection', id: listenerId }
  }

  function onDay(day: number): Play[] {
    return PLAY_TIMES.map((time, nth) => ({
      ref: track((day * PLAY_TIMES.length + nth) % (ODD_ARTISTS + 20)),
      playedAt: day * DAY + time,
      context: contextOf(day + nth),
    }))
  }

  /** `count` things in an order that shifts by one a day. */
  const rotating = (count: number, ref: (n: number) => number, instant: number) =>
    Array.from({ length: count }, (_, n) => ref((n + dayOf(instant)) % Math.max(count, 50)))

  return {
    savedTracks: afterFirstMonth(saved(100, track)),
    savedAlbums: afterFirstMonth(saved(51, album)),
    followed: afterFirstMonth(Array.from({ length: 50 }, (_, n) => artist(n))),
    topTracks: (range, instant) => rotating({ short_term: 1, medium_term: 50, long_term: 49 }[range], track, instant),
    topArtists: (range, instant) => rotating({ short_term: 0, medium_term: 50, long_term: 3 }[range], artist, instant),
    plays(since, until, limit) {
      const found: Play[] = []
      for (let day = dayOf(until); day >= Math.max(FIRST_DAY, dayOf(since)) && found.length < limit; day--) {
        const matches = onDay(day).filter(({ playedAt }) => playedAt > since && playedAt <= until)
        found.push(...matches.reverse())
      }
      return found.slice(0, limit)
    },
    playlists: afterFirstMonth(playlists.map((one) => one?.playlist ?? null)),
    entries: (id) => playlists.find((one) => one?.playlist.id === id)?.entries ?? [],
    phantoms: 3,
  }
}

interface PlaylistWithEntries {
  playlist: Playlist
  entries: Entry[]
}

function oddPlaylists(
  catalog: Catalog,
  listenerId: string,
  track: (n: number) => number,
): (PlaylistWithEntries | null)[] {
  const entry = (n: number, changes: Partial<Entry> = {}): Entry => ({
    what: 'track',
    ref: track(n),
    addedAt: START + n * MINUTE,
    addedBy: listenerId,
    ...changes,
  })
  const tracks = (count: number) => Array.from({ length: count }, (_, n) => entry(n))
  const list = (n: number, name: string, entries: Entry[], changes: Partial<Playlist> = {}): PlaylistWithEntries => ({
    playlist: {
      id: catalog.id('playlist', hash(catalog.seed, 63, n)),
      name,
      description: '',
      owner: { id: listenerId, name: 'Quill “the odd” 🪶' },
      collaborative: false,
      public: true,
      images: 'own',
      snapshot: Buffer.from(`1,${n}`).toString('base64'),
      total: entries.length,
      readable: true,
      ...changes,
    },
    entries,
  })
  const stranger = { id: 'somebody-else', name: null }

  return [
    list(1, 'Everything odd', oddEntries(entry)),
    list(2, 'Exactly fifty', tracks(50), { images: 'none', public: null }),
    list(3, 'Fifty-one', tracks(51), { images: 'null', description: null }),
    null,
    list(4, 'A hundred', tracks(100), { description: 'Songs &amp; sounds <b>&#x2F;</b>' }),
    list(5, '', [], { description: '   ' }),
    list(6, 'One', tracks(1)),
    list(7, 'Only seen from outside', tracks(12), { owner: stranger, readable: false }),
    list(8, 'Kept by a friend and me', tracks(7), { owner: stranger, collaborative: true, public: false }),
    list(9, 'קיץ 🏖️ "quoted" \\ <i>', [entry(0), entry(0), entry(0)]),
    list(10, 'Only local files', [entry(1, { what: 'local file' }), entry(2, { what: 'local file' })]),
    list(11, 'All withdrawn', [entry(1, { what: 'gone' }), entry(2, { what: 'gone' })]),
  ]
}

function oddEntries(entry: (n: number, changes?: Partial<Entry>) => Entry): Entry[] {
  return [
    entry(30),
    entry(31, { what: 'local file' }),
    entry(31, { what: 'local file' }),
    entry(32, { what: 'gone' }),
    entry(33, { what: 'grayed out' }),
    entry(34, { what: 'episode' }),
    entry(35, { addedAt: null, addedBy: null }),
    entry(36, { addedBy: '' }),
    entry(30),
    entry(37, { what: 'gone', addedAt: null }),
    ...Array.from({ length: ODD_ARTISTS }, (_, n) => entry(n)),
  ]
}
