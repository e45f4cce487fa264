import { expect } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import type { ImportDetails } from '#lib/api/imports.ts'
import type { Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { accountMembers, accountRow, extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { chartCsv, lastfmCsv } from '#testing/exports/trackers.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { test } from '#testing/sync/fixture.ts'
import { importFiles, runImportToEnd } from '#testing/sync/import-files.ts'
import { rejectedRows, replyToImport, undoImport } from './imports.ts'
import { handOver } from './repeats.ts'

/** Files that were imported before: not read again, and still there if the first import is undone. */

const plays = [...madePlays({ plays: 3_000 })]
const rows = plays.map((play, at) => extendedRow(play, at % 500 === 0 ? { ms_played: -1 } : {}))
const ZIP = zipOf([...extendedMembers(rows), ...accountMembers(plays.slice(0, 200).map(accountRow))])
const OTHERS = { plays: 400, from: Date.UTC(2009, 0, 1), until: Date.UTC(2010, 0, 1) }
const MORE = zipOf(extendedMembers([...madePlays(OTHERS)].map((play) => extendedRow(play))))
const CHART = 'regional-global-weekly-2026-11-19.csv'

const TABLES = {
  imported_plays: 'select * exclude (imported_at) from raw.imported_plays',
  imported_tracks: 'select * exclude (first_seen_at) from raw.imported_tracks',
  imported_artists: 'select * exclude (first_seen_at) from raw.imported_artists',
  import_duplicates: 'select * exclude (paired_at) from raw.import_duplicates',
  chart_entries: 'select * exclude (imported_at) from raw.chart_entries',
  dim_tracks: 'select track_id, name, plays, ms_played from analytical.dim_tracks',
  agg_days: 'select * exclude (batch) from analytical.agg_days',
}

/** What the tables say, with the import's id replaced. */
async function everything(userId: string, importId = ''): Promise<Record<string, Row[]>> {
  const warehouse = await openDuckdb(duckdbFile(userId))
  const found: Record<string, Row[]> = {}
  for (const [name, sql] of Object.entries(TABLES)) {
    const all = await warehouse.query(`${sql} order by all`, [], { limit: 10_000 })
    found[name] = JSON.parse(JSON.stringify(all).replaceAll(importId || '-', 'the import'))
  }
  return found
}

async function undo(userId: string, id: string): Promise<ImportDetails> {
  await undoImport({ id: userId }, id)
  return runImportToEnd(userId, id)
}

const landed = (id: string) => db().landedObject.findMany({ where: { readId: { startsWith: id } } })

const receiptOf = ({ members }: ImportDetails) =>
  members.map(({ kind, state, read, rejected }) => ({ kind, state, read, rejected }))

async function csvOf(userId: string, id: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of (await rejectedRows({ id: userId }, id)).bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('a file that was imported before is not read again, whatever it is called', async ({ listener: { userId } }) => {
  await stopRuns(userId)
  const first = await importFiles(userId, { 'a.zip': ZIP, 'b.zip': ZIP })
  expect(first).toMatchObject({ state: 'done', read: 6_400 })
  const half = first.members.length / 2
  expect(receiptOf(first).slice(half)).toEqual(receiptOf(first).slice(0, half))
  expect(first.members.slice(half).every((member) => member.new + member.paired === 0)).toBe(true)
  const again = await importFiles(userId, { 'more.zip': MORE, 'c.zip': ZIP })
  expect(again).toMatchObject({ state: 'done', read: 3_600, new: 400, rejected: { 'negative length': 6 } })
  expect(again.duplicate).toBe(3_600 - 400 - 6)
  expect(receiptOf(again).slice(-half)).toEqual(receiptOf(first).slice(0, half))
  const readNow = again.members.slice(0, -half).filter(({ state }) => state === 'read')
  expect(new Set((await landed(again.id)).map(({ part }) => part)).size).toBe(readNow.length)
  expect((await csvOf(userId, again.id)).split('\r\n').length).toBe(6 + 2)
  // Once the import that read it is undone, there is nothing to refer to.
  await undo(userId, again.id)
  await undo(userId, first.id)
  expect(await importFiles(userId, { 'c.zip': ZIP })).toMatchObject({ new: first.new, rejected: again.rejected })
})

test('after an undo of either import, tables are as if only the other one had been there', async ({
  listener: { userId },
}) => {
  await stopRuns(userId)
  const a = { [CHART]: chartCsv(50), 'my_data.zip': ZIP }
  const b = { 'more.zip': MORE, 'again.zip': ZIP, [CHART]: chartCsv(50) }
  const onlyB = await importFiles(userId, b)
  const expected = await everything(userId, onlyB.id)
  await undo(userId, onlyB.id)
  const none = await everything(userId)
  const onlyA = await importFiles(userId, a)
  const expectedA = await everything(userId, onlyA.id)

  const late = await importFiles(userId, b)
  const latest = await importFiles(userId, b)
  expect([late.new, latest.new]).toEqual([400, 0])
  await undo(userId, latest.id)
  // A process may have died between handing over and removing.
  await handOver(await db().import.findUniqueOrThrow({ where: { id: onlyA.id } }))
  expect(await undo(userId, onlyA.id)).toMatchObject({ state: 'undone' })
  expect(await everything(userId, late.id)).toEqual(expected)

  const after = await importFiles(userId, a)
  expect(after).toMatchObject({ new: 0 })
  await undo(userId, late.id)
  expect(await everything(userId, after.id)).toEqual(expectedA)
  await undo(userId, after.id)
  expect(await everything(userId)).toEqual(none)
})

test('a file is read again if its times are read in another zone, or its rows are gone from a warehouse', async ({
  listener: { userId },
}) => {
  await stopRuns(userId)
  const files = { 'scrobbles.csv': lastfmCsv(plays.slice(0, 50)) }
  const inZone = async (zone: string) => {
    const { id, question } = await importFiles(userId, files)
    expect(question).toMatchObject({ kind: 'zone' })
    await replyToImport({ id: userId }, id, { kind: 'zone', zone })
    return runImportToEnd(userId, id)
  }
  const first = await inZone('Asia/Kolkata')
  const other = await inZone('Europe/Berlin')
  expect([first.new, other.new].every((count) => count > 0)).toBe(true)
  const same = await inZone('Asia/Kolkata')
  expect(same).toMatchObject({ state: 'done', new: 0, duplicate: 50 })
  expect(await landed(same.id)).toEqual([])
  await db().loadLedger.updateMany({ where: { readId: first.id }, data: { state: 'failed', problem: 'damaged' } })
  expect(await landed((await inZone('Asia/Kolkata')).id)).not.toEqual([])
})
