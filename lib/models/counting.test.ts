import { expect } from 'vitest'
import type { Row } from '#lib/core/table.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { buildModels } from './build.ts'
import { addRows, clearRows, importedPlay, play, settings, songRows, warehouseTest as test } from './fixtures.ts'

const now = () => new Date('2026-03-10T12:00:00.000Z')

/** Imported plays by a name for each: how long, of which song, and what else is known. */
const PLAYS: Record<string, Row> = {
  'whole song': { ms_played: 200_000 },
  'all but 4 seconds': { ms_played: 196_000 },
  'all but 6 seconds': { ms_played: 194_000 },
  'half of it': { ms_played: 100_000 },
  'less than half': { ms_played: 99_999 },
  '30 seconds': { ms_played: 30_000 },
  '29 seconds': { ms_played: 29_999 },
  'a whole short song': { ms_played: 19_500, track_id: 'short' },
  'most of a short song': { ms_played: 15_000, track_id: 'short' },
  'of unknown length': { ms_played: 31_000, track_id: 'unknown' },
  'of unknown length, 29 seconds': { ms_played: 29_000, track_id: 'unknown' },
  private: { ms_played: 200_000, private: true },
  skipped: { ms_played: 150_000, skipped: true },
  'another tracker': { ms_played: 200_000, source: 'lastfm' },
  excluded: { ms_played: 200_000, uri: 'spotify:track:excluded' },
  'a podcast': { ms_played: 1_800_000, kind: 'podcast' },
}
const NAMES = Object.keys(PLAYS)
const at = (name: string) => new Date(Date.UTC(2026, 2, 1, NAMES.indexOf(name))).toISOString()

async function addPlays(warehouse: EmbeddedWarehouse): Promise<void> {
  await addRows(warehouse, songRows('song'))
  await addRows(warehouse, songRows('short', { duration_ms: 20_000 }))
  await addRows(warehouse, {
    imported_plays: NAMES.map((name) => importedPlay('song', at(name), PLAYS[name])),
    plays: [play('song', '2026-03-05T00:00:00.000Z')],
    excluded_plays: [
      {
        played_at: at('excluded'),
        uri: 'spotify:track:excluded',
        excluded: true,
        changed_at: '2026-03-05T00:00:00.000Z',
      },
    ],
  })
}

/** The names of the imported plays that count. */
async function counted(warehouse: EmbeddedWarehouse, rules: Row): Promise<string[]> {
  await clearRows(warehouse, 'settings')
  await addRows(warehouse, { settings: [settings(rules)] })
  await buildModels(warehouse, { now })
  const rows = await warehouse.query(
    `select played_at from analytical.fct_plays where counts and source <> 'spotify' order by 1`,
    [],
  )
  const times = new Set(rows.map(({ played_at }) => played_at))
  return NAMES.filter((name) => times.has(at(name)))
}

const HALF = ['whole song', 'all but 4 seconds', 'all but 6 seconds', 'half of it']
const ALWAYS = ['private', 'skipped']

test('each counting rule counts plays by their length', async ({ warehouse }) => {
  await addPlays(warehouse)
  expect(await counted(warehouse, { counting_rule: '30s' })).toEqual([
    ...HALF,
    'less than half',
    '30 seconds',
    'a whole short song',
    'of unknown length',
    ...ALWAYS,
  ])
  expect(await counted(warehouse, { counting_rule: 'half' })).toEqual([
    ...HALF,
    'a whole short song',
    'most of a short song',
    'of unknown length',
    ...ALWAYS,
  ])
  expect(await counted(warehouse, { counting_rule: 'completed' })).toEqual([
    'whole song',
    'all but 4 seconds',
    'a whole short song',
    'most of a short song',
    'of unknown length',
    'private',
  ])
  expect(await counted(warehouse, { counting_rule: 'all' })).toEqual(
    NAMES.filter((name) => !['another tracker', 'excluded', 'a podcast'].includes(name)),
  )
})

test('private sessions, skips and other trackers count as the listener says', async ({ warehouse }) => {
  await addPlays(warehouse)
  const usual = await counted(warehouse, {})
  expect(await counted(warehouse, { counts_private: false })).toEqual(usual.filter((name) => name !== 'private'))
  expect(await counted(warehouse, { counts_skips: false })).toEqual(usual.filter((name) => name !== 'skipped'))
  const more = await counted(warehouse, { counts_other_sources: true })
  expect(more.filter((name) => !usual.includes(name))).toEqual(['another tracker'])
})

test('a play that only the API reported counts, with the length of its song', async ({ warehouse }) => {
  await addPlays(warehouse)
  await counted(warehouse, { counting_rule: 'completed', counts_private: false, counts_skips: false })
  const plays = await warehouse.query(
    `select ms_played, ms_known, counts from analytical.fct_plays where source = 'spotify'`,
    [],
  )
  expect(plays).toEqual([{ ms_played: 200_000, ms_known: false, counts: true }])
})

test('excluding either side of a pair excludes the play, and the newest decision holds', async ({ warehouse }) => {
  const api = '2026-03-05T10:00:00.000Z'
  const end = '2026-03-05T10:00:02.000Z'
  const decide = (played_at: string, uri: string, excluded: boolean, changed_at: string) =>
    addRows(warehouse, {
      excluded_plays: [{ played_at, uri, excluded, changed_at: `2026-03-06T0${changed_at}:00:00.000Z` }],
    })
  const excluded = async () => {
    await buildModels(warehouse, { now })
    const rows = await warehouse.query('select played_at, excluded from analytical.fct_plays', [])
    expect(rows).toHaveLength(1)
    return rows[0]?.excluded
  }
  await addRows(warehouse, {
    ...songRows('song'),
    plays: [play('song', api)],
    imported_plays: [importedPlay('song', end, { uri: 'spotify:track:other' })],
    play_pairs: [
      {
        played_at: api,
        uri: 'spotify:track:song',
        import_played_at: end,
        import_uri: 'spotify:track:other',
        import_ms_played: 200_000,
        paired_at: '2026-03-05T12:00:00.000Z',
      },
    ],
  })
  expect(await excluded()).toBe(false)
  await decide(api, 'spotify:track:song', true, '1')
  expect(await excluded()).toBe(true)
  await decide(end, 'spotify:track:song', false, '2')
  expect(await excluded()).toBe(false)
  await decide(end, 'spotify:track:other', true, '3')
  expect(await excluded()).toBe(true)
})
