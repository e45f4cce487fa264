import { DAY } from '#lib/core/clock.ts'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import { FOLLOWED_NAMES, PLAYLIST_NAMES } from '#simulator/catalog/word-lists.ts'
import { chance, type Draw, draws, hash, pick } from '#simulator/core/random.ts'
import type { Entry, Playlist } from './music.ts'
import type { TrackSource } from './plays.ts'
import { dayOf, type Taste } from './taste.ts'

/**
 * A listener's playlists: their own, collaborative ones with a friend, other people's whose items can't be read, and one
 * that Spotify owns. Each changes at its own pace.
 */

export interface PlaylistCounts {
  own: number
  followed: number
  /** All were created within this many days after the first. */
  createdWithinDays: number
}

/** A track added at the end, or an entry removed at a relative position in [0, 1). */
type Change = { add: number } | { removeAt: number }

interface Plan {
  index: number
  id: string
  name: string
  kind: 'own' | 'shared' | 'followed'
  createdAt: number
  initialSize: number
  /** Time between two changes. */
  periodMs: number
}

const PLAN = 41
const CHANGE = 42
const FIRST = 43
/** From here on, a playlist loses an entry for each new one. */
const MAX_ENTRIES = 200

export function createPlaylists(
  catalog: Catalog,
  taste: Taste,
  listenerId: string,
  listenerName: string,
  lists: PlaylistCounts,
) {
  const { key, habits } = taste
  // Bounded: one entry per playlist, one change per period.
  const changes = new Map<number, { tracks: number[]; log: Change[] }>()
  const plans = Array.from({ length: lists.own + lists.followed }, (_, index) => plan(index))
  const friend = { id: `friend-of-${listenerId}`, name: 'Fellow listener' }

  function plan(index: number): Plan {
    const seed = hash(key, PLAN, index)
    const kind = index >= lists.own ? 'followed' : index % 19 === 7 ? 'shared' : 'own'
    const names = kind === 'followed' ? FOLLOWED_NAMES : PLAYLIST_NAMES
    const volume = Math.floor((kind === 'followed' ? index - lists.own : index) / names.length)
    return {
      index,
      id: catalog.id('playlist', seed),
      name: pick(names, index) + (volume > 0 ? ` ${volume + 1}` : ''),
      kind,
      createdAt:
        (habits.firstDay + Math.floor(chance(seed, 1) * lists.createdWithinDays)) * DAY +
        Math.floor(chance(seed, 2) * DAY),
      initialSize: 8 + Math.floor(70 * chance(seed, 3) ** 2),
      periodMs: Math.floor((4 + 200 * chance(seed, 4) ** 2) * DAY),
    }
  }

  function versionOf(one: Plan, at: number): number {
    return Math.max(0, Math.floor((at - one.createdAt) / one.periodMs))
  }

  /** A playlist's first tracks, and its changes up to a version. */
  function historyOf(one: Plan, version: number): { tracks: number[]; log: Change[] } {
    const draw = draws(hash(key, FIRST, one.index))
    const known = changes.get(one.index) ?? {
      tracks: Array.from({ length: one.initialSize }, () => taste.track(dayOf(one.createdAt), draw)),
      log: [],
    }
    changes.set(one.index, known)
    while (known.log.length < version) {
      const nth = known.log.length + 1
      const drawChange = draws(hash(key, CHANGE, one.index, nth))
      const day = dayOf(one.createdAt + nth * one.periodMs)
      known.log.push(drawChange() < 0.25 ? { removeAt: drawChange() } : { add: taste.track(day, drawChange) })
    }
    return known
  }

  function entriesOf(one: Plan, at: number): Entry[] {
    if (at < one.createdAt) return []
    const version = versionOf(one, at)
    const { tracks, log } = historyOf(one, version)
    const entry = (ref: number, addedAt: number, nth: number): Entry => ({
      what: 'track',
      ref,
      addedAt: Math.floor(addedAt / 1000) * 1000,
      addedBy: one.kind === 'shared' && nth % 2 === 1 ? friend.id : listenerId,
    })
    const entries = tracks.map((ref, nth) => entry(ref, one.createdAt, nth))
    log.slice(0, version).forEach((change, nth) => {
      const full = entries.length >= MAX_ENTRIES
      if ('add' in change && !full) entries.push(entry(change.add, one.createdAt + (nth + 1) * one.periodMs, nth))
      else if (entries.length > 1)
        entries.splice(Math.floor(('add' in change ? 0 : change.removeAt) * entries.length), 1)
    })
    return entries
  }

  function ownerOf(one: Plan): Playlist['owner'] {
    if (one.kind === 'own') return { id: listenerId, name: listenerName }
    if (one.kind === 'shared') return friend
    return { id: `lists-of-${hash(key, PLAN, one.index) % 1000}`, name: one.index % 4 === 0 ? null : 'List keeper' }
  }

  function playlistAt(one: Plan, at: number): Playlist {
    return {
      id: one.id,
      name: one.name,
      description: one.kind === 'followed' ? 'Fresh every week &amp; hand-picked' : '',
      owner: ownerOf(one),
      collaborative: one.kind === 'shared',
      public: one.kind === 'shared' ? false : one.index % 5 !== 0,
      images: 'own',
      snapshot: Buffer.from(`${versionOf(one, at)},${one.id}`).toString('base64'),
      total: entriesOf(one, at).length,
      readable: one.kind !== 'followed',
    }
  }

  return {
    playlists(at: number): (Playlist | null)[] {
      const shown: (Playlist | null)[] = plans.filter((one) => one.createdAt <= at).map((one) => playlistAt(one, at))
      // A playlist of Spotify's, in between.
      if (lists.followed > 0) shown.splice(Math.min(3, shown.length), 0, null)
      return shown
    },

    entries(id: string, at: number): Entry[] {
      const one = plans.find((plan) => plan.id === id)
      return one ? entriesOf(one, at) : []
    },

    /** One of the listener's own playlists, shuffled, to play from. */
    source(day: number, draw: Draw): TrackSource | undefined {
      const one = plans[Math.floor(draw() ** 1.7 * lists.own)]
      const entries = one ? entriesOf(one, day * DAY) : []
      const [first] = entries
      if (!one || !first) return undefined
      return {
        context: { type: 'playlist', id: one.id },
        next: () => (entries[Math.floor(draw() * entries.length)] ?? first).ref,
      }
    },
  }
}
