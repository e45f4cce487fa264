import { DAY } from '#lib/core/clock.ts'
import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import type { Entry, Playlist } from './music.ts'
import type { TrackSource } from './plays.ts'
import { chance, type Draw, draws, hash, pick } from '#simulator/core/random.ts'
import { dayOf, type Taste } from './taste.ts'
import { FOLLOWED_NAMES, PLAYLIST_NAMES } from '#simulator/catalogue/word-lists.ts'

/**
 * The playlists of a listener: their own (which change at a pace of their own), ones shared with a friend, ones of other
 * people that can only be seen from outside, and one that Spotify owns.
 */

export interface PlaylistCounts {
  own: number
  followed: number
  /** In how many days from the first one all of them were made. */
  madeWithinDays: number
}

/** One change of a playlist: a track put at its end, or the entry at a place taken out. */
type Change = { add: number } | { removeAt: number }

interface Plan {
  index: number
  id: string
  name: string
  kind: 'own' | 'shared' | 'followed'
  createdAt: number
  sizeAtFirst: number
  /** Between two changes. */
  periodMs: number
}

const PLAN = 41
const CHANGE = 42
const FIRST = 43
/** A playlist of many years stops growing here and changes entry for entry. */
const MAX_ENTRIES = 200

export function createPlaylists(
  catalogue: Catalogue,
  taste: Taste,
  listenerId: string,
  listenerName: string,
  lists: PlaylistCounts,
) {
  const { key, habits } = taste
  // Bounded: one list of changes per playlist, one change per period since it was made.
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
      id: catalogue.id('playlist', seed),
      name: pick(names, index) + (volume > 0 ? ` ${volume + 1}` : ''),
      kind,
      createdAt:
        (habits.firstDay + Math.floor(chance(seed, 1) * lists.madeWithinDays)) * DAY +
        Math.floor(chance(seed, 2) * DAY),
      sizeAtFirst: 8 + Math.floor(70 * chance(seed, 3) ** 2),
      periodMs: Math.floor((4 + 200 * chance(seed, 4) ** 2) * DAY),
    }
  }

  function versionOf(one: Plan, at: number): number {
    return Math.max(0, Math.floor((at - one.createdAt) / one.periodMs))
  }

  /** What the playlist held at first, and all changes up to the version. */
  function historyOf(one: Plan, version: number): { tracks: number[]; log: Change[] } {
    const draw = draws(hash(key, FIRST, one.index))
    const known = changes.get(one.index) ?? {
      tracks: Array.from({ length: one.sizeAtFirst }, () => taste.track(dayOf(one.createdAt), draw)),
      log: [],
    }
    changes.set(one.index, known)
    while (known.log.length < version) {
      const nth = known.log.length + 1
      const turn = draws(hash(key, CHANGE, one.index, nth))
      const day = dayOf(one.createdAt + nth * one.periodMs)
      known.log.push(turn() < 0.25 ? { removeAt: turn() } : { add: taste.track(day, turn) })
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
      pictures: 'own',
      snapshot: Buffer.from(`${versionOf(one, at)},${one.id}`).toString('base64'),
      total: entriesOf(one, at).length,
      readable: one.kind !== 'followed',
    }
  }

  return {
    playlists(at: number): (Playlist | null)[] {
      const shown: (Playlist | null)[] = plans.filter((one) => one.createdAt <= at).map((one) => playlistAt(one, at))
      // Between the others stands one that Spotify made.
      if (lists.followed > 0) shown.splice(Math.min(3, shown.length), 0, null)
      return shown
    },

    entries(id: string, at: number): Entry[] {
      const one = plans.find((plan) => plan.id === id)
      return one ? entriesOf(one, at) : []
    },

    /** An own playlist of the listener to play from, shuffled. */
    place(day: number, draw: Draw): TrackSource | undefined {
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
