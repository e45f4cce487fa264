import { describe, expect } from 'vitest'
import type { Row } from '#lib/core/table.ts'
import { buildModels } from '#lib/models/build.ts'
import { addRows, clearRows, importedPlay, play, songRows, warehouseTest as test } from '#lib/models/fixtures.ts'
import { SOURCES } from '#lib/models/sources.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { pairLoaded } from './pair-loaded.ts'

const START = Date.parse('2026-03-01T12:00:00.000Z')
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString()

const pairNow = (warehouse: EmbeddedWarehouse, now = new Date(START)) =>
  warehouse.build([...SOURCES], async (run) => (await pairLoaded(run, now)).scope)

const PAIRS = 'played_at, uri, import_played_at, import_uri, import_ms_played, distance_ms, rule'
const DUPLICATES = 'played_at, uri, ms_played, kept_played_at, kept_uri, kept_ms_played, distance_ms, rule'

async function results(warehouse: EmbeddedWarehouse) {
  const all = (columns: string, table: string) =>
    warehouse.query(`select ${columns} from raw.${table} order by all`, [])
  return { pairs: await all(PAIRS, 'play_pairs'), duplicates: await all(DUPLICATES, 'import_duplicates') }
}

/** A song of account data or of another tracker, whose id is made of its names. */
const named = (source: string, song: string, when: string, more: Row = {}) =>
  importedPlay(`n-${song}`, when, { source, uri: `n-${song}`, artist_id: `n-artist-${song}`, ...more })

/** How an import names a song. */
const nameRow = (song: string, id: string, importId = 'import-1') => ({
  id,
  import_id: importId,
  name: `Song ${song}`,
  folded: `song ${song}`,
  artist_id: `n-artist-${song}`,
  artist_name: `The artist-${song}`,
  artist_folded: `the artist-${song}`,
})

describe('pairing', () => {
  test('pairs what was loaded, once', async ({ warehouse }) => {
    await addRows(warehouse, {
      ...songRows('a'),
      imported_tracks: [nameRow('a', 'n-a')],
      plays: [play('a', at(0)), play('a', at(1_000))],
      imported_plays: [
        importedPlay('a', at(3)),
        named('spotify-account', 'a', at(0), { import_id: 'import-2' }),
        named('spotify-account', 'a', at(990), { import_id: 'import-2' }),
        named('lastfm', 'a', at(-180), { ms_played: 0, import_id: 'import-3' }),
      ],
    })
    expect(await pairNow(warehouse)).toBe('all')
    const found = await results(warehouse)
    expect(found).toMatchObject({
      pairs: [
        { played_at: at(0), import_played_at: at(3), distance_ms: 3_000 },
        { played_at: at(1_000), import_uri: 'n-a', distance_ms: 0 },
      ],
      duplicates: [
        { uri: 'n-a', ms_played: 0, kept_played_at: at(3) },
        { uri: 'n-a', ms_played: 200_000, kept_played_at: at(3), kept_ms_played: 200_000 },
      ],
    })
    expect(await pairNow(warehouse, new Date(START + 1))).toBe('new plays')
    expect(await results(warehouse)).toEqual(found)
    const times = await warehouse.query('select distinct paired_at from raw.play_pairs', [])
    expect(times).toEqual([{ paired_at: at(0) }])
  })

  test('does nothing where nothing was imported', async ({ warehouse }) => {
    await addRows(warehouse, { plays: [play('a', at(0))] })
    expect(await pairNow(warehouse)).toBeNull()
  })

  test('an import that is removed frees its pairs', async ({ warehouse }) => {
    await addRows(warehouse, {
      ...songRows('a'),
      plays: [play('a', at(0))],
      imported_plays: [importedPlay('a', at(3))],
    })
    await pairNow(warehouse)
    await clearRows(warehouse, 'imported_plays')
    expect(await pairNow(warehouse)).toBe('all')
    expect(await results(warehouse)).toEqual({ pairs: [], duplicates: [] })
  })

  test('a play whose load was late is paired too', async ({ warehouse }) => {
    await addRows(warehouse, {
      plays: [play('a', at(0))],
      imported_plays: [importedPlay('a', at(3)), importedPlay('a', at(-900_000))],
    })
    await pairNow(warehouse)
    await addRows(warehouse, { plays: [play('a', at(-900_000))] })
    expect(await pairNow(warehouse)).toBe('all')
    expect((await results(warehouse)).pairs).toHaveLength(2)
  })
})

