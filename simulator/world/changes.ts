import { z } from 'zod'
import type { Catalog } from '#simulator/catalog/catalog.ts'
import { apiError, HttpError } from '#simulator/core/http.ts'
import { hash } from '#simulator/core/random.ts'
import type { Entry, Music, Play, Playlist, SavedItem } from '#simulator/music/music.ts'

/** What tests change in a listener's music, on top of what the seed determines. */

const instant = z.iso.datetime().transform((text) => Date.parse(text))
const common = {
  listener: z.string(),
  /** By default now. */
  at: instant.optional(),
  /** Delays the change until this many more pages of `path` (such as `/me/tracks`) were sent to the listener. */
  afterPages: z.object({ path: z.string(), pages: z.number().int().min(1) }).optional(),
}

export const CHANGE = z.discriminatedUnion('what', [
  /** Saves a track, or `count` tracks that are not saved yet. */
  z.object({
    what: z.literal('like'),
    ...common,
    track: z.string().optional(),
    count: z.number().int().min(1).max(100_000).default(1),
  }),
  /** Removes a saved track: a named one, or the one at a position (0 is the newest). */
  z.object({
    what: z.literal('unlike'),
    ...common,
    track: z.string().optional(),
    position: z.number().int().min(0).default(0),
  }),
  /** Appends tracks to a playlist and removes the entry at a position. */
  z.object({
    what: z.literal('playlist'),
    ...common,
    playlist: z.string(),
    add: z.number().int().min(0).max(1000).default(0),
    remove: z.number().int().min(0).optional(),
  }),
  /** Plays one-minute songs one after the other. The last one ends at `at`. */
  z.object({
    what: z.literal('play'),
    ...common,
    count: z.number().int().min(1).max(1000),
    track: z.string().optional(),
  }),
])

export type Change = z.infer<typeof CHANGE>

const PLAY_LENGTH = 60_000
const MAX_CHANGES = 100_000

interface Edit {
  at: number
  playlist: string
  add: number[]
  remove: number | undefined
}

interface ListenerChanges {
  likes: SavedItem[]
  unlikes: { ref: number; at: number }[]
  edits: Edit[]
  plays: Play[]
  /** Cached for paging: a list of 60,000 tracks is built once, not for every page. */
  saved?: { at: number; items: SavedItem[] } | undefined
}

interface Pending {
  change: Change
  group: string
  pages: number
}

export class Changes {
  readonly #catalog: Catalog
  readonly #byListener = new Map<string, ListenerChanges>()
  #pending: Pending[] = []
  #made = 0

  constructor(catalog: Catalog) {
    this.#catalog = catalog
  }

  clear(): void {
    this.#byListener.clear()
    this.#pending = []
    this.#made = 0
  }

  /** Makes a change, now or once the pages it waits for were sent. */
  add(change: Change, music: Music, now: number): void {
    if (this.#made++ >= MAX_CHANGES) throw new HttpError(apiError(400, `More than ${MAX_CHANGES} changes`))
    if (change.afterPages) this.#pending.push({ change, group: change.afterPages.path, pages: change.afterPages.pages })
    else this.#make(change, this.applied(change.listener, music), now)
  }

  /** Makes the changes that waited for this page. */
  pageSent(listener: string, group: string, music: Music, now: number): void {
    if (this.#pending.length === 0) return
    const due = this.#pending.filter(
      (one) => one.change.listener === listener && one.group === group && --one.pages === 0,
    )
    this.#pending = this.#pending.filter((one) => !due.includes(one))
    for (const { change } of due) this.#make(change, this.applied(listener, music), now)
  }

  /** A listener's music with all changes. */
  applied(listener: string, music: Music): Music {
    const changes = this.#byListener.get(listener)
    return changes ? withChanges(music, changes) : music
  }

  #changesOf(listener: string): ListenerChanges {
    const changes = this.#byListener.get(listener) ?? { likes: [], unlikes: [], edits: [], plays: [] }
    this.#byListener.set(listener, changes)
    return changes
  }

