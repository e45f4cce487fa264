import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import type { SimulatorSettings } from './admin/settings.ts'
import { DEMO_LISTENERS } from './music/listeners.ts'
import { type Simulator, startSimulator } from './simulator.ts'

/**
 * Compares the simulation's responses with Spotify's own OpenAPI document (SPOTIFY_OPENAPI, a yml file) and with real
 * responses (REAL_ANSWERS_DIR). Neither can be part of this repository, so this runs only where they are available.
 */

function requireSetting(name: string, what: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set. Set it to the path of ${what}.`)
  return value
}

const OPENAPI = requireSetting('SPOTIFY_OPENAPI', 'the OpenAPI document of the Spotify Web API (yml)')
const REAL = requireSetting('REAL_ANSWERS_DIR', 'the folder with real responses of the Spotify Web API')

type Tree = { [name: string]: unknown }
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Removed for Development Mode apps, but still required by the document. */
const REMOVED = ['available_markets', 'popularity', 'label', 'followers', 'publisher', 'linked_from', 'album_group']
/** Missing in the album of a local file. */
const SOMETIMES_ABSENT = ['total_tracks']

/** Null in practice, although the document doesn't say so. */
const NULLABLE: Record<string, readonly string[]> = {
  AlbumBase: ['id', 'release_date', 'release_date_precision', 'album_type', 'href', 'uri'],
  ArtistObject: ['genres'],
  CurrentlyPlayingObject: ['context', 'item'],
  CursorObject: ['after', 'before'],
  CursorPagingObject: ['cursors', 'next'],
  EpisodeBase: ['audio_preview_url'],
  PlayHistoryObject: ['context'],
  PlaylistObject: ['description', 'images', 'public'],
  PlaylistOwnerObject: ['display_name'],
  PlaylistTrackObject: ['added_at', 'added_by', 'item'],
  PrivateUserObject: ['display_name'],
  SimplifiedArtistObject: ['id', 'href', 'uri'],
  SimplifiedPlaylistObject: ['description', 'images', 'public'],
  TrackObject: ['href', 'id'],
}

function orNull(schema: unknown): unknown {
  return { anyOf: [{ type: 'null' }, schema] }
}

/** Turns OpenAPI 3.0 into JSON Schema, without requiring what Development Mode removed. */
function translate(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(translate)
  if (!isTree(node)) return node
  const { nullable, discriminator: _, required, ...rest } = node
  const translated: Tree = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, translate(value)]))
  if (Array.isArray(required))
    translated.required = required.filter((name) => ![...REMOVED, ...SOMETIMES_ABSENT].includes(name))
  return nullable ? orNull(translated) : translated
}

function allowNulls(schemas: Tree): void {
  const relax = (node: unknown, names: readonly string[]): void => {
    if (!isTree(node)) return
    if (isTree(node.properties))
      for (const name of names) {
        const known = node.properties[name]
        if (known) node.properties[name] = orNull(known)
      }
    if (Array.isArray(node.allOf)) for (const part of node.allOf) relax(part, names)
  }
  for (const [schema, names] of Object.entries(NULLABLE)) relax(schemas[schema], names)
  const { PagingPlaylistObject: lists } = schemas
  // A playlist that Spotify owns is null.
  if (isTree(lists)) schemas.PagingPlaylistObject = allowNullItems(lists)
}

function allowNullItems(node: Tree): Tree {
  return JSON.parse(
    JSON.stringify(node).replace(/"items":(\{"\$ref":"[^"]+"\})/, '"items":{"anyOf":[{"type":"null"},$1]}'),
  )
}

let validators: Map<string, ValidateFunction>
let simulator: Simulator

function readValidators(): Map<string, ValidateFunction> {
  const document = translate(parse(readFileSync(OPENAPI, 'utf8')))
  if (
    !isTree(document) ||
    !isTree(document.components) ||
    !isTree(document.components.schemas) ||
    !isTree(document.paths)
  )
    throw new Error(`${OPENAPI} is not an OpenAPI document`)
  allowNulls(document.components.schemas)
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema({ $id: 'spotify', ...document })
  return new Map(
    Object.keys(document.paths).map((path) => {
      const pointer = ['paths', path.replaceAll('/', '~1'), 'get', 'responses', '200']
      return [path, compile(ajv, document, path, pointer.join('/'))]
    }),
  )
}

/** The validator of a path's 200 response, which may itself be a reference. */
function compile(ajv: Ajv, document: Tree, path: string, pointer: string): ValidateFunction {
  const follow = (steps: string): unknown =>
    steps
      .split('/')
      .reduce<unknown>((node, step) => (isTree(node) ? node[step.replaceAll('~1', '/')] : undefined), document)
  const response = follow(pointer)
  const target = isTree(response) && typeof response.$ref === 'string' ? response.$ref.slice(2) : pointer
  if (!isTree(follow(target))) return ajv.compile(true)
  const steps = [...target.split('/'), 'content', 'application~1json', 'schema']
  if (!follow(steps.join('/'))) throw new Error(`The document has no schema for ${path}`)
  return ajv.compile({ $ref: `spotify#/${steps.map(encodeURIComponent).join('/')}` })
}

