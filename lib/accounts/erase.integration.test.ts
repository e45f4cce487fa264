import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { db } from '#lib/db.ts'
import { spooledFile } from '#lib/imports/spool.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { duckdbFile } from '#lib/storage/places.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { expectSavedTracks } from '#testing/sync/expected.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { uploadFiles } from '#testing/sync/import-files.ts'
import { runJobs, runToEnd } from '#testing/sync/run-jobs.ts'
import { erase, resumeErasures } from './erase.ts'
import { removeListener } from './people.ts'
import { connections, me, settingsOf } from './status.ts'

const SAVED = 'user_saved_tracks_stream'
const STREAMS = [SAVED, 'user_top_tracks_st_stream', 'user_recently_played_stream']

async function syncedListener(harness: Harness, name: string): Promise<string> {
  const { userId, runId } = await harness.signIn(name)
  await runToEnd(harness, runId, STREAMS)
  return userId
}

/** Files in the data folder whose path contains the listener's id. */
function filesOf(harness: Harness, userId: string): string[] {
  const entries = readdirSync(harness.folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => path.includes(userId))
}

/** Tables that still contain the listener's id. */
async function tablesWith(userId: string): Promise<string[]> {
  const columns = await db().$queryRaw<{ table_name: string; column_name: string }[]>`
    select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type = 'text'`
  const found = new Set<string>()
  for (const { table_name, column_name } of columns) {
    const rows = await db().$queryRawUnsafe<unknown[]>(
      `select 1 from "${table_name}" where "${column_name}" like '%' || $1 || '%' limit 1`,
      userId,
    )
    if (rows.length > 0) found.add(table_name)
  }
  return [...found]
}

test('uploaded files and imports are deleted with the account', async ({ harness }) => {
  const { userId } = await harness.signIn('load-15')
  const id = await uploadFiles(userId, { 'data.zip': 'personal data' })
  expect(existsSync(spooledFile(id, 0))).toBe(true)
  expect((await erase(userId, 'load-15')).postgresRows).toMatchObject({ imports: 1 })
  expect(existsSync(spooledFile(id, 0))).toBe(false)
  expect(await tablesWith(id)).toEqual([])
})

test('only one of several concurrent deletions, also by planning and an admin, returns the receipt', async ({
  harness,
}) => {
  const { userId } = await harness.signIn('load-13')
  const admin = await harness.signIn('load-14')
  const results = await Promise.allSettled([
    ...Array.from({ length: 4 }, () => erase(userId, 'load-13')),
    removeListener(admin.userId, userId, 'load-13'),
    resumeErasures(),
  ])
  const receipts = results.slice(0, 5).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.status] : []))
  expect(receipts.length).toBeLessThanOrEqual(1)
  expect(refused).toHaveLength(5 - receipts.length)
  for (const status of refused) expect([404, 409]).toContain(status)
  expect(await db().user.count({ where: { id: userId } })).toBe(0)
  expect(await db().auditEvent.count({ where: { subject: userId, action: 'deleted a listener’s data' } })).toBe(1)
})

test('deletes all of a listener’s data, leaves a receipt, keeps other listeners, and a new sign-in starts from scratch', async ({
  harness,
}) => {
  const [gone, stays] = [await syncedListener(harness, 'load-1'), await syncedListener(harness, 'load-2')]
  const receipt = await erase(gone, 'load-1')
  expect(receipt).toMatchObject({ warehouseFiles: 1, postgresRows: { listeners: 1, accounts: 1, runs: 1 } })
  expect(receipt.landedObjects).toBeGreaterThan(3)
  expect(filesOf(harness, gone)).toEqual([])
  expect(await tablesWith(gone)).toEqual(['AuditEvent'])
  const [last] = await db().auditEvent.findMany({ where: { subject: gone }, orderBy: { id: 'desc' }, take: 1 })
  expect(last).toMatchObject({ actor: null, detail: { receipt: receipt.receipt } })

  // A page that is still open sends requests with the old session.
  for (const endpoint of [me, settingsOf, connections])
    await expect(endpoint({ id: gone })).rejects.toMatchObject({ status: 401, code: 'signed-out' })

  await expectSavedTracks(harness, stays, 'load-2')
  expect(await db().account.findFirstOrThrow({ where: { userId: stays } })).toMatchObject({ consent: 'given' })

  const again = await syncedListener(harness, 'load-1')
  expect(again).not.toBe(gone)
  await expectSavedTracks(harness, again, 'load-1')
})

test('requires the listener’s own name', async ({ harness }) => {
  const userId = await syncedListener(harness, 'load-3')
  await expect(erase(userId, 'load-2')).rejects.toMatchObject({ status: 400, code: 'not-confirmed' })
  expect(existsSync(duckdbFile(userId))).toBe(true)
})

test('stops active runs of a deleted listener and leaves nothing behind', async ({ harness }) => {
  const userId = await syncedListener(harness, 'load-4')
  await harness.configure({ changes: [{ what: 'unlike', listener: 'load-4', position: 60 }], latencyMs: 400 })
  const run = await orderRun(userId, 'manual', { names: [SAVED] })
  const landed = () => db().landedObject.count({ where: { read: { streamRun: { runId: run?.id ?? '' } } } })
  const working = runJobs(await takeStartable(run?.id ?? '')).catch(() => undefined)
  while ((await landed()) === 0) await new Promise(setImmediate)
  await erase(userId, 'load-4')
  await working
  await harness.configure({ latencyMs: 0 })
  expect(await tablesWith(userId)).toEqual(['AuditEvent'])
  expect(existsSync(join(harness.folder, 'real', 'warehouses', `${userId}.duckdb`))).toBe(false)
  expect(filesOf(harness, userId)).toEqual([])
})
