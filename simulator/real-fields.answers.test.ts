import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { get, Ids, isTree, REMOVED, requireSetting, tokenOf, withSimulator } from '#testing/real-spotify.ts'

/**
 * Compares the fields of the simulation's responses with those of real ones (REAL_ANSWERS_DIR). They are someone's data, so
 * this runs only where they are available.
 */

const REAL = requireSetting('REAL_ANSWERS_DIR', 'the folder with real responses of the Spotify Web API')

withSimulator()

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