async function configure(settings: SimulatorSettings): Promise<unknown> {
  const response = await fetch(`${simulator.url}/admin`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  })
  return response.json()
}

/** An instant just before a song of the listener of ten years ended. */
async function whileSomethingPlays(): Promise<string> {
  const response = await fetch(`${simulator.url}/admin/expected/juniper-lake/plays?at=2026-11-21T00:00:00Z`)
  const { items } = z.object({ items: z.array(z.looseObject({ played_at: z.string() })) }).parse(await response.json())
  return new Date(Date.parse(items.at(-1)?.played_at ?? '') - 1000).toISOString()
}

async function tokenOf(listener: string): Promise<string> {
  const scopes = [
    'user-top-read',
    'user-library-read',
    'user-follow-read',
    'user-read-recently-played',
    'user-read-currently-playing',
    'playlist-read-private',
    'playlist-read-collaborative',
  ]
  const { grant } = z
    .object({ grant: z.object({ access_token: z.string() }) })
    .parse(await configure({ grant: { listener, scopes } }))
  return grant.access_token
}

async function get(token: string, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${simulator.url}/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : undefined }
}

beforeAll(async () => {
  validators = readValidators()
  const midnight = new Date('2026-11-20T00:00:00Z')
  simulator = await startSimulator({
    port: 0,
    seed: 1,
    clientId: 'a',
    clientSecret: 'b',
    admin: true,
    now: () => midnight,
  })
  await configure({ clock: { set: await whileSomethingPlays() } })
})
afterAll(() => simulator.stop())

const Ids = z.object({ items: z.array(z.looseObject({ id: z.string() }).nullable()) })
const Saved = z.object({
  items: z.array(
    z.looseObject({
      track: z.looseObject({
        id: z.string(),
        album: z.looseObject({ id: z.string() }),
        artists: z.array(z.looseObject({ id: z.string() })),
      }),
    }),
  ),
})

/** Every address that responds with 200 to a listener, with its path in the document. */
async function addresses(token: string): Promise<[string, string][]> {
  const ranges = ['short_term', 'medium_term', 'long_term']
  const mine: [string, string][] = [
    ['/me', '/me'],
    ...ranges.map((range): [string, string] => ['/me/top/tracks', `/me/top/tracks?limit=50&time_range=${range}`]),
    ...ranges.map((range): [string, string] => ['/me/top/artists', `/me/top/artists?limit=50&time_range=${range}`]),
    ['/me/tracks', '/me/tracks?limit=50'],
    ['/me/tracks', '/me/tracks?limit=50&offset=50'],
    ['/me/albums', '/me/albums?limit=50'],
    ['/me/following', '/me/following?type=artist&limit=50'],
    ['/me/player/recently-played', '/me/player/recently-played?limit=50'],
    ['/me/player/recently-played', '/me/player/recently-played?limit=50&before=1'],
    ['/me/player/currently-playing', '/me/player/currently-playing'],
    ['/me/playlists', '/me/playlists?limit=50'],
  ]
  const lists = Ids.parse((await get(token, '/me/playlists?limit=50')).body).items
  const playlists = lists.flatMap((one): [string, string][] =>
    one
      ? [
          ['/playlists/{playlist_id}', `/playlists/${one.id}?additional_types=track,episode`],
          ['/playlists/{playlist_id}/items', `/playlists/${one.id}/items?limit=50&additional_types=track,episode`],
        ]
      : [],
  )
  const saved = Saved.parse((await get(token, '/me/tracks?limit=50')).body).items
  const catalog = saved.flatMap(({ track }): [string, string][] => [
    ['/tracks/{id}', `/tracks/${track.id}`],
    ['/albums/{id}', `/albums/${track.album.id}`],
    ['/albums/{id}/tracks', `/albums/${track.album.id}/tracks`],
    ['/artists/{id}', `/artists/${track.artists[0]?.id}`],
    ['/artists/{id}/albums', `/artists/${track.artists[0]?.id}/albums`],
  ])
  return [...mine, ...playlists, ...catalog]
}

