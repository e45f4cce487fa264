import { existsSync, readdirSync, rmSync } from 'node:fs'
import { expect } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import type { ImportDetails } from '#lib/api/imports.ts'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { duckdbFile, landing, openEmbeddedCopy, spoolFolder } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import {
  accountMembers,
  accountRow,
  type ExtendedRow,
  extendedMembers,
  extendedRow,
  madePlays,
} from '#testing/exports/spotify.ts'
import { lastfmCsv } from '#testing/exports/trackers.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { importFiles, runImportToEnd, uploadFiles } from '#testing/sync/import-files.ts'
import { loadAll, runToEnd } from '#testing/sync/run-jobs.ts'
import { cancelImport, listImports, rejectedRows, replyToImport, undoImport } from './imports.ts'
import { giveUpImport, importsToContinue, runImport } from './work.ts'

const PATIENCE = { timeout: 60_000 }
const RECENT = 'user_recently_played_stream'

const playsOf = (plays: number, seed = 1) => [...madePlays({ plays, seed })]
const extendedZip = (rows: ExtendedRow[]) => zipOf(extendedMembers(rows))
const history = (plays: number, seed = 1) => ({
  'my_data.zip': extendedZip(playsOf(plays, seed).map((play) => extendedRow(play))),
})

const spooled = () => (existsSync(spoolFolder()) ? readdirSync(spoolFolder()) : [])

async function imported(harness: Harness, userId: string): Promise<number> {
  const [row] = await harness.tableRows(userId, 'imported_plays', 'count(*) as plays')
  return Number(row?.plays ?? 0)
}

async function landedFiles(importId: string): Promise<string[]> {
  const found: string[] = []
  for await (const paths of landing().list('raw_data')) found.push(...paths.filter((path) => path.includes(importId)))
  return found
}

/** Of an import and each of its files, every row read was new, paired, there already or rejected. */
function expectToAddUp({ members, ...total }: ImportDetails): void {
  const rejected = (one: Pick<ImportDetails, 'rejected'>) =>
    Object.values(one.rejected).reduce((all, count) => all + count, 0)
  for (const one of [total, ...members])
    expect(one.new + one.paired + one.duplicate + rejected(one), JSON.stringify(one)).toBe(one.read)
  for (const name of ['read', 'new', 'paired', 'duplicate'] as const)
    expect(
      members.reduce((all, member) => all + member[name], 0),
      name,
    ).toBe(total[name])
}

test.beforeEach(async ({ listener }) => stopRuns(listener.userId))

test('an extended history becomes plays, once, and its files are gone', async ({ harness, listener: { userId } }) => {
  const first = await importFiles(userId, history(6_000))
  expect(first).toMatchObject({ state: 'done', read: 6_000, new: 6_000, problem: null, question: null })
  expect(spooled()).toEqual([])
  expect(await imported(harness, userId)).toBe(6_000)
  const again = await importFiles(userId, { ...history(6_000), 'again.zip': history(6_000)['my_data.zip'] })
  expect(again).toMatchObject({ state: 'done', read: 12_000, new: 0, duplicate: 12_000 })
  expect(await imported(harness, userId)).toBe(6_000)
  for (const one of [first, again]) expectToAddUp(one)
})

test.for([1, 2, 3, 4])('receipts add up, whatever is in the files (%i)', async (seed, { harness }) => {
  const { userId, runId } = await harness.signIn(`load-${90 + seed}`)
  await runToEnd(harness, runId, [RECENT])
  const api = await harness.tableRows(userId, 'plays', 'epoch_ms(played_at) as at, uri')
  const broken: ExtendedRow[] = [
    { ts: null },
    { ts: '1970-01-01T00:00:00Z' },
    { ms_played: -1 },
    { spotify_track_uri: null, master_metadata_track_name: null },
  ]
  const rows = playsOf(900, seed).map((play, at) => extendedRow(play, at % 7 === seed ? (broken[at % 4] ?? {}) : {}))
  const heard = api
    .slice(seed)
    .map(({ at, uri }) =>
      extendedRow({ at: Number(at), msPlayed: 200_000, song: 1, skipped: false }, { spotify_track_uri: String(uri) }),
    )
  const account = playsOf(500, seed).slice(100).map(accountRow)
  const uploads: Parameters<typeof importFiles>[1][] = [
    {
      'extended.zip': extendedZip([...rows, ...rows.slice(0, 50), ...heard]),
      'account.zip': zipOf(accountMembers(account)),
    },
    { 'account.zip': zipOf(accountMembers(account)), 'endsong_0.json': JSON.stringify(rows.slice(300)) },
  ]
  for (const files of uploads) {
    const one = await importFiles(userId, files)
    expect(one.state).toBe('done')
    expectToAddUp(one)
    expect(Object.keys(one.rejected).length).toBeGreaterThan(0)
  }
  expect((await db().import.findMany({ where: { userId } })).some(({ paired }) => paired > 0)).toBe(true)
})

