import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { ARTISTS, type Catalog, CURIOUS_ARTISTS, ODD_ARTISTS } from '#simulator/catalog/catalog.ts'
import { hash } from '#simulator/core/random.ts'
import type { Context, Entry, Music, Play, Playlist, SavedItem } from './music.ts'
import { dayOf } from './taste.ts'

/**
 * Listeners whose lists contain every unusual case, with lengths at the edges of pages. One has names and shapes that
 * break naive readers, for tests; the other has a library that a person could have.
 */

/** Their first play, ms. */
export const ODD_START = Date.UTC(2021, 2, 4)
const FIRST_DAY = dayOf(ODD_START)

/** Six a day: two in the same millisecond, one in the next, one at midnight and one just before it. */
const PLAY_TIMES = [0, 8 * HOUR + 123, 8 * HOUR + 123, 12 * HOUR, 12 * HOUR + 1, DAY - 1]

/** @param isForTests the names and shapes of tests instead of those of a person's library */
export function createOddMusic(catalog: Catalog, listenerId: string, isForTests: boolean): Music {
  const { first, count } = isForTests ? ODD_ARTISTS : CURIOUS_ARTISTS
  /** Odd tracks first, ordinary ones after them. */
  const track = (n: number) =>
    n < count ? oddTrack(first + n, n) : catalog.trackOf(hash(catalog.seed, 61, n) % ARTISTS, n)
  const oddTrack = (artist: number, n: number) =>
    isForTests ? catalog.firstTrack(artist) : catalog.trackOf(artist, hash(catalog.seed, 64, n) >>> 1)
  const artist = (n: number) => (n < count ? first + n : hash(catalog.seed, 62, n) % ARTISTS)
  const album = (n: number) => catalog.albumsOf(artist(n))[0]?.index ?? 0
  const saved = (length: number, ref: (n: number) => number): SavedItem[] =>
    Array.from({ length }, (_, n) => ({ ref: ref(n), addedAt: ODD_START + (length - n) * HOUR }))
  const afterFirstMonth =
    <T>(list: T[]) =>
    (instant: number) =>
      instant >= ODD_START + 30 * DAY ? list : []

  const playlists = oddPlaylists(catalog, listenerId, { track, count, names: isForTests ? TEST_NAMES : NAMES })

  function contextOf(nth: number): Context | null {
    if (nth % 3 === 0) return null
    // A playlist that nobody here can read.
    return nth % 3 === 1 ? { type: 'playlist', id: '37i9dQZEVXbMDoHDwVN2tF' } : { type: 'collection', id: listenerId }
  }

  function onDay(day: number): Play[] {
    return PLAY_TIMES.map((time, nth) => ({
      ref: track((day * PLAY_TIMES.length + nth) % (count + 20)),
      msPlayed: 3 * MINUTE,
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

/** In the order of the playlists. */
const TEST_NAMES: readonly string[] = [
  'Everything odd',
  'Exactly fifty',
  'Fifty-one',
  'A hundred',
  '',
  'One',
  'Only seen from outside',
  'Kept by a friend and me',
  'קיץ 🏖️ "quoted" \\ <i>',
  'Only local files',
  'All withdrawn',
]
const NAMES: readonly string[] = [
  'cabinet of curiosities 🪶',
  'fifty for a long night',
  'things the neighbours ask about',
  'A Hundred Windows (do not shuffle)',
  'to fill later',
  '🕯️',
  'Radio Free Saltby',
  'Us vs. the Washing Machine',
  'קיץ 🏖️ — summer, finally',
  'tapes from the attic (digitized)',
  'gone but not forgotten',
]

function oddPlaylists(
  catalog: Catalog,
  listenerId: string,
  { track, count, names }: { track: (n: number) => number; count: number; names: readonly string[] },
): (PlaylistWithEntries | null)[] {
  const entry = (n: number, changes: Partial<Entry> = {}): Entry => ({
    what: 'track',
    ref: track(n),
    addedAt: ODD_START + n * MINUTE,
    addedBy: listenerId,
    ...changes,
  })
  const tracks = (count: number) => Array.from({ length: count }, (_, n) => entry(n))
  const list = (n: number, entries: Entry[], changes: Partial<Playlist> = {}): PlaylistWithEntries => ({
    playlist: {
      id: catalog.id('playlist', hash(catalog.seed, 63, n)),
      name: names[n - 1] ?? '',
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
    list(1, oddEntries(entry, count)),
    list(2, tracks(50), { images: 'none', public: null }),
    list(3, tracks(51), { images: 'null', description: null }),
    null,
    list(4, tracks(100), { description: 'Songs &amp; sounds <b>&#x2F;</b>' }),
    list(5, [], { description: '   ' }),
    list(6, tracks(1)),
    list(7, tracks(12), { owner: stranger, readable: false }),
    list(8, tracks(7), { owner: stranger, collaborative: true, public: false }),
    list(9, [entry(0), entry(0), entry(0)]),
    list(10, [entry(1, { what: 'local file' }), entry(2, { what: 'local file' })]),
    list(11, [entry(1, { what: 'gone' }), entry(2, { what: 'gone' })]),
  ]
}

function oddEntries(entry: (n: number, changes?: Partial<Entry>) => Entry, count: number): Entry[] {
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
    ...Array.from({ length: count }, (_, n) => entry(n)),
  ]
}