  #track(id: string | undefined, nth: number): number {
    const found = id === undefined ? undefined : this.#catalog.find('track', id)
    return found ?? this.#catalog.trackOf(hash(this.#catalog.seed, 71, nth) % 1000, nth)
  }

  /** `count` tracks that are not saved, artist by artist. */
  #unsaved(saved: Set<number>, count: number): number[] {
    const found: number[] = []
    for (let artist = 0; found.length < count && this.#catalog.trackCount(artist) > 0; artist++) {
      for (let nth = 0; nth < this.#catalog.trackCount(artist) && found.length < count; nth++) {
        const ref = this.#catalog.trackOf(artist, nth)
        if (!saved.has(ref)) found.push(ref)
      }
    }
    return found
  }

  #make(change: Change, music: Music, now: number): void {
    const changes = this.#changesOf(change.listener)
    const at = change.at ?? now
    switch (change.what) {
      case 'like': {
        const saved = new Set(music.savedTracks(at).map(({ ref }) => ref))
        if (change.count > 1) {
          for (const ref of this.#unsaved(saved, change.count)) changes.likes.push({ ref, addedAt: at })
          break
        }
        let nth = this.#made
        let ref = this.#track(change.track, nth)
        while (change.track === undefined && saved.has(ref)) ref = this.#track(undefined, ++nth)
        if (!saved.has(ref)) changes.likes.push({ ref, addedAt: at })
        break
      }
      case 'unlike': {
        const ref =
          change.track === undefined ? music.savedTracks(at)[change.position]?.ref : this.#track(change.track, 0)
        if (ref !== undefined) changes.unlikes.push({ ref, at })
        break
      }
      case 'playlist': {
        const add = Array.from({ length: change.add }, (_, nth) => this.#track(undefined, this.#made * 1000 + nth))
        changes.edits.push({ at, playlist: change.playlist, add, remove: change.remove })
        break
      }
      case 'play':
        for (let nth = 0; nth < change.count; nth++) {
          const playedAt = at - (change.count - 1 - nth) * PLAY_LENGTH
          changes.plays.push({
            ref: this.#track(change.track, this.#made * 1000 + nth),
            playedAt,
            msPlayed: PLAY_LENGTH,
            context: null,
          })
        }
    }
    // Looking up the track above may have cached the list from before this change.
    changes.saved = undefined
  }
}

function withChanges(music: Music, changes: ListenerChanges): Music {
  const { likes, unlikes, edits, plays } = changes
  const edited = (entries: Entry[], ofPlaylist: Edit[]): Entry[] =>
    ofPlaylist.reduce((before, { add, remove, at }) => {
      const kept = remove === undefined ? before : before.filter((_, position) => position !== remove)
      const added = add.map((ref): Entry => ({ what: 'track', ref, addedAt: at, addedBy: null }))
      return [...kept, ...added]
    }, entries)
  const editsOf = (playlist: string, at: number) => edits.filter((one) => one.playlist === playlist && one.at <= at)
  const entries = (playlist: string, at: number) => edited(music.entries(playlist, at), editsOf(playlist, at))

  function describe(playlist: Playlist, at: number): Playlist {
    const count = editsOf(playlist.id, at).length
    if (count === 0) return playlist
    return { ...playlist, snapshot: `${playlist.snapshot}${count}`, total: entries(playlist.id, at).length }
  }

  return {
    ...music,
    savedTracks(at) {
      if (changes.saved?.at === at) return changes.saved.items
      const liked = likes.filter(({ addedAt }) => addedAt <= at)
      const isGone = ({ ref, addedAt }: SavedItem) =>
        unlikes.some((one) => one.ref === ref && one.at <= at && one.at >= addedAt)
      const items = [...liked, ...music.savedTracks(at)].filter((item) => !isGone(item))
      changes.saved = { at, items: items.sort((a, b) => b.addedAt - a.addedAt) }
      return changes.saved.items
    },
    plays(since, until, limit) {
      const added = plays.filter(({ playedAt }) => playedAt > since && playedAt <= until)
      return [...added, ...music.plays(since, until, limit)].sort((a, b) => b.playedAt - a.playedAt).slice(0, limit)
    },
    playlists: (at) => music.playlists(at).map((one) => one && describe(one, at)),
    entries,
  }
}
