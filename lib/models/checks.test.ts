import { expect } from 'vitest'
import { buildModels } from './build.ts'
import { describedChecks, runChecks, touchedDays } from './checks.ts'
import { addRows, importedPlay, play, settings, songRows, warehouseTest as test } from './fixtures.ts'
import { tracklakeProject } from './project.ts'
import { describedModels } from './schema.ts'

const now = () => new Date('2026-03-10T12:00:00.000Z')

test('schema.yml describes every model and its columns, in their order', async ({ warehouse }) => {
  await buildModels(warehouse, { now })
  const columns = await warehouse.query(
    `select table_name as model, list(column_name order by ordinal_position) as columns from information_schema.columns
     where table_schema in ('staging', 'analytical', 'reporting') group by all`,
    [],
  )
  const built = Object.fromEntries(columns.map(({ model, columns: names }) => [String(model), names]))
  const described = Object.fromEntries(
    describedModels().map(({ name, columns: all }) => [name, all.map(({ name: column }) => column)]),
  )
  expect(described).toEqual(built)
  expect(Object.keys(described).sort()).toEqual(
    tracklakeProject()
      .models('duckdb', (_, name) => name)
      .map(({ name }) => name)
      .sort(),
  )
})

test('a healthy warehouse passes every check', async ({ warehouse }) => {
  await addRows(warehouse, {
    ...songRows('a'),
    settings: [settings()],
    plays: [play('a', '2026-03-01T10:00:00.000Z'), play('a', '2026-03-09T10:00:00.000Z')],
    imported_plays: [importedPlay('a', '2025-01-01T10:00:00.000Z')],
  })
  await buildModels(warehouse, { now })
  const results = await runChecks(warehouse, { now })
  expect(results.filter(({ state }) => state !== 'passed')).toEqual([])
  expect(results.length).toBeGreaterThan(150)
  const described = describedChecks()
  expect(new Set(results.map(({ name }) => name))).toEqual(new Set(described.map(({ name }) => name)))
  expect(new Set(described.map(({ name }) => name)).size).toBe(described.length)
})

const DAMAGE: [check: string, damage: string][] = [
  ['unique_int_tracks_track_id', 'insert into analytical.int_tracks select * from analytical.int_tracks'],
  ['not_null_fct_plays_counts', 'update analytical.fct_plays set counts = null'],
  ['accepted_values_fct_plays_source', `update analytical.fct_plays set source = 'radio'`],
  ['relationships_fct_plays_artist_key', 'update analytical.fct_plays set artist_key = 99'],
  ['no_play_in_the_future', `update analytical.fct_plays set played_at = '2026-03-11'`],
  ['no_negative_duration', 'update analytical.fct_plays set ms_played = -1'],
  ['all_plays_are_mapped', 'delete from analytical.fct_plays'],
  ['aggregates_match_plays', 'update analytical.agg_days set plays = plays + 1'],
  ['aggregates_match_plays', 'update analytical.agg_artists set plays = plays + 1'],
  ['pairs_have_both_sides', `insert into raw.play_pairs by name select played_at, uri from raw.plays`],
  ['recent_plays_arrived', `update raw.plays set played_at = played_at - interval '30 days', synced_at = played_at`],
  ['every_play_has_its_song', 'delete from raw.tracks'],
  ['no_jump_in_volume', `update analytical.agg_days set plays = 501 where day = date '2026-03-09'`],
]

test.for(DAMAGE)('finds it: %s', async ([check, damage], { warehouse }) => {
  await addRows(warehouse, {
    ...songRows('a'),
    settings: [settings()],
    plays: ['2026-02-20', '2026-02-23', '2026-03-09'].map((day) => play('a', `${day}T10:00:00.000Z`)),
  })
  await buildModels(warehouse, { now })
  await warehouse.build([], (run) => run(damage))
  const result = (await runChecks(warehouse, { now })).find(({ name }) => name === check)
  expect(result).toMatchObject({ name: check, state: 'failed' })
  expect(result?.failing).toBeGreaterThan(0)
})

test('says that no plays arrive for as long as none do, but not after a first sync', async ({ warehouse }) => {
  const stateOf = async () =>
    (await runChecks(warehouse, { now })).find(({ name }) => name === 'recent_plays_arrived')?.state
  await addRows(warehouse, {
    ...songRows('a'),
    settings: [settings()],
    plays: [play('a', '2025-11-01T10:00:00.000Z')],
    imported_plays: [importedPlay('a', '2026-03-08T10:00:00.000Z')],
  })
  await buildModels(warehouse, { now })
  expect(await stateOf()).toBe('passed')
  await addRows(warehouse, { plays: [play('a', '2025-11-02T10:00:00.000Z')] })
  await buildModels(warehouse, { now })
  expect(await stateOf()).toBe('failed')
  await addRows(warehouse, { plays: [play('a', '2026-03-01T10:00:00.000Z')] })
  await buildModels(warehouse, { now })
  expect(await stateOf()).toBe('passed')
})

