import { type Catalog, CURIOUS_ARTISTS } from '#simulator/catalog/catalog.ts'
import { type HttpResponse, type JsonObject, json } from '#simulator/core/http.ts'
import { chance, hash, hashText } from '#simulator/core/random.ts'

/** MusicBrainz as far as Tracklake asks it: artists by name, and their genres. It knows most of the invented artists. */

export const MUSICBRAINZ = '/musicbrainz/ws/2/'

/** Genres that go together; an artist has one or more of a line. */
const SCENES: readonly (readonly string[])[] = [
  ['indie rock', 'dream pop', 'shoegaze', 'indie pop'],
  ['electronic', 'ambient', 'downtempo', 'idm'],
  ['house', 'electronic', 'deep house', 'techno'],
  ['folk', 'indie folk', 'singer-songwriter', 'americana'],
  ['hip hop', 'alternative hip hop', 'jazz rap', 'trap'],
  ['soul', 'r&b', 'neo soul', 'funk'],
  ['rock', 'alternative rock', 'post-rock', 'garage rock'],
  ['punk', 'post-punk', 'new wave', 'hardcore punk'],
  ['jazz', 'nu jazz', 'vocal jazz', 'fusion'],
  ['pop', 'synth-pop', 'electropop', 'art pop'],
  ['metal', 'progressive metal', 'doom metal', 'post-metal'],
  ['modern classical', 'minimalism', 'chamber music', 'ambient'],
]

const SCENE = 71
const KNOWN = 72
const NAMESAKE = 73
const GENRES = 74

const idOf = (artist: number, namesake = 0) =>
  `00000000-0000-4000-8000-${(artist * 10 + namesake).toString(16).padStart(12, '0')}`

const artistOf = (id: string) => Math.floor(Number.parseInt(id.slice(-12), 16) / 10)

const numbers = new WeakMap<Catalog, Map<string, number>>()

/** Artists by their names in lower case. */
function artistsByName(catalog: Catalog): Map<string, number> {
  const known = numbers.get(catalog)
  if (known) return known
  const made = new Map<string, number>()
  const all = CURIOUS_ARTISTS.first + CURIOUS_ARTISTS.count
  for (let artist = all - 1; artist >= 0; artist--) made.set(catalog.nameOf(artist).toLowerCase(), artist)
  numbers.set(catalog, made)
  return made
}

/** One in ten is unknown, and one in twenty has a namesake. */
function search(catalog: Catalog, query: string): JsonObject {
  const name = /^artist:"(.*)"$/s.exec(query)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? ''
  const artist = artistsByName(catalog).get(name.toLowerCase())
  const isKnown = artist !== undefined && chance(catalog.seed, KNOWN, artist) > 0.1
  const found = isKnown ? [{ id: idOf(artist), name: catalog.nameOf(artist), score: 100 }] : []
  if (isKnown && chance(catalog.seed, NAMESAKE, artist) < 0.05)
    found.push({ ...found[0], id: idOf(artist, 1) } as never)
  // A search always finds somebody who is called similarly.
  found.push({ id: idOf(hashText(name) % 1000), name: `${name} Orchestra`, score: 61 })
  return { created: '2026-11-01T00:00:00.000Z', count: found.length, offset: 0, artists: found }
}

function describe(catalog: Catalog, id: string): JsonObject {
  const artist = artistOf(id)
  const scene = SCENES[hash(catalog.seed, SCENE, artist) % SCENES.length] ?? []
  const count = 1 + (hash(catalog.seed, GENRES, artist) % scene.length)
  const first = hash(catalog.seed, GENRES, artist, 1) % scene.length
  const genres = Array.from({ length: count }, (_, at) => ({
    id: idOf(hashText(scene[(first + at) % scene.length] ?? '')),
    name: scene[(first + at) % scene.length] ?? '',
    count: count - at,
    disambiguation: '',
  }))
  return { id, name: catalog.nameOf(artist), genres }
}

/** GET artist?query=artist:"…" and artist/<id>?inc=genres */
export function musicBrainz(catalog: Catalog, url: URL): HttpResponse {
  const [what, id] = url.pathname.slice(MUSICBRAINZ.length).split('/')
  const query = url.searchParams.get('query')
  if (what !== 'artist' || url.searchParams.get('fmt') !== 'json') return json(404, { error: 'Not Found' })
  if (id) return json(200, describe(catalog, id))
  return query ? json(200, search(catalog, query)) : json(400, { error: 'No query' })
}
