import { expect } from 'vitest'
import { buildModels } from './build.ts'
import { runChecks } from './checks.ts'
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
  expect(results.filter(({ passed }) => !passed)).toEqual([])
  expect(results.length).toBeGreaterThan(150)
  expect(results.find(({ name }) => name === 'unique_dim_tracks_track_id')?.title).toBe(
    'No two rows have the same track_id of dim_tracks.',
  )
  expect(results.find(({ name }) => name === 'no_play_in_the_future')?.title).toBe('No play ends in the future.')
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
  ['pairs_have_both_sides', `insert into raw.play_pairs by name select played_at, uri from raw.plays`],
  ['recent_plays_arrived', `update analytical.agg_days set plays = 0 where day > date '2026-02-24'`],
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
  expect(result).toMatchObject({ name: check, passed: false })
  expect(result?.failing).toBeGreaterThan(0)
  expect(result?.sample.length).toBeGreaterThan(0)
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
    (await runChecks(warehouse, { now, range: { from, to } })).filter(({ passed }) => !passed).map(({ name }) => name)
  expect(await failing('2026-03-02', '2026-03-09')).toEqual([])
  expect(await failing('2026-03-01', '2026-03-01')).toEqual([
    'not_null_fct_plays_counts',
    'not_null_rpt_recently_listened_counts',
  ])
})
