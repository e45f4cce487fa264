import { rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { ulid } from 'ulid'
import { expect, vi } from 'vitest'
import { erase } from '#lib/accounts/erase.ts'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db } from '#lib/db.ts'
import { landedPageReader } from '#lib/storage/landed-pages.ts'
import { duckdbFile, landing, openEmbeddedCopy } from '#lib/storage/places.ts'
import { tableGroups } from '#lib/streams/index.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { expectAllTables } from '#testing/sync/expected.ts'
import { type TestListener, test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { loadAll, runNow, runToEnd } from '#testing/sync/run-jobs.ts'
import { packLanding } from './pack-landing.ts'
import { sweepLanding } from './sweep-landing.ts'

const SAVED = 'user_saved_tracks_stream'
const TOP = 'user_top_tracks_st_stream'
const PLAYS = 'user_recently_played_stream'
const LISTS = 'user_playlists_stream'
const ITEMS = 'user_playlist_items_stream'

/** Everything landed so far is old enough. */
const later = () => new Date(Date.now() + 2 * DAY)

/** Days with everything that changes: plays, likes, songs that are no longer liked, and playlists. */
async function live(harness: Harness, { name, userId, runId }: TestListener, days: number): Promise<void> {
  await runToEnd(harness, runId)
  const playlist = (await harness.expected(name, 'playlists')).find((one) => one.readable)
  for (let day = 0; day < days; day++) {
    await harness.setTime(new Date(harness.now().getTime() + DAY))
    const listener = name
    await harness.configure({
      changes: [
        { what: 'like', listener, count: 2 },
        { what: 'play', listener, count: 3 },
        ...(day % 2 ? [{ what: 'unlike' as const, listener, position: 5 }] : []),
        { what: 'playlist', listener, playlist: String(playlist?.id), add: 1, remove: 0 },
      ],
    })
    await runNow(harness, userId)
    await harness.setTime(new Date(harness.now().getTime() + HOUR))
    await harness.configure({ changes: [{ what: 'play', listener, count: 4 }] })
    await runNow(harness, userId, [PLAYS])
  }
  await sweepLanding()
}

/** Every row of every raw table, and of its history. */
async function rowsOfAllTables({ userId }: TestListener): Promise<Record<string, string[]>> {
  const warehouse = await openEmbeddedCopy({ userId })
  const all: Record<string, string[]> = {}
  for (const { name } of tableGroups.flatMap(({ tables }) => tables)) {
    if ((await warehouse.existing('raw', [name])).length === 0) continue
    const rows = await warehouse.query(`select * from ${warehouse.table('raw', name)}`, [], { limit: 100_000 })
    all[name] = rows.map((row) => JSON.stringify(row)).sort()
  }
  return all
}

async function rebuild({ userId }: TestListener): Promise<void> {
  const file = duckdbFile(userId)
  await (await openDuckdb(file)).close()
  rmSync(file)
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
  await loadAll(id)
}

async function files(folder: string, { userId }: TestListener): Promise<string[]> {
  const found: string[] = []
  for await (const paths of landing().list(`raw_data/${folder}`))
    found.push(...paths.filter((path) => path.includes(`/${userId}/`)))
  return found
}

/** Packs every list, also those that are not worthwhile yet: a few small reads stand for those of many more days. */
async function packAll({ userId }: TestListener): Promise<number> {
  await db().$executeRaw`
    update "LandedObject" set bytes = bytes + 65536
    where "packedAs" is null and "readId" in (select id from "StreamRead" where "userId" = ${userId})`
  return packLanding(later())
}

async function packedReads({ userId }: TestListener) {
  return db().streamRead.findMany({
    where: { userId, packedAt: { not: null } },
    orderBy: { syncedAt: 'asc' },
    include: { objects: { orderBy: { page: 'asc' } } },
  })
}

/** Polls of plays on several days, each with new ones. */
async function poll(harness: Harness, { name, userId }: TestListener, polls: number): Promise<void> {
  for (let poll = 0; poll < polls; poll++) {
    await harness.setTime(new Date(harness.now().getTime() + HOUR))
    await harness.configure({ changes: [{ what: 'play', listener: name, count: 4 }] })
    await runNow(harness, userId, [PLAYS])
  }
  await sweepLanding()
}

test('a rebuild from packed responses gives the same tables, with their history', async ({ harness, listener }) => {
  await live(harness, listener, 4)
  const before = await rowsOfAllTables(listener)
  expect(before.user_saved_tracks_history?.filter((row) => row.includes('removed'))).not.toEqual([])
  expect(before.user_playlist_items_history?.filter((row) => row.includes('removed'))).not.toEqual([])

  await packAll(listener)
  const packed = await packedReads(listener)
  const lists = new Set(packed.map(({ stream }) => stream))
  expect([...lists]).toEqual(expect.arrayContaining([SAVED, TOP, PLAYS, LISTS, ITEMS]))
  expect(await files('packed', listener)).toHaveLength(lists.size)
  // What has a file of its own is in Postgres, and the other way round: the newest full reads.
  const unpacked = await db().landedObject.findMany({
    where: { packedAs: null, outcome: 'loaded', read: { userId: listener.userId } },
    include: { read: true },
  })
  expect((await files('processed', listener)).sort()).toEqual(unpacked.map(({ path }) => path).sort())
  for (const { read } of unpacked) {
    const newer = {
      userId: listener.userId,
      stream: read.stream,
      scope: 'whole',
      syncedAt: { gt: read.syncedAt },
    } as const
    expect([read.stream, read.scope, await db().streamRead.count({ where: newer })]).toEqual([read.stream, 'whole', 0])
  }

  await rebuild(listener)
  expect(await rowsOfAllTables(listener)).toEqual(before)
  await expectAllTables(harness, listener.userId, listener.name)
})

test('polls take a fraction of their size, and later ones continue the same file', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  await poll(harness, listener, 6)
  const sizes = await db().landedObject.findMany({ where: { read: { userId: listener.userId } } })
  const largest = Math.max(...sizes.map(({ bytes }) => bytes))
  expect(await packAll(listener)).toBe(6)
  const [first, ...others] = (await packedReads(listener)).flatMap(({ objects }) => objects)
  expect(first?.bytes).toBeLessThan(largest * 1.1)
  for (const { bytes } of others) expect(bytes).toBeLessThan(largest / 3)

  await poll(harness, listener, 3)
  expect(await packAll(listener)).toBe(3)
  const all = (await packedReads(listener)).flatMap(({ objects }) => objects)
  expect(new Set(all.map(({ path }) => path)).size).toBe(1)
  expect(all.map(({ packedAs }) => packedAs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(await files('processed', listener)).toHaveLength(1)
  const before = await rowsOfAllTables(listener)
  await rebuild(listener)
  expect(await rowsOfAllTables(listener)).toEqual(before)
})

test('packs nothing that a warehouse still waits for, nothing recent, and nothing when it is off', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  await poll(harness, listener, 2)
  expect(await packLanding(new Date())).toBe(0)
  const ofListener = { read: { userId: listener.userId } }
  await db().loadLedger.updateMany({ where: ofListener, data: { state: 'waiting' } })
  expect(await packAll(listener)).toBe(0)
  await db().loadLedger.updateMany({ where: ofListener, data: { state: 'loaded' } })
  Object.assign(settings(), { LANDING_PACK_AFTER: null })
  expect(await packAll(listener)).toBe(0)
  Object.assign(settings(), { LANDING_PACK_AFTER: DAY })
  expect(await packAll(listener)).toBe(2)
})

test('a load that looked its pages up before they were packed reads them from the pack', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  await poll(harness, listener, 2)
  const pages = await db().landedObject.findMany({
    where: { read: { userId: listener.userId } },
    orderBy: { id: 'asc' },
  })
  const texts = await Promise.all(pages.map(({ path }) => landing().get(path)))
  await packAll(listener)
  const textOf = landedPageReader()
  for (const [index, page] of pages.entries()) expect(await textOf(page)).toBe(texts[index])
})

