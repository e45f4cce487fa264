import { describe, expect } from 'vitest'
import type { Row } from '#lib/core/table.ts'
import { buildModels } from './build.ts'
import type { Exclusion } from './exclusions.ts'
import { addRows, importedPlay, play, settings, songRows, warehouseTest as test } from './fixtures.ts'

const now = () => new Date('2026-03-10T12:00:00.000Z')
const LIVE = '2026-03-05T10:00:00.000Z'
const IMPORTED = '2026-03-05T10:00:04.000Z'

type Warehouse = Parameters<typeof addRows>[0]

/** What a listener decides, as Postgres keeps it: one row for each play, later ones with later dates. */
class Decisions {
  #rows = new Map<string, Exclusion>()
  #at = Date.parse('2026-03-10T09:00:00.000Z')
  /** How many rows builds have read. */
  read = 0

  set(playedAt: string, song: string, excluded = true): void {
    this.#at += 1
    const uri = `spotify:track:${song}`
    this.#rows.set(`${playedAt} ${uri}`, {
      playedAt: new Date(playedAt),
      uri,
      excluded,
      changedAt: new Date(this.#at),
    })
  }

  since = async (since: Date | null) => {
    const rows = [...this.#rows.values()]
      .filter(({ changedAt }) => !since || changedAt > since)
      .sort((one, other) => one.changedAt.getTime() - other.changedAt.getTime())
    this.read += rows.length
    return rows
  }
}

const MODELS = {
  fct_plays: '* exclude (batch, track_key, artist_key, album_key, arrived_at)',
  dim_tracks: '* exclude (track_key, artist_key, album_key, recording_key)',
  dim_artists: '* exclude (artist_key)',
  dim_albums: '* exclude (album_key, artist_key)',
  agg_days: '* exclude (batch)',
  agg_day_hours: '* exclude (batch)',
  fct_sessions: '* exclude (batch)',
}

async function contents(warehouse: Warehouse): Promise<Record<string, Row[]>> {
  const found: Record<string, Row[]> = {}
  for (const [name, columns] of Object.entries(MODELS))
    found[name] = await warehouse.query(`select ${columns} from analytical.${name} order by all`, [])
  for (const name of ['rpt_most_listened', 'rpt_hour_of_week', 'rpt_listening_trends', 'rpt_year_recap'])
    found[name] = await warehouse.query(`select * from reporting.${name} order by all`, [], { limit: 1_000 })
  return found
}

/** Builds only what the decisions touch, and expects that a full build gives the same. */
async function expectApplied(warehouse: Warehouse, decisions: Decisions): Promise<void> {
  const { full } = await buildModels(warehouse, { now, exclusionsSince: decisions.since })
  expect(full).toBeNull()
  const found = await contents(warehouse)
  await buildModels(warehouse, { now, full: true, exclusionsSince: decisions.since })
  expect(found).toEqual(await contents(warehouse))
}

const countsOf = async (warehouse: Warehouse) =>
  Object.fromEntries(
    (await warehouse.query('select track_id, plays from analytical.dim_tracks order by 1', [])).map((row) => [
      row.track_id,
      row.plays,
    ]),
  )

const pair = {
  played_at: LIVE,
  uri: 'spotify:track:a',
  import_played_at: IMPORTED,
  import_uri: 'spotify:track:a',
  import_ms_played: 180_000,
  distance_ms: 4_000,
  rule: 1,
  paired_at: '2026-03-09T00:00:00.000Z',
}
const pairedImport = importedPlay('a', IMPORTED, { ms_played: 180_000 })

