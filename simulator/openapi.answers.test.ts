import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { get, Ids, isTree, REMOVED, requireSetting, type Tree, tokenOf, withSimulator } from '#testing/real-spotify.ts'
import { DEMO_LISTENERS } from './music/listeners.ts'

/**
 * Compares the simulation's responses with Spotify's own OpenAPI document (SPOTIFY_OPENAPI, a yml file). It can't be part
 * of this repository, so this runs only where it is available (vitest.config.ts).
 */

const OPENAPI = requireSetting('SPOTIFY_OPENAPI', 'the OpenAPI document of the Spotify Web API (yml)')
withSimulator()

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

beforeAll(() => {
  validators = readValidators()
})

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