test('what a crash left is deleted the next time: pages that are packed already, and packs that no row knows', async ({
  harness,
  listener,
}) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  await poll(harness, listener, 2)
  const [first] = await files('processed', listener)
  const text = await landing().get(first ?? '')
  await packAll(listener)
  await landing().put(first ?? '', text)
  const folder = `raw_data/packed/${PLAYS}/${listener.userId}`
  const [orphan, fresh] = [ulid(Date.now() - DAY), ulid()].map((id) => `${folder}/${id}.pack`) as [string, string]
  for (const path of [orphan, fresh]) await landing().putBytes(path, Buffer.from('half'))

  await poll(harness, listener, 1)
  await packAll(listener)
  expect(await files('processed', listener)).toHaveLength(1)
  const packs = await files('packed', listener)
  expect(packs).not.toContain(orphan)
  // Another process may be about to record this one.
  expect(packs).toContain(fresh)
})

test('a pack stays if its record was lost on the way but is in Postgres', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  await poll(harness, listener, 3)
  const { $transaction: transaction } = db()
  const spy = vi.spyOn(db(), '$transaction').mockImplementationOnce((async (work: never, options: never) => {
    await transaction.call(db(), work, options)
    throw new Error('the connection was lost')
  }) as unknown as typeof transaction)
  await expect(packAll(listener)).rejects.toThrow('the connection was lost')
  spy.mockRestore()
  expect(await files('packed', listener)).toHaveLength(1)
  await poll(harness, listener, 1)
  await packAll(listener)
  await rebuild(listener)
  expect(await db().loadLedger.count({ where: { read: { userId: listener.userId }, state: 'failed' } })).toBe(0)
})

test('a damaged pack fails the reads in it, and later reads start a new one', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  await poll(harness, listener, 3)
  await packAll(listener)
  const [pack] = await files('packed', listener)
  truncateSync(join(harness.folder, 'real', 'landing', pack ?? ''), 100)
  await poll(harness, listener, 2)
  await packAll(listener)
  expect(new Set((await packedReads(listener)).flatMap(({ objects }) => objects.map(({ path }) => path))).size).toBe(2)
  await rebuild(listener)
  const ledger = await db().loadLedger.groupBy({
    by: ['state'],
    where: { read: { userId: listener.userId } },
    _count: true,
  })
  expect(ledger.map(({ state, _count }) => [state, _count]).sort()).toEqual([
    ['failed', 3],
    ['loaded', 3],
  ])
})

test('deleting a listener deletes their packs', async ({ harness, listener }) => {
  await runToEnd(harness, listener.runId, [PLAYS])
  await poll(harness, listener, 2)
  await packAll(listener)
  expect(await files('packed', listener)).toHaveLength(1)
  await erase(listener.userId, listener.name)
  for (const folder of ['packed', 'processed', 'to_process']) expect(await files(folder, listener)).toEqual([])
})