describe.each(DEMO_LISTENERS.map(({ id }) => id))('the responses for %s', (listener) => {
  test("match Spotify's OpenAPI document", async () => {
    const token = await tokenOf(listener)
    const problems: string[] = []
    let checked = 0
    for (const [path, address] of await addresses(token)) {
      const { status, body } = await get(token, address)
      if (status !== 200) continue
      const validate = validators.get(path)
      if (!validate) throw new Error(`The document has no ${path}`)
      checked++
      if (!validate(body))
        problems.push(
          ...(validate.errors ?? []).map(({ instancePath, message }) => `${address} ${instancePath} ${message}`),
        )
    }
    expect(checked).toBeGreaterThan(10)
    expect(problems.slice(0, 10)).toEqual([])
  })
})

/** The paths of all fields of a value, one for all items of a list: `items[].track.album.images[].url`. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => fieldsOf(entry, `${path}[]`))
  if (!isTree(value)) return []
  return Object.entries(value).flatMap(([name, below]) => [`${path}.${name}`, ...fieldsOf(below, `${path}.${name}`)])
}

/** Fields of responses from before 2026, without those that Development Mode no longer sends. */
function withoutRemoved(fields: string[]): string[] {
  const gone = [...REMOVED, 'genres', 'acousticness', 'danceability', 'energy', 'instrumentalness', 'key', 'liveness']
  const goneToo = ['loudness', 'mode', 'speechiness', 'tempo', 'time_signature', 'valence', 'episode']
  return [...new Set(fields)]
    .filter((field) => !field.split('.').some((name) => [...gone, ...goneToo].includes(name.replace('[]', ''))))
    .sort()
}

function realFields(file: string, read: (content: unknown) => unknown = (content) => content): string[] {
  return withoutRemoved(fieldsOf(read(JSON.parse(readFileSync(join(REAL, file), 'utf8')))))
}

const Snapshots = z.array(z.looseObject({ body: z.looseObject({}) }))
const bodies = (content: unknown) => Snapshots.parse(content).map(({ body }) => body)
/** `track` in playlists is called `item` now. */
const renamed = (field: string) => field.replace(/^\.items\[\]\.track/, '.items[].item')

describe('the fields of responses', () => {
  const cases: [string, string, () => string[]][] = [
    [
      '/me/tracks?limit=50',
      'saved tracks',
      () => realFields('saved_tracks_items.json').map((field) => `.items${field}`),
    ],
    ['/me/player/recently-played?limit=50', 'recently played', () => realFields('recently_played_page.json')],
    [
      '/me/top/artists?limit=50',
      'top artists',
      () => realFields('top_50_artists_short_term.json', bodies).map((field) => field.slice(2)),
    ],
    [
      '/me/top/tracks?limit=50',
      'top tracks',
      () => realFields('top_50_tracks_short_term.json', bodies).map((field) => field.slice(2)),
    ],
    [
      'playlist',
      'playlist items',
      () =>
        realFields('global_top50_weekly_items_2023-02-10.json')
          .map(renamed)
          // A flag in old responses: whether the item is a track.
          .filter((field) => field !== '.items[].item.track'),
    ],
  ]

  test.each(cases)('%s include all fields of real %s', async (address, _, read) => {
    const token = await tokenOf('juniper-lake')
    const first = Ids.parse((await get(token, '/me/playlists?limit=1')).body).items[0]
    const { body } = await get(token, address === 'playlist' ? `/playlists/${first?.id}/items` : address)
    const ours = new Set(fieldsOf(body))
    const real = read()
    expect(real.length).toBeGreaterThan(8)
    expect(real.filter((field) => !ours.has(field))).toEqual([])
  })
})
