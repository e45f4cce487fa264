import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Row, Table } from '#lib/core/table.ts'
import { ALBUMS, ARTISTS, TRACKS } from '#lib/streams/music.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { loadOf } from '#lib/warehouse/testing.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { buildModels } from './build.ts'
import { addRows, clearRows, importedPlay, play, settings, songRows } from './fixtures.ts'
import { readProject, tracklakeProject } from './project.ts'

const now = () => new Date('2026-03-10T12:00:00.000Z')

let folder: string
let opened = 0
let warehouse: EmbeddedWarehouse

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracklake-models-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  warehouse = await openDuckdb(join(folder, `models-${++opened}.duckdb`))
})
afterEach(() => warehouse.close())

const build = (options: Partial<Parameters<typeof buildModels>[1]> = {}) => buildModels(warehouse, { now, ...options })

/** Adds songs by their names. */
async function addSongs(...names: string[]): Promise<void> {
  for (const name of names) await addRows(warehouse, songRows(name))
}

const days = () => warehouse.query(`select day, plays from analytical.agg_days order by day`, [])

const empty = ({ columns }: Table): Row => Object.fromEntries(Object.keys(columns).map((name) => [name, null]))

/** Adds plays whose songs are described already. */
function addPlays(...plays: Row[]): Promise<void> {
  return warehouse.build([], async (run) => {
    for (const { played_at, uri, track_id, artist_id, album_id, synced_at } of plays)
      await run(
        `insert into raw.plays (played_at, uri, track_id, artist_id, album_id, synced_at)
         values (cast(? as timestamp), ?, ?, ?, ?, cast(? as timestamp))`,
        [played_at ?? null, uri ?? null, track_id ?? null, artist_id ?? null, album_id ?? null, synced_at ?? null],
      )
  })
}

/** Everything in facts, aggregates and dimensions by Spotify's ids, which don't depend on the order of building. */
async function contents(): Promise<Record<string, Row[]>> {
  const queries = {
    plays: `
      select p.played_at, p.day, p.hour, p.weekday, t.track_id, a.artist_id, b.album_id, p.ms_played, p.ms_known,
        p.counts, p.skipped, p.private, p.excluded, p.source, i.import_id, p.context_uri, p.arrived_at
      from analytical.fct_plays p
      left join analytical.dim_tracks t using (track_key)
      left join analytical.dim_artists a on a.artist_key = p.artist_key
      left join analytical.dim_albums b on b.album_key = p.album_key
      left join analytical.int_imports i using (import_key)`,
    tracks: `
      select t.* exclude (track_key, artist_key, album_key, recording_key), a.artist_id, b.album_id,
        r.track_id as recording_id
      from analytical.dim_tracks t
      left join analytical.dim_artists a using (artist_key)
      left join analytical.dim_albums b using (album_key)
      left join analytical.dim_tracks r on r.track_key = t.recording_key`,
    artists: 'select * exclude (artist_key) from analytical.dim_artists',
    albums: `
      select b.* exclude (album_key, artist_key), a.artist_id
      from analytical.dim_albums b left join analytical.dim_artists a using (artist_key)`,
    days: 'select * exclude (batch) from analytical.agg_days',
    hours: 'select * exclude (batch) from analytical.agg_day_hours',
    sessions: 'select * exclude (batch) from analytical.fct_sessions',
  }
  const results: Record<string, Row[]> = {}
  for (const [name, sql] of Object.entries(queries)) results[name] = await warehouse.query(`${sql} order by all`, [])
  return results
}

/** The models are up to date without a full build, and a full build gives the same. */
async function expectSameAsFullBuild(options: Parameters<typeof build>[0] = {}): Promise<void> {
  const { full } = await build(options)
  expect(full).toBeNull()
  const found = await contents()
  expect((await build({ ...options, full: true })).full).toBe('requested')
  expect(found).toEqual(await contents())
}

test('builds every model in a warehouse without any data', async () => {
  expect((await build()).full).toBe('first build')
  expect((await build()).full).toBeNull()
  expect(await days()).toEqual([])
})

