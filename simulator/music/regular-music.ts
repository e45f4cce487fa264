import type { Catalog } from '#simulator/catalog/catalog.ts'
import { hash, hashText } from '#simulator/core/random.ts'
import { createCollection, type Growth } from './collection.ts'
import type { Listener, Regular } from './listeners.ts'
import type { Music } from './music.ts'
import { createPlaylists } from './playlists.ts'
import { createPlays } from './plays.ts'
import { createStory } from './story.ts'
import { createTaste } from './taste.ts'
import { createTopLists } from './top-lists.ts'

const SAVED = 51
const ALBUMS = 52
const FOLLOWED = 53

/** A listener whose music is computed from their habits. */
export function createRegularMusic(catalog: Catalog, listener: Listener, life: Regular): Music {
  const key = hash(catalog.seed, hashText(listener.id))
  const taste = createTaste(catalog, key, life.habits)
  const name = listener.displayName ?? listener.id
  const playlists = createPlaylists(catalog, taste, listener.id, name, life.lists)
  const plays = createPlays(catalog, taste, listener.id, {
    playlistSource: playlists.source,
    story: life.hasStory ? createStory(key) : undefined,
  })
  const topLists = createTopLists(catalog, plays.onDay)

  const collection = (salt: number, growth: Omit<Growth, 'key' | 'firstDay'>) =>
    createCollection({ key: hash(key, salt), firstDay: life.habits.firstDay, ...growth })

  const savedTracks = collection(SAVED, {
    initialCount: life.initialSaved,
    perDay: life.savedPerDay,
    removedShare: 0.04,
    // Any track of a liked artist: people save more tracks than they play often.
    pick: (day, draw) => taste.favorite(taste.artist(day, draw), Math.floor(draw() * 100)),
  })
  const savedAlbums = collection(ALBUMS, {
    initialCount: 0,
    perDay: () => life.albumsPerDay,
    removedShare: 0.03,
    pick(day, draw) {
      const albums = catalog.albumsOf(taste.artist(day, draw))
      return albums[Math.floor(draw() * albums.length)]?.index ?? 0
    },
  })
  const followed = collection(FOLLOWED, {
    initialCount: life.initialFollowed,
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