test('an undone import leaves nothing, and can be imported again', async ({ harness, listener: { userId } }) => {
  const kept = await importFiles(userId, history(300, 2))
  const one = await importFiles(userId, history(2_000))
  expect((await undoImport({ id: userId }, one.id)).removing).toBe(true)
  await expect(uploadFiles(userId, history(10))).rejects.toMatchObject({ code: 'import-open' })
  expect(await runImportToEnd(userId, one.id)).toMatchObject({ state: 'undone', removing: false, read: 2_000 })
  expect(await imported(harness, userId)).toBe(kept.new)
  expect(await landedFiles(one.id)).toEqual([])
  expect(await undoImport({ id: userId }, one.id)).toMatchObject({ state: 'undone' })
  expect(await importFiles(userId, history(2_000))).toMatchObject({ state: 'done', new: one.new })
})

test('a removal that a warehouse could not load is repeated before anything else is deleted', async ({
  harness,
  listener: { userId },
}) => {
  const { id } = await importFiles(userId, history(500))
  await undoImport({ id: userId }, id)
  await runImport(id, 'undo')
  await db().loadLedger.updateMany({ where: { readId: `undo-${id}` }, data: { state: 'failed', problem: 'Disk full' } })
  await runImport(id, 'undo')
  expect(await db().import.findUnique({ where: { id } })).toMatchObject({ state: 'loading', problem: 'Disk full' })
  expect(await landedFiles(id)).not.toEqual([])
  expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'undone' })
  expect(await imported(harness, userId)).toBe(0)
})

test('a job that gives up while everything waits for its load takes nothing away', async ({ listener: { userId } }) => {
  const id = await uploadFiles(userId, history(500))
  await runImport(id, 'job')
  await giveUpImport(id, 'job', 'the database was away')
  expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'done', new: 500 })
})

test.for(['queued', 'reading', 'loading'] as const)(
  'an import that is canceled while %s leaves nothing',
  async (state, { harness, listener: { userId } }) => {
    const id = await uploadFiles(userId, history(12_000))
    const cancel = () => cancelImport({ id: userId }, id)
    if (state === 'reading') {
      const job = runImport(id, 'canceled')
      await expect.poll(() => db().landedObject.count({ where: { readId: id } }), PATIENCE).toBeGreaterThan(0)
      await cancel()
      await job
    } else {
      if (state === 'loading') await runImport(id, 'canceled')
      await cancel()
    }
    expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'cancelled', removing: false })
    expect(await imported(harness, userId)).toBe(0)
    expect([await landedFiles(id), spooled()]).toEqual([[], []])
    await expect(cancel()).rejects.toMatchObject({ status: 409, code: 'import-over' })
    expect(await importFiles(userId, history(100))).toMatchObject({ state: 'done', new: 100 })
  },
)

test('somebody else’s export is only counted once the listener says that it is theirs', async ({ harness }) => {
  const { userId, runId } = await harness.signIn('load-95')
  await runToEnd(harness, runId, [RECENT])
  const [heard] = await harness.tableRows(
    userId,
    'plays',
    'epoch_ms(min(played_at)) as first, epoch_ms(max(played_at)) as last',
  )
  const [first, last] = [Number(heard?.first), Number(heard?.last)]
  const others = Array.from({ length: 200 }, (_, at) => first - HOUR + (at * (last - first + 2 * HOUR)) / 200)
  const rows = others.map((at, song) => extendedRow({ at: Math.round(at), msPlayed: 150_000, song, skipped: false }))
  const one = await importFiles(userId, { 'theirs.zip': extendedZip(rows) })
  expect(one).toMatchObject({ state: 'needs-answer', question: { kind: 'owner', matching: 0 } })
  expect(await imported(harness, userId)).toBe(0)
  expect(spooled()).toEqual([])
  await expect(replyToImport({ id: userId }, one.id, { kind: 'zone', zone: 'UTC' })).rejects.toMatchObject({
    status: 409,
  })
  await replyToImport({ id: userId }, one.id, { kind: 'owner' })
  const done = await runImportToEnd(userId, one.id)
  expect(done).toMatchObject({ state: 'done', read: 200 })
  expectToAddUp(done)
})

test('a file of Last.fm is read in the zone that the listener names', async ({ harness, listener: { userId } }) => {
  const one = await importFiles(userId, { 'scrobbles.csv': lastfmCsv(playsOf(50)) })
  expect(one).toMatchObject({ state: 'needs-answer', question: { kind: 'zone', file: 'scrobbles.csv' } })
  await expect(replyToImport({ id: userId }, one.id, { kind: 'zone', zone: 'Nowhere' })).rejects.toMatchObject({
    status: 400,
  })
  await replyToImport({ id: userId }, one.id, { kind: 'zone', zone: 'Asia/Kolkata' })
  const done = await runImportToEnd(userId, one.id)
  expect(done).toMatchObject({ state: 'done', read: 50 })
  expectToAddUp(done)
  const [row] = await harness.tableRows(userId, 'imported_plays', 'epoch_ms(min(played_at)) as first')
  const [play] = playsOf(50)
  const start = Math.floor(((play?.at ?? 0) - (play?.msPlayed ?? 0)) / MINUTE) * MINUTE
  expect(Number(row?.first)).toBe(start - 5.5 * HOUR)
})

