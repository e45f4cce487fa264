import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import type { Row } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { eventually } from '#testing/eventually.ts'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { runImportToEnd, uploadFiles } from '#testing/sync/import-files.ts'
import { undoImport } from './imports.ts'
import { runImport } from './work.ts'

/** Processes are killed at any point of an import; what follows ends as if nothing had happened. */

const PLAYS = 40_000
const FILES = { 'data.zip': zipOf(extendedMembers([...madePlays({ plays: PLAYS })].map((play) => extendedRow(play)))) }
const PROGRAM = join(import.meta.dirname, '../../testing/sync/run-import-until-killed.ts')

/** Works on an import in another process, and kills that once it has come so far. */
async function runUntilKilled(userId: string, importId: string, until: string): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, userId, importId, until], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8')
  for await (const text of child.stdout) if (String(text).includes('reached')) break
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Its leases expire. Until then, nobody else touches what it may still be doing. */
async function letLeasesExpire(userId: string): Promise<void> {
  const past = new Date(Date.now() - 1)
  await db().import.updateMany({ where: { userId, heldBy: { not: null } }, data: { heldUntil: past } })
  await db().warehouseConnection.updateMany({ where: { userId }, data: { loadingUntil: past } })
}

const totals = (harness: Harness, userId: string): Promise<Row[]> =>
  harness.tableRows(
    userId,
    'imported_plays',
    `count(*) as rows, count(distinct (played_at, uri, ms_played)) as different, sum(hash(played_at, uri, ms_played) % 1000000) as content,
     count(distinct import_id) as imports, count(distinct import_member) as members`,
  )

test.for(['reading', 'landed', 'loaded'])(
  'an import whose process dies once it is %s still ends with every play once',
  async (until, { harness, listener: { userId } }) => {
    await stopRuns(userId)
    const id = await uploadFiles(userId, FILES)
    await runUntilKilled(userId, id, until)
    expect((await db().import.findUniqueOrThrow({ where: { id } })).state).not.toBe('done')
    await letLeasesExpire(userId)
    expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'done', read: PLAYS, new: PLAYS, duplicate: 0 })
    expect(await totals(harness, userId)).toMatchObject([{ rows: PLAYS, different: PLAYS, imports: 1 }])
    expect(await db().importMember.count({ where: { importId: id, state: 'pending' } })).toBe(0)
  },
)

test('an undo whose process dies still removes every play', async ({ harness, listener: { userId } }) => {
  await stopRuns(userId)
  const id = await uploadFiles(userId, FILES)
  await runImportToEnd(userId, id)
  await undoImport({ id: userId }, id)
  await runUntilKilled(userId, id, 'removing')
  await letLeasesExpire(userId)
  expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'undone' })
  expect(await totals(harness, userId)).toMatchObject([{ rows: 0 }])
})

/** The process ids of this process's children that read uploads. */
function readers(): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const parent = / \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return Number(parent) === process.pid && command.includes('imports/reader/child') ? [Number(pid)] : []
    } catch {
      return []
    }
  })
}

test.runIf(process.platform === 'linux')(
  'a job restarts a killed reading process, and no play is duplicated',
  async ({ harness, listener: { userId } }) => {
    await stopRuns(userId)
    const id = await uploadFiles(userId, FILES)
    const job = runImport(id, 'job').catch((error: unknown) => error)
    await eventually(async () => (await db().landedObject.count({ where: { readId: id } })) > 0)
    const [pid = 0] = readers()
    process.kill(pid, 'SIGKILL')
    expect(await job).toMatchObject({ recovery: 'retry' })
    expect(readers()).toEqual([])
    expect(await db().import.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: 'reading', heldBy: null })
    expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'done', new: PLAYS })
    expect(await totals(harness, userId)).toMatchObject([{ rows: PLAYS, different: PLAYS }])
  },
)

test('a call repeated while it still runs does no work twice', async ({ harness, listener: { userId } }) => {
  await stopRuns(userId)
  const id = await uploadFiles(userId, FILES)
  // A killed engine repeats its call with the same name; another event brings a job with another one.
  await Promise.all([runImport(id, 'job'), runImport(id, 'job'), runImport(id, 'other job')])
  expect(await runImportToEnd(userId, id)).toMatchObject({ state: 'done', new: PLAYS })
  expect(await totals(harness, userId)).toMatchObject([{ rows: PLAYS, different: PLAYS }])
})
