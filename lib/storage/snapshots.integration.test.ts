import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'
import { erase } from '#lib/accounts/erase.ts'
import { db } from '#lib/db.ts'
import { test } from '#testing/sync/fixture.ts'
import { runToEnd } from '#testing/sync/run-jobs.ts'
import { openEmbeddedCopy, snapshotFolder } from './places.ts'
import { removeLeftSnapshots, withSnapshot } from './snapshots.ts'

const STREAMS = ['user_saved_tracks_stream', 'user_recently_played_stream']

const filesOf = (userId: string) => (existsSync(snapshotFolder(userId)) ? readdirSync(snapshotFolder(userId)) : [])
const nextVersion = (userId: string) =>
  db().user.update({ where: { id: userId }, data: { dataVersion: { increment: 1 } } })

test('one snapshot for each version of the data, kept while it is used', async ({ harness, listener }) => {
  const { userId, runId } = listener
  await expect(withSnapshot(userId, async () => 'used')).rejects.toMatchObject({ code: 'nothing-loaded' })
  expect(filesOf(userId)).toEqual([])
  await runToEnd(harness, runId, STREAMS)

  const { dataVersion } = await db().user.findUniqueOrThrow({ where: { id: userId } })
  const paths = await Promise.all([1, 2, 3].map(() => withSnapshot(userId, async (path) => path)))
  expect(new Set(paths).size).toBe(1)
  expect(filesOf(userId)).toEqual([`${dataVersion}.duckdb`])

  await nextVersion(userId)
  await withSnapshot(userId, async (older) => {
    await nextVersion(userId)
    await withSnapshot(userId, async (newer) => {
      expect(newer).not.toBe(older)
      // The first one, which nobody used, is gone.
      await expect.poll(() => filesOf(userId)).toEqual([`${dataVersion + 1}.duckdb`, `${dataVersion + 2}.duckdb`])
    })
    expect(existsSync(older)).toBe(true)
  })
  await expect.poll(() => filesOf(userId)).toEqual([`${dataVersion + 2}.duckdb`])

  await expect(
    withSnapshot(userId, async () => {
      throw new Error('of the user')
    }),
  ).rejects.toThrow('of the user')
  expect(filesOf(userId)).toEqual([`${dataVersion + 2}.duckdb`])
})

test('a load delays a snapshot, for which not everybody waits', async ({ harness, listener }) => {
  const { userId, runId } = listener
  await runToEnd(harness, runId, STREAMS)
  const written = Promise.withResolvers<void>()
  const load = (await openEmbeddedCopy({ userId })).build([], () => written.promise)
  const patient = withSnapshot(userId, async (path) => existsSync(path))
  const impatient = withSnapshot(userId, async () => 'used', { signal: AbortSignal.timeout(20) })
  await expect(impatient).rejects.toMatchObject({ name: 'TimeoutError' })
  const gone = withSnapshot(userId, async () => 'used', { signal: AbortSignal.abort() })
  await expect(gone).rejects.toMatchObject({ name: 'AbortError' })
  written.resolve()
  await load
  expect(await patient).toBe(true)
  expect(filesOf(userId)).toHaveLength(1)
})

test('snapshots go with the account, and none is made afterwards', async ({ harness, listener }) => {
  const { userId, runId, name } = listener
  await runToEnd(harness, runId, STREAMS)
  await withSnapshot(userId, async (path) => expect(existsSync(path)).toBe(true))
  const erasing = erase(userId, name)
  const late = withSnapshot(userId, async () => 'used').catch((error) => error.code)
  expect(await erasing).toMatchObject({ postgresRows: { listeners: 1 } })
  expect(['used', 'being-deleted', 'nothing-loaded']).toContain(await late)
  expect(existsSync(snapshotFolder(userId))).toBe(false)
  await expect(withSnapshot(userId, async () => 'used')).rejects.toMatchObject({ code: 'being-deleted' })
})

test('a start deletes the snapshots of earlier processes', async ({ harness, listener }) => {
  const { userId, runId } = listener
  await runToEnd(harness, runId, STREAMS)
  await withSnapshot(userId, async () => undefined)
  await removeLeftSnapshots()
  expect(existsSync(snapshotFolder())).toBe(false)
})
