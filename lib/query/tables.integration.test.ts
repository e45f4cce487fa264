import { buffer } from 'node:stream/consumers'
import { expect } from 'vitest'
import { duckdbFile, openEmbeddedCopy } from '#lib/storage/places.ts'
import { eraseDuckdb } from '#lib/warehouse/index.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { stopDownloads } from './running-downloads.ts'
import { downloadEverything, downloadTable, listTables } from './tables.ts'

let userId: string

test.beforeAll(async ({ harness }) => {
  const { userId: id, runId } = await harness.signIn('load-21')
  userId = id
  await runToEnd(harness, runId)
})

test('lists every table with what is known about it', async () => {
  const { tables } = await listTables(userId)
  expect(tables[0]).toMatchObject({
    schema: 'raw',
    name: 'user_top_tracks_st_stream',
    title: 'Top songs, 4 weeks',
    rows: 50,
  })
  const liked = tables.find(({ name }) => name === 'user_saved_tracks_stream')
  const copy = await openEmbeddedCopy({ userId })
  const [{ rows } = {}] = await copy.query('select count(*) as rows from raw.user_saved_tracks_stream', [])
  expect(liked).toMatchObject({
    title: 'Liked songs',
    description: 'As Spotify listed them at the last sync.',
    isView: false,
    rows,
    key: ['id'],
    loadedAt: expect.any(String),
    lastChange: { new: rows, changed: 0, removed: 0 },
    written: null,
    streams: ['Liked songs'],
    reads: [],
    readBy: [],
    charts: expect.arrayContaining([{ name: 'liked-songs', title: 'Liked songs' }]),
  })
  const facts = tables.find(({ name }) => name === 'fct_plays')
  expect(facts).toMatchObject({ schema: 'analytical', title: 'Plays', lastChange: null, written: facts?.rows })
  expect(tables.find(({ name }) => name === 'stg_plays')).toMatchObject({ isView: true, rows: null, written: null })
  expect(liked?.columns[0]).toEqual({
    name: 'synced_at',
    type: 'timestamp',
    description: 'Start of the sync that read the row',
  })
  for (const { schema, name, title, description, columns } of tables) {
    if (schema === 'raw') expect(title, name).not.toBe(name)
    expect(description, name).not.toBe('')
    expect(
      columns.filter((column) => column.description === ''),
      name,
    ).toEqual([])
  }
})

test('lists and downloads tables that no registry knows, after the known ones', async () => {
  const copy = await openEmbeddedCopy({ userId })
  const known = (await listTables(userId)).tables
  // A load is the only writer, so the table comes from one.
  await copy.load({
    readId: 'unknown',
    runId: 'any',
    stream: 'any',
    table: { schema: 'reporting', name: 'rpt_days', columns: { day: 'date', plays: 'integer' }, key: ['day'] },
    mode: 'overwrite',
    rows: (async function* () {
      yield [{ day: '2026-03-01', plays: 3 }]
    })(),
  })
  const { tables } = await listTables(userId)
  expect(tables.filter(({ name }) => name !== 'rpt_days')).toEqual(known)
  expect(tables.find(({ name }) => name === 'rpt_days')).toMatchObject({
    schema: 'reporting',
    name: 'rpt_days',
    title: 'rpt_days',
    rows: 1,
    key: [],
  })
  for (const file of ['rpt_days.csv', 'reporting.rpt_days.csv'])
    expect((await buffer((await downloadTable(userId, file)).bytes)).toString()).toBe(
      '\uFEFFday,plays\r\n2026-03-01,3\r\n',
    )
})

test('everything is in one archive, with a description', async () => {
  const { bytes } = await downloadEverything(userId, 'csv')
  const text = (await buffer(bytes)).toString()
  for (const { schema, name } of (await listTables(userId)).tables) expect(text).toContain(`${schema}/${name}.csv`)
  expect(text).toContain('README.txt')
  expect(text).toContain('Liked songs. As Spotify listed them at the last sync.')
})

test('a download that is not read to its end lets the file go', async () => {
  const downloads = [
    await downloadTable(userId, 'user_saved_tracks_stream.csv'),
    await downloadTable(userId, 'user_saved_tracks_stream.parquet'),
    await downloadEverything(userId, 'json'),
  ]
  for (const { bytes } of downloads) {
    for (let part = 0; part < 5; part++) await bytes.next()
    await bytes.return()
  }
  // Closing waits until nobody uses the file.
  await (await openEmbeddedCopy({ userId })).close()
})

test('downloads that nobody reads break off when the file has to go', async () => {
  const downloads = [
    await downloadTable(userId, 'user_saved_tracks_stream.csv'),
    await downloadTable(userId, 'user_saved_tracks_stream.parquet'),
    await downloadEverything(userId, 'csv'),
  ]
  for (const { bytes } of downloads) await bytes.next()
  await stopDownloads(userId)
  // This waits until nobody uses the file.
  await eraseDuckdb(duckdbFile(userId))
  for (const { bytes } of downloads) await expect(buffer(bytes)).rejects.toThrow('is being replaced')
})

test('before the first load there are no tables, and an archive that says so', async () => {
  expect(await listTables(userId)).toEqual({ tables: [], publishedAt: null })
  await expect(downloadTable(userId, 'user_saved_tracks_stream.csv')).rejects.toMatchObject({ status: 404 })
  expect((await buffer((await downloadEverything(userId, 'csv')).bytes)).toString()).toContain('no tables yet')
})
