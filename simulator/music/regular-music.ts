import type { Catalogue } from '#simulator/catalogue/catalogue.ts'
import { createCollection, type Growth } from './collection.ts'
import type { Listener, Regular } from './listeners.ts'
import type { Music } from './music.ts'
import { createPlaylists } from './playlists.ts'
import { createPlays } from './plays.ts'
import { hash, hashText } from '#simulator/core/random.ts'
import { createTaste } from './taste.ts'
import { createTopLists } from './top-lists.ts'

const SAVED = 51
const ALBUMS = 52
const FOLLOWED = 53

/** A listener whose days all follow from their habits. */
export function createRegularMusic(catalogue: Catalogue, listener: Listener, life: Regular): Music {
  const key = hash(catalogue.seed, hashText(listener.id))
  const taste = createTaste(catalogue, key, life.habits)
  const name = listener.displayName ?? listener.id
  const playlists = createPlaylists(catalogue, taste, listener.id, name, life.lists)
  const plays = createPlays(catalogue, taste, listener.id, playlists.place)
  const topLists = createTopLists(catalogue, plays.onDay)

  const collection = (salt: number, growth: Omit<Growth, 'key' | 'firstDay'>) =>
    createCollection({ key: hash(key, salt), firstDay: life.habits.firstDay, ...growth })

  const savedTracks = collection(SAVED, {
    initialCount: life.savedAtFirst,
    perDay: life.savedPerDay,
    removedShare: 0.04,
    // Any track of a liked artist: people save more widely than they play.
    pick: (day, draw) => taste.favourite(taste.artist(day, draw), Math.floor(draw() * 100)),
  })
  const savedAlbums = collection(ALBUMS, {
    initialCount: 0,
    perDay: () => life.albumsPerDay,
    removedShare: 0.03,
    pick(day, draw) {
      const albums = catalogue.albumsOf(taste.artist(day, draw))
      return albums[Math.floor(draw() * albums.length)]?.index ?? 0
    },
  })
  const followed = collection(FOLLOWED, {
    initialCount: life.followedAtFirst,
    perDay: () => life.followedPerDay,
    removedShare: 0.05,
    pick: taste.artist,
  })

  return {
    savedTracks,
    savedAlbums,
    followed: (at) => followed(at).map(({ ref }) => ref),
    topTracks: topLists.topTracks,
    topArtists: topLists.topArtists,
    plays: plays.plays,
    playlists: playlists.playlists,
    entries: playlists.entries,
    phantoms: 0,
  }
}