describe('an incremental build gives what a full one gives', () => {
  beforeEach(async () => {
    await addSongs('a', 'b', 'c')
    await addRows(warehouse, {
      settings: [settings()],
      plays: [play('a', '2026-03-01T10:00:00.000Z'), play('b', '2026-03-03T23:59:00.000Z')],
    })
    await build()
  })

  test('after new plays', async () => {
    await addRows(warehouse, { plays: [play('a', '2026-03-04T08:00:00.000Z'), play('c', '2026-03-05T00:01:00.000Z')] })
    await expectSameAsFullBuild()
    expect((await contents()).plays).toHaveLength(4)
  })

  test('after a play of a song that is new too', async () => {
    await addSongs('d')
    await addRows(warehouse, { plays: [play('d', '2026-03-04T08:00:00.000Z')] })
    await expectSameAsFullBuild()
  })

  test('after plays that are older than all known ones', async () => {
    await addRows(warehouse, {
      plays: [play('c', '2026-02-20T10:00:00.000Z', { synced_at: '2026-03-05T00:00:00.000Z' })],
    })
    await expectSameAsFullBuild()
    expect((await days())[0]).toEqual({ day: '2026-02-20', plays: 1 })
  })

  test('after an exclusion, and after it is undone', async () => {
    const excluded = { played_at: '2026-03-01T10:00:00.000Z', uri: 'spotify:track:a' }
    const plays = () => warehouse.query(`select plays from analytical.dim_tracks where track_id = 'a'`, [])
    await addRows(warehouse, {
      excluded_plays: [{ ...excluded, excluded: true, changed_at: '2026-03-06T00:00:00.000Z' }],
    })
    await expectSameAsFullBuild()
    expect(await plays()).toEqual([{ plays: 0 }])
    await clearRows(warehouse, 'excluded_plays')
    await addRows(warehouse, {
      excluded_plays: [{ ...excluded, excluded: false, changed_at: '2026-03-07T00:00:00.000Z' }],
    })
    await expectSameAsFullBuild()
    expect(await plays()).toEqual([{ plays: 1 }])
  })

  test('after a song, its artist and its album got other names', async () => {
    await clearRows(warehouse, 'tracks', 'artists', 'albums')
    await addSongs('b', 'c')
    await addRows(warehouse, {
      tracks: songRows('a', { name: 'Renamed' }).tracks,
      artists: [{ id: 'artist-a', name: 'Other artist', folded: 'other artist' }],
      albums: [{ id: 'album-a', name: 'Other album', folded: 'other album', artist_id: 'artist-a' }],
    })
    await expectSameAsFullBuild()
    expect(await warehouse.query(`select name from analytical.dim_tracks where track_id = 'a'`, [])).toEqual([
      { name: 'Renamed' },
    ])
  })

  test('after a song moved to another artist and album', async () => {
    await clearRows(warehouse, 'tracks')
    for (const name of ['b', 'c']) await addRows(warehouse, { tracks: songRows(name).tracks })
    await addRows(warehouse, { tracks: songRows('a', { artist: 'artist-b', album: 'album-b' }).tracks })
    await expectSameAsFullBuild()
  })

  test('after the duration of a song became known', async () => {
    await clearRows(warehouse, 'tracks')
    for (const name of ['b', 'c']) await addRows(warehouse, { tracks: songRows(name).tracks })
    await addRows(warehouse, { tracks: songRows('a', { duration_ms: 100_000 }).tracks })
    await expectSameAsFullBuild()
    expect(await warehouse.query(`select ms_played from analytical.dim_tracks where track_id = 'a'`, [])).toEqual([
      { ms_played: 100_000 },
    ])
  })

  test('after loads that described a new song, another name and nothing new', async () => {
    const load = (table: Table, rows: Row[]) =>
      warehouse.load(
        loadOf(
          rows.map((row) => ({ ...empty(table), ...row })),
          { table, mode: 'fill', stream: 'music' },
        ),
      )
    const written = async () => {
      const { full, models } = await build()
      expect(full).toBeNull()
      return models.filter(({ name, rows }) => /^int_(tracks|albums|artists)$/.test(name) && rows !== 0)
    }
    await load(TRACKS, [...songRows('a', { name: 'Renamed' }).tracks, ...songRows('b').tracks, ...songRows('d').tracks])
    await load(ALBUMS, songRows('d').albums)
    await load(ARTISTS, songRows('d').artists)
    await addPlays(play('d', '2026-03-04T08:00:00.000Z'))
    expect((await written()).map(({ name, rows }) => [name, rows]).sort()).toEqual([
      ['int_albums', 1],
      ['int_artists', 1],
      ['int_tracks', 2],
    ])
    await load(TRACKS, songRows('d').tracks)
    await addPlays(play('a', '2026-03-04T09:00:00.000Z'))
    expect(await written()).toEqual([])
    await load(ARTISTS, [{ ...songRows('a').artists[0], genres: 'jazz' }])
    await expectSameAsFullBuild()
  })

  test('on a new day without plays', async () => {
    const tomorrow = () => new Date('2026-03-11T12:00:00.000Z')
    await expectSameAsFullBuild({ now: tomorrow })
    expect((await days()).at(-1)).toEqual({ day: '2026-03-11', plays: 0 })
    expect(await days()).toHaveLength(11)
  })

  test('after reads that arrived in another order', async () => {
    await addRows(warehouse, {
      plays: [play('a', '2026-03-05T08:00:00.000Z', { synced_at: '2026-03-05T12:00:00.000Z' })],
    })
    await build()
    await addRows(warehouse, {
      plays: [play('b', '2026-03-05T07:00:00.000Z', { synced_at: '2026-03-05T11:00:00.000Z' })],
    })
    await expectSameAsFullBuild()
    expect((await contents()).plays).toHaveLength(4)
  })

  test('step by step over many builds', async () => {
    for (let hour = 0; hour < 30; hour += 1) {
      const at = new Date(Date.UTC(2026, 2, 4, hour)).toISOString()
      await addRows(warehouse, { plays: [play(['a', 'b', 'c'][hour % 3] ?? 'a', at)] })
      expect((await build()).full).toBeNull()
    }
    const found = await contents()
    await build({ full: true })
    expect(found).toEqual(await contents())
  })
})

