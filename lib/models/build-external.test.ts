import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from 'vitest'
import { Transient } from '#lib/core/errors.ts'
import type { Cell, Row } from '#lib/core/table.ts'
import { tableGroups } from '#lib/streams/index.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { dropTablesScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import type { ExternalWarehouse, Warehouse } from '#lib/warehouse/warehouse.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import type { SnowflakeServer } from '#testing/snowflake/snowflake-server.ts'
import { buildModels } from './build.ts'
import { buildExternalModels } from './build-external.ts'
import { addRows, listening, loadRows, play, settings, songRows, warehouseTest as test } from './fixtures.ts'
import { type Model, readProject, tracklakeProject } from './project.ts'

const now = () => new Date('2026-04-02T12:00:00.000Z')

let server: SnowflakeServer
beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())

let options: SnowflakeOptions

async function openWarehouse(): Promise<ExternalWarehouse> {
  options = await newListener(server)
  return openSnowflake(options)
}

const IDS: Record<string, [model: string, id: string]> = {
  track_key: ['int_tracks', 'track_id'],
  recording_key: ['int_tracks', 'track_id'],
  artist_key: ['int_artists', 'artist_id'],
  album_key: ['int_albums', 'album_id'],
  import_key: ['int_imports', 'import_id'],
}
/** Numbers of builds, and hashes that each engine computes in its own way. */
const OWN = ['batch', 'content', 'play_content']

/** The rows of a model by Spotify's ids, in any order. */
async function contentOf(warehouse: Warehouse, { layer, name }: Pick<Model, 'layer' | 'name'>): Promise<Row[]> {
  const all = (schema: Model['layer'], model: string) =>
    warehouse.query(`select * from ${warehouse.table(schema, model)}`, [])
  const ids = new Map<string, Map<Cell, Cell>>()
  for (const [key, [model, id]] of Object.entries(IDS)) {
    const rows = await all('analytical', model)
    ids.set(
      key,
      new Map(rows.map((row) => [row[key === 'recording_key' ? 'track_key' : key] ?? null, row[id] ?? null])),
    )
  }
  const rows = (await all(layer, name)).map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([column]) => !OWN.includes(column))
        .map(([column, cell]) => [column, ids.has(column) ? (ids.get(column)?.get(cell) ?? null) : cell]),
    ),
  )
  return rows.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}

const models = tracklakeProject().models('snowflake', (schema, name) => `${schema}.${name}`)

test('every model has the rows that it has in DuckDB', async ({ warehouse: duckdb }) => {
  const rows = listening()
  const snowflake = await openWarehouse()
  await addRows(duckdb, rows)
  await loadRows(snowflake, rows)
  await buildModels(duckdb, { now })
  await buildExternalModels(snowflake, { now })
  const filled: string[] = []
  for (const model of models) {
    const expected = await contentOf(duckdb, model)
    expect({ [model.name]: await contentOf(snowflake, model) }).toEqual({ [model.name]: expected })
    if (expected.length > 0) filled.push(model.name)
  }
  expect(filled).toEqual(models.map(({ name }) => name))
  await snowflake.close()
}, 120_000)