describe('excluded plays', () => {
  test.beforeEach(async ({ warehouse }) => {
    for (const song of ['a', 'b', 'c']) await addRows(warehouse, songRows(song))
    await addRows(warehouse, {
      settings: [settings({ zone: 'Europe/Berlin' })],
      plays: [play('a', LIVE), play('b', '2026-03-05T10:20:00.000Z'), play('b', '2026-03-08T23:30:00.000Z')],
      imported_plays: [importedPlay('c', '2019-05-01T10:00:00.000Z'), importedPlay('c', '2019-05-01T10:10:00.000Z')],
    })
    await buildModels(warehouse, { now })
  })

  test('count nowhere, and count again once undone', async ({ warehouse }) => {
    const before = await contents(warehouse)
    const decisions = new Decisions()
    decisions.set('2026-03-08T23:30:00.000Z', 'b')
    decisions.set('2019-05-01T10:10:00.000Z', 'c')
    await expectApplied(warehouse, decisions)
    expect(await countsOf(warehouse)).toEqual({ a: 1, b: 1, c: 1 })
    expect(await warehouse.query('select count(*) as plays from analytical.fct_plays where excluded', [])).toEqual([
      { plays: 2 },
    ])
    decisions.set('2026-03-08T23:30:00.000Z', 'b', false)
    decisions.set('2019-05-01T10:10:00.000Z', 'c', false)
    await expectApplied(warehouse, decisions)
    expect(await contents(warehouse)).toEqual(before)
  })

  test('are read once, and touch no other day', async ({ warehouse }) => {
    const decisions = new Decisions()
    for (const song of ['a', 'b']) decisions.set(song === 'a' ? LIVE : '2026-03-08T23:30:00.000Z', song)
    await buildModels(warehouse, { now, exclusionsSince: decisions.since })
    expect(decisions.read).toBe(2)
    decisions.set('2019-05-01T10:00:00.000Z', 'c')
    const { models, exclusionsUntil } = await buildModels(warehouse, { now, exclusionsSince: decisions.since })
    expect(decisions.read).toBe(3)
    expect(exclusionsUntil?.toISOString()).toBe('2026-03-10T09:00:00.003Z')
    // The two plays of that day, those of the last day, which may have come late, and a row for each day.
    const rowsOf = (name: string) => models.find((model) => model.name === name)?.rows
    expect(rowsOf('fct_plays')).toBeLessThanOrEqual(2 + 1 + 2)
    expect(rowsOf('agg_tracks')).toBeLessThanOrEqual(2)
    await expectApplied(warehouse, decisions)
  })

  test('are found by the time of Spotify’s play once it is paired with an import', async ({ warehouse }) => {
    const decisions = new Decisions()
    decisions.set(LIVE, 'a')
    await expectApplied(warehouse, decisions)
    await addRows(warehouse, { imported_plays: [pairedImport], play_pairs: [pair] })
    await buildModels(warehouse, { now, exclusionsSince: decisions.since })
    expect(await countsOf(warehouse)).toMatchObject({ a: 0 })
    decisions.set(LIVE, 'a', false)
    await expectApplied(warehouse, decisions)
    expect(await countsOf(warehouse)).toMatchObject({ a: 1 })
  })

  test('also apply to Spotify’s play while its pair is there but the import no longer is', async ({ warehouse }) => {
    const decisions = new Decisions()
    decisions.set(LIVE, 'a')
    await addRows(warehouse, { play_pairs: [pair] })
    await buildModels(warehouse, { now, full: true, exclusionsSince: decisions.since })
    expect(await countsOf(warehouse)).toMatchObject({ a: 0 })
  })

  test('of an import stay excluded when Spotify reports the play too', async ({ warehouse }) => {
    const decisions = new Decisions()
    await addRows(warehouse, { imported_plays: [importedPlay('c', '2026-03-09T10:00:04.000Z')] })
    await buildModels(warehouse, { now })
    decisions.set('2026-03-09T10:00:04.000Z', 'c')
    await expectApplied(warehouse, decisions)
    await addRows(warehouse, {
      plays: [play('c', '2026-03-09T10:00:00.000Z', { synced_at: '2026-03-10T10:00:00.000Z' })],
      play_pairs: [
        {
          ...pair,
          played_at: '2026-03-09T10:00:00.000Z',
          uri: 'spotify:track:c',
          import_played_at: '2026-03-09T10:00:04.000Z',
          import_uri: 'spotify:track:c',
          import_ms_played: 200_000,
        },
      ],
    })
    await buildModels(warehouse, { now, exclusionsSince: decisions.since })
    expect(await countsOf(warehouse)).toEqual({ a: 1, b: 2, c: 2 })
    // Undone under the key of Spotify's play, which the play has from then on.
    decisions.set('2026-03-09T10:00:00.000Z', 'c', false)
    await expectApplied(warehouse, decisions)
    expect(await countsOf(warehouse)).toEqual({ a: 1, b: 2, c: 3 })
  })

  test('come before the play that they are about', async ({ warehouse }) => {
    const decisions = new Decisions()
    const later = '2026-03-09T20:00:00.000Z'
    decisions.set(later, 'a')
    await expectApplied(warehouse, decisions)
    await addRows(warehouse, { plays: [play('a', later)] })
    await expectApplied(warehouse, decisions)
    expect(await countsOf(warehouse)).toMatchObject({ a: 1 })
  })

  test('are applied however late they come', async ({ warehouse }) => {
    await addRows(warehouse, { plays: [play('b', '2026-03-10T09:59:00.000Z')] })
    await buildModels(warehouse, { now })
    await addRows(warehouse, {
      excluded_plays: [
        { played_at: LIVE, uri: 'spotify:track:a', excluded: true, changed_at: '2026-03-01T00:00:00.000Z' },
      ],
    })
    await expectApplied(warehouse, new Decisions())
    expect(await countsOf(warehouse)).toMatchObject({ a: 0 })
  })

  test('of one song at the moment of another leave that one alone', async ({ warehouse }) => {
    await addRows(warehouse, { plays: [play('b', LIVE, { synced_at: '2026-03-10T09:00:00.000Z' })] })
    const decisions = new Decisions()
    decisions.set(LIVE, 'a')
    await expectApplied(warehouse, decisions)
    expect(await countsOf(warehouse)).toEqual({ a: 0, b: 3, c: 2 })
  })
})
