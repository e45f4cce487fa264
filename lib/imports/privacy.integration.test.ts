import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, vi } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import { db } from '#lib/db.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { PLANTED, plantedIn } from '#testing/exports/planted.ts'
import {
  accountMembers,
  accountRow,
  extendedMembers,
  extendedRow,
  madePlays,
  OLD_KEYS,
} from '#testing/exports/spotify.ts'
import { listenOf } from '#testing/exports/trackers.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { runImportToEnd, uploadFiles } from '#testing/sync/import-files.ts'
import { loadAll } from '#testing/sync/run-jobs.ts'
import { test } from '#testing/sync/snowflake-fixture.ts'

/** Reads everything that an import of exports full of personal data has left anywhere. */

const plays = [...madePlays({ plays: 400 })]

const FILES = {
  'extended.zip': zipOf(extendedMembers(plays.slice(0, 200).map((play) => extendedRow(play, OLD_KEYS)))),
  'account.zip': zipOf(accountMembers(plays.slice(100, 200).map(accountRow))),
  // Rejected rows are kept for the listener, so they are a place of their own.
  'rejected.json': JSON.stringify(
    plays.slice(200, 300).map((play) => extendedRow(play, { ...OLD_KEYS, ms_played: -1 })),
  ),
  'listens.json': JSON.stringify(plays.slice(300).map(listenOf)),
  'cut.json': JSON.stringify(plays.slice(0, 20).map((play) => extendedRow(play, OLD_KEYS))).slice(0, -300),
}

/** All files below a folder as text; compressed ones uncompressed. */
function textsOf(folder: string): [path: string, text: string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const bytes = readFileSync(join(parentPath, name))
      const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
      return [join(parentPath, name), (isCompressed ? gunzipSync(bytes) : bytes).toString('latin1')]
    })
}

/** Every row of every table of the app database as text. */
async function databaseTexts(): Promise<[table: string, text: string][]> {
  const tables = await db().$queryRaw<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'`
  return Promise.all(
    tables.map(async ({ name }): Promise<[string, string]> => {
      const rows = await db().$queryRawUnsafe<{ text: string }[]>(`select t::text as text from "${name}" t`)
      return [name, rows.map(({ text }) => text).join('\n')]
    }),
  )
}

test('an import leaves no address, device, place or personal name', async ({ harness, listener: { userId } }) => {
  const logged: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      logged.push(String(text))
      return true
    })
  await stopRuns(userId)
  const snowflake = await harness.connect(userId)
  const done = await runImportToEnd(userId, await uploadFiles(userId, FILES))
  await db().warehouseConnection.update({ where: { id: snowflake }, data: { loadAfter: null } })
  await loadAll(snowflake)
  vi.restoreAllMocks()

  // The files were full of it, and were read.
  expect(plantedIn(FILES['rejected.json'])).toContain(PLANTED.userName)
  expect(done).toMatchObject({ state: 'done', rejected: { 'negative length': 100 } })
  expect(done.new).toBeGreaterThan(200)
  const { there, here } = await harness.tablesOnBothSides(userId)
  expect(there.imported_plays).toEqual(here.imported_plays)
  expect(there.imported_plays?.length).toBeGreaterThan(200)

  const warehouse = await openDuckdb(duckdbFile(userId))
  await warehouse.close()
  const places: [place: string, text: string][] = [
    ...textsOf(harness.folder),
    ...(await databaseTexts()),
    ['the log', logged.join('')],
    ['tables here', JSON.stringify(here)],
    ['tables in Snowflake', JSON.stringify(there)],
    ['traffic to Snowflake', JSON.stringify(harness.snowflake.statements())],
  ]
  expect(places.length).toBeGreaterThan(20)
  expect(places.flatMap(([place, text]) => plantedIn(text).map((found) => `${found} in ${place}`))).toEqual([])
})