/** Random numbers from a seed. */
function randomOf(seed: number): (max: number) => number {
  let state = seed * 2_654_435_761 + 1
  return (max) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
}

/** Plays in the order in which they arrive, close together and far apart. */
function arrivals(seed: number): { plays: Row[]; imported_plays: Row[] } {
  const random = randomOf(seed)
  const songs = ['a', 'b', 'c']
  const byKey = (rows: Row[]) => [
    ...new Map(rows.map((row) => [JSON.stringify([row.played_at, row.uri, row.ms_played]), row])).values(),
  ]
  const plays = Array.from({ length: 30 }, (_, index) => {
    const when = at((index % 12) * 20_000 + random(3) * 200)
    return play(songs[random(3)] ?? 'a', when, { synced_at: at(index * 20_000) })
  })
  const imported_plays = Array.from({ length: 60 }, () => {
    const song = songs[random(3)] ?? 'a'
    const when = at(random(12) * 20_000 + random(4) * 180)
    const more = { ms_played: ([0, 20, 40, 200][random(4)] as number) * 1000, import_id: `import-${random(2)}` }
    const source = ['spotify-extended', 'spotify-extended', 'spotify-account', 'lastfm'][random(4)] ?? ''
    return source === 'spotify-extended' ? importedPlay(song, when, more) : named(source, song, when, more)
  })
  return { plays: byKey(plays), imported_plays: byKey(imported_plays) }
}

const MUSIC = {
  tracks: ['a', 'b', 'c'].flatMap((song) => songRows(song).tracks),
  artists: ['a', 'b', 'c'].flatMap((song) => songRows(song).artists),
  albums: ['a', 'b', 'c'].flatMap((song) => songRows(song).albums),
  imported_tracks: ['a', 'b', 'c'].map((song) => nameRow(song, `n-${song}`)),
}

test('pairing play by play gives what pairing all at once gives, and so do the models', async ({ warehouse }) => {
  let [pairs, duplicates] = [0, 0]
  for (const seed of [1, 2, 3, 4]) {
    const { plays, imported_plays } = arrivals(seed)
    await clearRows(warehouse, ...SOURCES.map(({ name }) => name))
    await addRows(warehouse, { ...MUSIC, imported_plays })
    const build = (target: EmbeddedWarehouse) =>
      buildModels(target, { prepare: (run) => pairLoaded(run, new Date(START)) })
    await build(warehouse)
    for (let start = 0; start < plays.length; start += 4) {
      await addRows(warehouse, { plays: plays.slice(start, start + 4) })
      await build(warehouse)
    }
    const step = { results: await results(warehouse), models: await modelRows(warehouse) }
    await warehouse.build([...SOURCES], async (run) => {
      await run('drop table tracklake.pairing')
      await run('delete from raw.play_pairs')
      await run('delete from raw.import_duplicates')
    })
    await build(warehouse)
    pairs += step.results.pairs.length
    duplicates += step.results.duplicates.length
    expect({ results: await results(warehouse), models: await modelRows(warehouse) }).toEqual(step)
  }
  expect(pairs).toBeGreaterThan(10)
  expect(duplicates).toBeGreaterThan(10)
})

/** What models say, by Spotify's ids. */
async function modelRows(warehouse: EmbeddedWarehouse) {
  const queries = {
    plays: `select p.played_at, t.track_id, a.artist_id, p.ms_played, p.ms_known, p.counts, p.source
      from analytical.fct_plays p join analytical.dim_tracks t using (track_key) left join analytical.dim_artists a on a.artist_key = p.artist_key`,
    tracks:
      'select track_id, name, plays, ms_played, first_played_at, last_played_at from analytical.dim_tracks where plays > 0',
    artists: 'select artist_id, name, plays, ms_played from analytical.dim_artists where plays > 0',
    days: 'select * exclude (batch) from analytical.agg_days',
  }
  const rows: Record<string, Row[]> = {}
  for (const [name, sql] of Object.entries(queries)) rows[name] = await warehouse.query(`${sql} order by all`, [])
  return rows
}
