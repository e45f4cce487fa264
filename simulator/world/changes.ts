import { z } from 'zod'
import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import { apiError, HttpError } from '#simulator/core/http.ts'
import type { Entry, SavedItem, Music, Play, Playlist } from '#simulator/music/music.ts'
import { hash } from '#simulator/core/random.ts'

/** What tests do to a listener's music, on top of what follows from the seed. */

const instant = z.iso.datetime().transform((given) => Date.parse(given))
const common = {
  listener: z.string(),
  /** Now if it is left out. */
  at: instant.optional(),
  /** Happens as soon as this many pages of `path` (such as `/me/tracks`) were answered to the listener from now on. */
  afterPages: z.object({ path: z.string(), pages: z.number().int().min(1) }).optional(),
}

export const CHANGE = z.discriminatedUnion('what', [
  /** Saves a track, or so many that are not saved yet if none is named. */
  z.object({
    what: z.literal('like'),
    ...common,
    track: z.string().optional(),
    count: z.number().int().min(1).max(100_000).default(1),
  }),
  /** Takes a track out of the saved ones: a named one, or the one at a place, 0 being the newest. */
  z.object({
    what: z.literal('unlike'),
    ...common,
    track: z.string().optional(),
    place: z.number().int().min(0).default(0),
  }),
  /** Appends tracks to a playlist and takes out the entry at a place. */
  z.object({
    what: z.literal('playlist'),
    ...common,
    playlist: z.string(),
    add: z.number().int().min(0).max(1000).default(0),
    remove: z.number().int().min(0).optional(),
  }),
  /** Plays songs one after the other, each of one minute, the last one ending at `at`. */
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
  /** The saved tracks of an instant; a list of 60,000 is asked for by the page. */
  saved?: { at: number; held: SavedItem[] } | undefined
}

interface Pending {
  change: Change
  group: string
  pages: number
}

export class Changes {
  readonly #catalogue: Catalogue
  readonly #diaries = new Map<string, ListenerChanges>()
  #pending: Pending[] = []
  #made = 0

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue
  }

  clear(): void {
    this.#diaries.clear()
    this.#pending = []
    this.#made = 0
  }

  /** Notes a change, or keeps it until the pages it waits for were answered. */
  add(change: Change, music: Music, now: number): void {
    if (this.#made++ >= MAX_CHANGES) throw new HttpError(apiError(400, `More than ${MAX_CHANGES} changes`))
    if (change.afterPages) this.#pending.push({ change, group: change.afterPages.path, pages: change.afterPages.pages })
    else this.#note(change, this.applied(change.listener, music), now)
  }

  /** A page was answered: changes that waited for it happen now. */
  pageAnswered(listener: string, group: string, music: Music, now: number): void {
    if (this.#pending.length === 0) return
    const due = this.#pending.filter(
      (one) => one.change.listener === listener && one.group === group && --one.pages === 0,
    )
    this.#pending = this.#pending.filter((one) => !due.includes(one))
    for (const { change } of due) this.#note(change, this.applied(listener, music), now)
  }

  /** The music of a listener with everything that was done to it. */
  applied(listener: string, music: Music): Music {
    const diary = this.#diaries.get(listener)
    return diary ? withChanges(music, diary) : music
  }

  #diary(listener: string): ListenerChanges {
    const diary = this.#diaries.get(listener) ?? { likes: [], unlikes: [], edits: [], plays: [] }
    this.#diaries.set(listener, diary)
    return diary
  }

  #track(id: string | undefined, nth: number): number {
    const found = id === undefined ? undefined : this.#catalogue.find('track', id)
    return found ?? this.#catalogue.trackOf(hash(this.#catalogue.seed, 71, nth) % 1000, nth)
  }

  /** So many tracks that are not saved, whole artists one after the other. */
  #unsaved(saved: Set<number>, count: number): number[] {
    const found: number[] = []
    for (let artist = 0; found.length < count && this.#catalogue.trackCount(artist) > 0; artist++) {
      for (let nth = 0; nth < this.#catalogue.trackCount(artist) && found.length < count; nth++) {
        const ref = this.#catalogue.trackOf(artist, nth)
        if (!saved.has(ref)) found.push(ref)
      }
    }
    return found
  }

  #note(change: Change, music: Music, now: number): void {
    const diary = this.#diary(change.listener)
    const at = change.at ?? now
    switch (change.what) {
      case 'like': {
        const saved = new Set(music.savedTracks(at).map(({ ref }) => ref))
        if (change.count > 1) {
          for (const ref of this.#unsaved(saved, change.count)) diary.likes.push({ ref, addedAt: at })
          break
        }
        let nth = this.#made
        let ref = this.#track(change.track, nth)
        while (change.track === undefined && saved.has(ref)) ref = this.#track(undefined, ++nth)
        if (!saved.has(ref)) diary.likes.push({ ref, addedAt: at })
        break
      }
      case 'unlike': {
        const ref = change.track === undefined ? music.savedTracks(at)[change.place]?.ref : this.#track(change.track, 0)
        if (ref !== undefined) diary.unlikes.push({ ref, at })
        break
      }
      case 'playlist': {
        const add = Array.from({ length: change.add }, (_, nth) => this.#track(undefined, this.#made * 1000 + nth))
        diary.edits.push({ at, playlist: change.playlist, add, remove: change.remove })
        break
      }
      case 'play':
        for (let nth = 0; nth < change.count; nth++) {
          const playedAt = at - (change.count - 1 - nth) * PLAY_LENGTH
          diary.plays.push({ ref: this.#track(change.track, this.#made * 1000 + nth), playedAt, context: null })
        }
    }
    // Finding the place of a change asks for the list as it was before.
    diary.saved = undefined
  }
}

function withChanges(music: Music, diary: ListenerChanges): Music {
  const { likes, unlikes, edits, plays } = diary
  const edited = (entries: Entry[], done: Edit[]): Entry[] =>
    done.reduce((before, { add, remove, at }) => {
      const kept = remove === undefined ? before : before.filter((_, place) => place !== remove)
      const added = add.map((ref): Entry => ({ what: 'track', ref, addedAt: at, addedBy: null }))
      return [...kept, ...added]
    }, entries)
  const editsOf = (playlist: string, at: number) => edits.filter((one) => one.playlist === playlist && one.at <= at)
  const entries = (playlist: string, at: number) => edited(music.entries(playlist, at), editsOf(playlist, at))

  function describe(playlist: Playlist, at: number): Playlist {
    const done = editsOf(playlist.id, at)
    if (done.length === 0) return playlist
    return { ...playlist, snapshot: `${playlist.snapshot}${done.length}`, total: entries(playlist.id, at).length }
  }

  return {
    ...music,
    savedTracks(at) {
      if (diary.saved?.at === at) return diary.saved.held
      const liked = likes.filter(({ addedAt }) => addedAt <= at)
      const gone = (held: SavedItem) => unlikes.some((one) => one.ref === held.ref && one.at <= at && one.at >= held.addedAt)
      const held = [...liked, ...music.savedTracks(at)].filter((one) => !gone(one))
      diary.saved = { at, held: held.sort((a, b) => b.addedAt - a.addedAt) }
      return diary.saved.held
    },
    plays(since, until, limit) {
      const fitting = plays.filter(({ playedAt }) => playedAt > since && playedAt <= until)
      return [...fitting, ...music.plays(since, until, limit)].sort((a, b) => b.playedAt - a.playedAt).slice(0, limit)
    },
    playlists: (at) => music.playlists(at).map((one) => one && describe(one, at)),
    entries,
  }
}