test('files that can’t be imported are named, and fail the import only if there is nothing else', async ({
  listener: { userId },
}) => {
  const bad = { 'broken.zip': 'no zip', 'notes.json': '{"a":1}', 'cut.json': '[{"ts":"2020' }
  const failed = await importFiles(userId, bad)
  expect(failed).toMatchObject({ state: 'failed', read: 0 })
  expect([failed.problem, failed.remedy]).toEqual([expect.any(String), expect.any(String)])
  expect(failed.members.map(({ state }) => state)).not.toContain('read')
  expect(failed.members.every(({ problem }) => problem)).toBe(true)
  const done = await importFiles(userId, { ...bad, ...history(100) })
  expect(done).toMatchObject({ state: 'done', new: 100 })
  expect(done.members.filter(({ state }) => state === 'refused').length).toBeGreaterThan(0)
  expectToAddUp(done)
})

test('plays are new, not duplicates, while the models can’t be built, and the receipt says what is missing', async ({
  listener: { userId },
}) => {
  const warehouse = await openEmbeddedCopy({ userId })
  await warehouse.build([], async (run) => {
    await run('create schema if not exists tracklake')
    await run('create view tracklake.pairing as select 1 as rule')
  })
  const one = await importFiles(userId, history(200))
  expect(one).toMatchObject({ state: 'done', new: 200, duplicate: 0 })
  expect(one.problem).toMatch(/could not be updated/)
  expect((await warehouse.existing('raw', ['play_pairs'])).length).toBe(0)
})

test('an import whose rows can’t be loaded again after its warehouse was lost says so', async ({
  harness,
  listener: { userId },
}) => {
  const lost = await importFiles(userId, history(200))
  const kept = await importFiles(userId, history(100, 2))
  const [page] = await db().landedObject.findMany({ where: { readId: lost.id } })
  await landing().put(page?.path ?? '', 'not what was stored')
  const file = duckdbFile(userId)
  await (await openDuckdb(file)).close()
  rmSync(file)
  await loadAll((await db().warehouseConnection.findFirstOrThrow({ where: { userId } })).id)
  const { imports } = await listImports({ id: userId })
  expect(imports.map(({ id, state, problem }) => [id, state, problem])).toEqual([
    [kept.id, 'done', null],
    [lost.id, 'done', expect.stringContaining('could not be loaded again')],
  ])
  // What the remedy says helps: the file is read again, although it was imported before.
  expect(await importFiles(userId, history(200))).toMatchObject({ state: 'done', new: 200, problem: null })
  await undoImport({ id: userId }, lost.id)
  await runImportToEnd(userId, lost.id)
  expect(await imported(harness, userId)).toBe(300)
})

test('rejected rows are listed for a spreadsheet', async ({ listener: { userId } }) => {
  const [play] = playsOf(1)
  if (!play) throw new Error('No play')
  const row = extendedRow(play, { ms_played: -5, master_metadata_track_name: '=HYPERLINK("x")' })
  const one = await importFiles(userId, { 'rows.json': JSON.stringify([extendedRow(play), row]) })
  expect(one).toMatchObject({ new: 1, rejected: { 'negative length': 1 } })
  const chunks: Uint8Array[] = []
  for await (const chunk of (await rejectedRows({ id: userId }, one.id)).bytes) chunks.push(chunk)
  const [, line] = Buffer.concat(chunks).toString().split('\r\n')
  expect(line).toMatch(/^rows\.json,2,negative length,.*"'=HYPERLINK/)
})

test('an import continues once the lease of its dead job expires, and fails if its files are gone', async ({
  listener: { userId },
}) => {
  const id = await uploadFiles(userId, history(100))
  await db().import.update({ where: { id }, data: { createdAt: new Date(Date.now() - HOUR) } })
  expect(await importsToContinue()).toContain(id)
  await db().import.update({ where: { id }, data: { heldBy: 'died', heldUntil: new Date(Date.now() + MINUTE) } })
  expect(await importsToContinue()).not.toContain(id)
  expect(await runImport(id, 'other')).toEqual({ connections: [] })
  expect(await db().import.findUnique({ where: { id } })).toMatchObject({ state: 'queued', heldBy: 'died' })
  await db().import.update({ where: { id }, data: { heldUntil: new Date(Date.now() - 1) } })
  rmSync(spoolFolder(), { recursive: true })
  expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'failed', problem: 'The uploaded files are gone' })
})