test('finds a field that Spotify stopped sending, but not what an import brings without it', async ({ warehouse }) => {
  const now = () => new Date('2026-03-20T12:00:00.000Z')
  const heard = (id: string, day: string, more = {}) => ({
    tracks: [{ ...songRows(id).tracks[0], first_seen_at: `${day}T10:00:00.000Z`, ...more }],
    plays: [play(id, `${day}T10:00:00.000Z`)],
  })
  const add = async (count: number, day: string, more = {}) => {
    const songs = Array.from({ length: count }, (_, index) => heard(`${day}-${index}`, day, more))
    await addRows(warehouse, {
      tracks: songs.flatMap(({ tracks }) => tracks),
      plays: songs.flatMap(({ plays }) => plays),
    })
  }
  const emptyFields = async () => {
    await buildModels(warehouse, { now, full: true })
    return (await runChecks(warehouse, { now })).find(({ name }) => name === 'no_field_went_empty')?.failing
  }
  await addRows(warehouse, { settings: [settings()] })
  await add(60, '2026-03-01')
  await add(19, '2026-03-18', { isrc: null })
  expect(await emptyFields()).toBe(0)
  await add(1, '2026-03-19', { isrc: null })
  expect(await emptyFields()).toBe(1)
  await add(1, '2026-03-20')
  expect(await emptyFields()).toBe(0)
})

test('a check that cannot run does not stop the others', async ({ warehouse }) => {
  await addRows(warehouse, { ...songRows('a'), settings: [settings()], plays: [play('a', '2026-03-09T10:00:00.000Z')] })
  await buildModels(warehouse, { now })
  await warehouse.build([], (run) => run('alter table analytical.agg_days drop column tracks'))
  const results = await runChecks(warehouse, { now })
  expect(results.length).toBe(describedChecks().length)
  expect(results.find(({ name }) => name === 'not_null_agg_days_tracks')).toMatchObject({
    state: 'could not run',
    failing: null,
    problem: 'The warehouse cannot run this SQL (Binder Error)',
  })
  expect(results.find(({ name }) => name === 'not_null_agg_days_plays')).toMatchObject({ state: 'passed' })
})

test('a build says which days it touched', async ({ warehouse }) => {
  await addRows(warehouse, {
    ...songRows('a'),
    settings: [settings()],
    plays: [play('a', '2026-03-01T10:00:00.000Z'), play('a', '2026-03-05T10:00:00.000Z')],
  })
  await buildModels(warehouse, { now })
  await addRows(warehouse, { plays: [play('a', '2026-03-08T10:00:00.000Z'), play('a', '2026-03-09T10:00:00.000Z')] })
  await buildModels(warehouse, { now })
  expect(await touchedDays(warehouse)).toEqual({ from: '2026-03-05', to: '2026-03-09' })
})

const TEXTS: [check: string, one: string, many: string][] = [
  ['not_null_fct_plays_track_key', '1 play has no song', '12 plays have no song'],
  ['unique_int_tracks_track_id', '1 song is listed more than once', '12 songs are listed more than once'],
  [
    'relationships_fct_plays_album_key',
    '1 play belongs to an album that doesn’t exist',
    '12 plays belong to an album that doesn’t exist',
  ],
  ['accepted_values_fct_plays_source', '1 play has an unknown source', '12 plays have an unknown source'],
  [
    'every_play_has_its_song',
    '1 play names a song that nothing describes',
    '12 plays name a song that nothing describes',
  ],
]

test.for(TEXTS)('says in plain words what is wrong: %s', ([check, one, many]) => {
  const texts = describedChecks().find(({ name }) => name === check)
  expect([texts?.failed(1), texts?.failed(12)]).toEqual([one, many])
})

test('checks of a range look at its days only', async ({ warehouse }) => {
  await addRows(warehouse, {
    ...songRows('a'),
    settings: [settings()],
    plays: [play('a', '2026-03-01T10:00:00.000Z'), play('a', '2026-03-09T10:00:00.000Z')],
  })
  await buildModels(warehouse, { now })
  await warehouse.build([], (run) => run(`update analytical.fct_plays set counts = null where day = date '2026-03-01'`))
  const failing = async (from: string, to: string) =>
    (await runChecks(warehouse, { now, range: { from, to } }))
      .filter(({ state }) => state !== 'passed')
      .map(({ name }) => name)
  expect(await failing('2026-03-02', '2026-03-09')).toEqual([])
  expect(await failing('2026-03-01', '2026-03-01')).toEqual(['not_null_fct_plays_counts'])
})