describe('builds everything again by itself', () => {
  beforeEach(async () => {
    await addSongs('a')
    await addRows(warehouse, { settings: [settings()], plays: [play('a', '2026-03-01T23:30:00.000Z')] })
    await build()
  })

  test('when the zone has changed', async () => {
    await clearRows(warehouse, 'settings')
    await addRows(warehouse, { settings: [settings({ zone: 'Europe/Berlin' })] })
    expect((await build()).full).toBe('inputs changed')
    expect((await days())[0]).toEqual({ day: '2026-03-02', plays: 1 })
  })

  test('when plays were imported and paired', async () => {
    const end = '2026-03-02T00:02:00.000Z'
    await addRows(warehouse, {
      imported_plays: [importedPlay('a', end, { ms_played: 190_000 }), importedPlay('a', '2025-01-01T10:00:00.000Z')],
      play_pairs: [
        {
          played_at: '2026-03-01T23:30:00.000Z',
          uri: 'spotify:track:a',
          import_played_at: end,
          import_uri: 'spotify:track:a',
          import_ms_played: 190_000,
          paired_at: '2026-03-03T00:00:00.000Z',
        },
      ],
    })
    expect((await build()).full).toBe('inputs changed')
    const plays = await warehouse.query(
      'select played_at, ms_played, ms_known, source from analytical.fct_plays order by 1',
      [],
    )
    expect(plays).toEqual([
      { played_at: '2025-01-01T10:00:00.000Z', ms_played: 200_000, ms_known: true, source: 'spotify-extended' },
      { played_at: end, ms_played: 190_000, ms_known: true, source: 'spotify-extended' },
    ])
    expect((await build()).full).toBeNull()
  })

  test('when an import was undone', async () => {
    await addRows(warehouse, { imported_plays: [importedPlay('a', '2025-01-01T10:00:00.000Z')] })
    await build()
    await clearRows(warehouse, 'imported_plays')
    expect((await build()).full).toBe('inputs changed')
    expect((await contents()).plays).toHaveLength(1)
  })

  test('when an import was undone before its pairs are gone, and shows the plays of the API again', async () => {
    const end = '2026-03-02T00:02:00.000Z'
    await addRows(warehouse, {
      imported_plays: [importedPlay('a', end, { ms_played: 190_000 })],
      play_pairs: [
        {
          played_at: '2026-03-01T23:30:00.000Z',
          uri: 'spotify:track:a',
          import_played_at: end,
          import_uri: 'spotify:track:a',
          import_ms_played: 190_000,
          paired_at: '2026-03-03T00:00:00.000Z',
        },
      ],
    })
    await build()
    await clearRows(warehouse, 'imported_plays')
    expect((await build()).full).toBe('inputs changed')
    const plays = await warehouse.query('select played_at, source from analytical.fct_plays', [])
    expect(plays).toEqual([{ played_at: '2026-03-01T23:30:00.000Z', source: 'spotify' }])
  })

  test('when plays have disappeared', async () => {
    await addRows(warehouse, { plays: [play('a', '2026-03-02T10:00:00.000Z')] })
    await build()
    await clearRows(warehouse, 'plays')
    await addRows(warehouse, { plays: [play('a', '2026-03-02T10:00:00.000Z')] })
    expect((await build()).full).toBe('rows missing')
    expect((await contents()).plays).toHaveLength(1)
  })

  test('when a play came so late that no build was looking for it', async () => {
    await addRows(warehouse, { plays: [play('a', '2026-03-09T10:00:00.000Z')] })
    await build()
    await addRows(warehouse, { plays: [play('a', '2026-03-01T10:00:00.000Z')] })
    expect((await build()).full).toBe('rows missing')
    expect((await contents()).plays).toHaveLength(3)
  })

  test('when the models have changed', async () => {
    const project = { ...tracklakeProject(), digest: 'another' }
    expect((await build({ project })).full).toBe('inputs changed')
  })
})

test('a build that fails leaves the last good one', async () => {
  await addSongs('a')
  await addRows(warehouse, { settings: [settings()], plays: [play('a', '2026-03-01T10:00:00.000Z')] })
  await build()
  const before = await contents()
  await addRows(warehouse, { ...songRows('b'), plays: [play('b', '2026-03-02T10:00:00.000Z')] })
  const project = readProject(join(process.cwd(), 'dbt'))
  const broken = {
    ...project,
    models: (...args: Parameters<typeof project.models>) =>
      project
        .models(...args)
        .map((model) => (model.name === 'agg_tracks' ? { ...model, incremental: 'select broken' } : model)),
  }
  await expect(build({ project: broken })).rejects.toThrow()
  expect(await contents()).toEqual(before)
  expect((await build()).full).toBeNull()
  expect((await contents()).plays).toHaveLength(2)
  expect((await contents()).tracks).toHaveLength(2)
})