describe('once models are built', () => {
  const PLAYS = { layer: 'analytical', name: 'fct_plays' } as const
  const small = (): Record<string, Row[]> => ({
    settings: [settings()],
    ...songRows('a'),
    plays: [play('a', '2026-03-01T10:00:00.000Z')],
  })
  const another = (): Record<string, Row[]> => ({
    plays: [play('a', '2026-03-01T10:00:00.000Z'), play('a', '2026-03-02T10:00:00.000Z')],
  })

  let snowflake: ExternalWarehouse
  beforeEach(async () => {
    snowflake = await openWarehouse()
    await loadRows(snowflake, small())
    await buildExternalModels(snowflake, { now })
    server.clearTraffic()
  })
  afterEach(async () => {
    server.clearFaults()
    await snowflake.close()
  })

  const plays = () => contentOf(snowflake, PLAYS)
  const texts = () => server.statements().map(({ text }) => text)

  test('a build declares nothing again and is one statement a table', async () => {
    await buildExternalModels(snowflake, { now })
    expect(texts().filter((text) => /^(CREATE|ALTER|DROP|SHOW)/.test(text))).toEqual([])
    const tables = models.filter(({ materialized }) => materialized !== 'view')
    const hooks = tables.filter(({ postHook }) => postHook)
    expect(texts()).toHaveLength(tables.length + hooks.length + 2)
    expect([texts()[0], texts().at(-1)]).toEqual(['BEGIN TRANSACTION', 'COMMIT'])
  })

  test('readers see the last build until the next one is complete', async () => {
    await loadRows(snowflake, another())
    server.injectFault({ at: 'statement', matching: 'INTO .*"RPT_YEAR_RECAP"', effect: { kind: 'slow', ms: 1_500 } })
    const building = buildExternalModels(snowflake, { now })
    await vi.waitFor(
      () => expect(texts().some((text) => text.includes('"RPT_RECENTLY_LISTENED" ('))).toBe(true),
      30_000,
    )
    const reader = openSnowflake({ ...options, memory: {} })
    expect(await contentOf(reader, PLAYS)).toHaveLength(1)
    await building
    expect(await contentOf(reader, PLAYS)).toHaveLength(2)
    await reader.close()
  })

  test('a build whose statement is refused changes nothing, and the next one is complete', async () => {
    await loadRows(snowflake, another())
    const refused = { kind: 'refuse', code: '000603', message: 'Internal error' } as const
    server.injectFault({ at: 'statement', matching: 'INTO .*"AGG_DAYS"', times: 1, effect: refused })
    await expect(buildExternalModels(snowflake, { now })).rejects.toThrow()
    expect(await plays()).toHaveLength(1)
    await buildExternalModels(snowflake, { now })
    expect(await plays()).toHaveLength(2)
  })

  test('a build whose session ends changes nothing, and does not go on in a new session', async () => {
    await loadRows(snowflake, another())
    server.injectFault({ at: 'statement', matching: 'INTO .*"AGG_DAYS"', times: 1, effect: { kind: 'slow', ms: 300 } })
    const building = buildExternalModels(snowflake, { now })
    building.catch(() => undefined)
    await vi.waitFor(() => expect(texts().some((text) => text.includes('"AGG_DAYS" ('))).toBe(true), 30_000)
    server.endSessions()
    await expect(building).rejects.toThrow(Transient)
    expect(await plays()).toHaveLength(1)
    await buildExternalModels(snowflake, { now })
    expect(await plays()).toHaveLength(2)
  })

  test('a table that somebody dropped is made again', async () => {
    await server.runScript(`DROP TABLE ${snowflake.table('analytical', 'agg_days')}`)
    await buildExternalModels(snowflake, { now })
    expect(await contentOf(snowflake, { layer: 'analytical', name: 'agg_days' })).toHaveLength(33)
  })

  test('a table of somebody else is not touched', async () => {
    const table = snowflake.table('reporting', 'rpt_year_recap')
    await server.runScript(
      `DROP TABLE ${table}; CREATE TABLE ${table} (MINE VARCHAR); INSERT INTO ${table} (MINE) SELECT 'x'`,
    )
    await expect(buildExternalModels(snowflake, { now })).rejects.toThrow(
      /RPT_YEAR_RECAP that Tracklake did not create/,
    )
    expect((await server.runScript(`SELECT * FROM ${table}`))[0]?.rows).toEqual([['x']])
    expect(await plays()).toHaveLength(1)
  })

  test('the script that drops tables drops everything that was made', async () => {
    const held = () =>
      ['RAW', 'RAW_STAGING', 'RAW_ANALYTICAL', 'RAW_REPORTING'].flatMap((schema) => [
        ...(server.account.schema(options.address.database, schema)?.tables.keys() ?? []),
      ])
    expect(held()).toContain('FCT_PLAYS')
    const loaded = tableGroups.flatMap(({ tables }) => tables).map(({ name }) => name.toUpperCase())
    await server.runScript(dropTablesScript(options.address, loaded))
    expect(held()).toEqual([])
  })

  test('changed models get their columns, and those that are gone are dropped', async () => {
    const project = readProject(join(process.cwd(), 'dbt'))
    const changed = (model: Model): Model[] => {
      if (model.name === 'rpt_year_recap') return []
      if (model.name === 'rpt_new_artists') return [{ ...model, materialized: 'view' }]
      if (model.name === 'int_recordings') return [{ ...model, materialized: 'table' }]
      if (model.name !== 'rpt_hour_of_week') return [model]
      return [
        {
          ...model,
          full: `select weekday, cast(hour as varchar) as hour, plays, 'x' as mood from (${model.full}\n) cells`,
        },
      ]
    }
    const next = {
      ...project,
      digest: 'another',
      models: (...of: Parameters<typeof project.models>) => project.models(...of).flatMap(changed),
    }
    await buildExternalModels(snowflake, { now, project: next })
    const hours = await contentOf(snowflake, { layer: 'reporting', name: 'rpt_hour_of_week' })
    expect(hours[0]).toEqual({ weekday: 1, hour: '0', plays: 0, mood: 'x' })
    const found = await server.runScript(`SHOW OBJECTS IN SCHEMA "${options.address.database}"."RAW_REPORTING"`)
    const kinds = Object.fromEntries((found[0]?.rows ?? []).map((row) => [row[1], row[4]]))
    expect(kinds).toMatchObject({ RPT_NEW_ARTISTS: 'VIEW', RPT_HOUR_OF_WEEK: 'TABLE' })
    expect(kinds).not.toHaveProperty('RPT_YEAR_RECAP')
    await buildExternalModels(snowflake, { now })
    expect(await contentOf(snowflake, { layer: 'reporting', name: 'rpt_year_recap' })).toHaveLength(1)
  })
})
