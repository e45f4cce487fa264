import { rm } from 'node:fs/promises'
import { expect } from 'vitest'
import { spotifyUrls } from '#lib/core/config.ts'
import type { Json } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { runDetail } from '#lib/runs/run-responses.ts'
import { duckdbFile, landing } from '#lib/storage/places.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { newListener, type Person, PLAYS, SAVED, TOP } from '#testing/sync/listeners.ts'
import { loadAll, runNow } from '#testing/sync/run-jobs.ts'

/** Runs whose responses contain a value that a store cannot hold or a page must not show. */

const PLAYLISTS = 'user_playlists_stream'
const PLAYLIST_ITEMS = 'user_playlist_items_stream'
const UNREADABLE = 'item in an unexpected format'

type Fields = { [name: string]: Json }

let listeners = 100
const someone = (harness: Harness) => newListener(harness, `load-${++listeners}`)

/** Replaces the responses of an address from now on. @param edit changes the usual one */
async function respondWith(harness: Harness, { name }: Person, address: string, edit: (text: string) => string) {
  const { access_token: token } = await harness.grant(name)
  const response = await fetch(`${spotifyUrls().api}${address}`, { headers: { authorization: `Bearer ${token}` } })
  const body = edit(await response.text())
  const path = `^/v1${address.split('?')[0]}\\?`
  await harness.configure({
    faults: [{ match: { path, listener: name }, times: 100, fault: { kind: 'body', body } }],
  })
}

/** Changes one item of a list. */
const editItem = (index: number, edit: (item: Fields) => Json) => (text: string) => {
  const body: { items: Fields[] } = JSON.parse(text)
  return JSON.stringify({ ...body, items: body.items.map((item, at) => (at === index ? edit(item) : item)) })
}

const inTrack = (fields: Fields) => (item: Fields) => ({ ...item, track: { ...(item.track as Fields), ...fields } })

async function landedText(person: Person, stream: string): Promise<string> {
  const { path } = await db().landedObject.findFirstOrThrow({
    where: { read: { userId: person.userId, stream } },
    orderBy: { id: 'desc' },
  })
  return landing().get(path)
}

test('keeps a play with U+0000 in its URI and name, and all other plays', async ({ harness }) => {
  const person = await someone(harness)
  const odd = inTrack({ uri: 'spotify:local:A:B:Nul\0here:200', name: 'Nul\0here' })
  await respondWith(harness, person, '/me/player/recently-played?limit=50', editItem(7, odd))
  const run = await runNow(harness, person.userId, [PLAYS])
  const { items } = run.streams[PLAYS] ?? {}
  expect(items).toBeGreaterThanOrEqual(42)
  expect(run.streams[PLAYS]).toMatchObject({ state: 'succeeded', problem: null, rowsNew: items })
  const rows = await harness.tableRows(person.userId, 'plays', 'played_at, uri, track_id')
  expect(rows).toHaveLength(items ?? 0)
  const uri = 'spotify:local:A:B:Nul\ufffdhere:200'
  const play = rows.find((row) => row.uri === uri)
  expect(await harness.tableRows(person.userId, 'tracks', 'id, name')).toContainEqual({
    id: play?.track_id,
    name: 'Nul\ufffdhere',
  })
  expect(await landedText(person, PLAYS)).toContain('Nul\\u0000here')

  // The same again: the bookmark knows the odd play too.
  expect((await runNow(harness, person.userId, [PLAYS])).streams[PLAYS]).toMatchObject({ state: 'nothing_new' })

  // A rebuild makes the same rows from what landed.
  await (await openDuckdb(duckdbFile(person.userId))).close()
  await rm(duckdbFile(person.userId))
  const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId: person.userId } })
  await loadAll(id)
  expect(await harness.tableRows(person.userId, 'plays', 'played_at, uri, track_id')).toEqual(rows)
})

test('keeps a playlist with U+0000 in its name and version, or a name of 1 MB, and its songs', async ({ harness }) => {
  const person = await someone(harness)
  await respondWith(harness, person, '/me/playlists?limit=50', (text) => {
    const first = editItem(0, (item) => ({ ...item, name: 'a\0b', snapshot_id: 'a\0b' }))(text)
    return editItem(1, (item) => ({ ...item, name: 'a'.repeat(1_000_000), description: '\ud83c' }))(first)
  })
  const { streams } = await runNow(harness, person.userId, [PLAYLISTS, PLAYLIST_ITEMS])
  expect(streams[PLAYLISTS]).toMatchObject({ state: 'succeeded', problem: null })
  expect(streams[PLAYLIST_ITEMS]).toMatchObject({ state: 'succeeded', problem: null })
  const [first, second] = await harness.tableRows(
    person.userId,
    PLAYLISTS,
    'id, name, snapshot_id, length(name) as length',
  )
  expect([first?.name, first?.snapshot_id, second?.length]).toEqual(['a\ufffdb', 'a\ufffdb', 10_000])
  const { value } = await db().bookmark.findFirstOrThrow({
    where: { userId: person.userId, stream: PLAYLIST_ITEMS, name: { endsWith: String(first?.id) } },
  })
  expect(value).toBe('a\ufffdb')
})

test('rejects and counts an id too long for an index, and an item of the wrong type', async ({ harness }) => {
  const person = await someone(harness)
  await respondWith(harness, person, '/me/playlists?limit=50', (text) => {
    const first = editItem(0, (item) => ({ ...item, id: 'x'.repeat(100_000) }))(text)
    return editItem(1, () => 'not a playlist')(first)
  })
  const { items } = JSON.parse(await playlistsOf(harness, person)) as { items: unknown[] }
  const { streams } = await runNow(harness, person.userId, [PLAYLISTS, PLAYLIST_ITEMS])
  expect(streams[PLAYLISTS]).toMatchObject({ state: 'succeeded', rejected: { 'no id': 1, [UNREADABLE]: 1 } })
  expect(streams[PLAYLIST_ITEMS]).toMatchObject({ state: 'succeeded' })
  const withdrawn = items.filter((item) => item === null).length
  expect(await harness.tableRows(person.userId, PLAYLISTS, 'id')).toHaveLength(items.length - 2 - withdrawn)
})

async function playlistsOf(harness: Harness, { name }: Person): Promise<string> {
  const { access_token: token } = await harness.grant(name)
  const address = `${spotifyUrls().api}/me/playlists?limit=50`
  return (await fetch(address, { headers: { authorization: `Bearer ${token}` } })).text()
}

test.for([
  ['"total": 99999999999', (text: string) => text.replace(/"total":\d+/, '"total":99999999999')],
  ['numbers beyond a double', (text: string) => text.replace(/"duration_ms":\d+/, '"duration_ms":1e400')],
  [
    'values 10,000 levels deep',
    (text: string) => text.replace('"is_local":false', `"odd":${'['.repeat(1e4)}${']'.repeat(1e4)}`),
  ],
  ['the year 0', (text: string) => text.replace(/"added_at":"\d{4}-\d\d/, '"added_at":"0000-01')],
  [
    'a time beyond the year 9999 in UTC',
    (text: string) => text.replace(/"added_at":"[^"]+"/, '"added_at":"9999-12-31T23:59:59-23:59"'),
  ],
] as const)('loads liked songs with %s', async ([, edit], { harness }) => {
  const person = await someone(harness)
  await respondWith(harness, person, '/me/tracks?limit=50', (text) => {
    const { items, ...page } = JSON.parse(text)
    // One page is the whole list.
    const list = JSON.stringify({ ...page, next: null, total: 40, items: items.slice(0, 40) })
    expect(edit(list)).not.toBe(list)
    return edit(list)
  })
  const { streams } = await runNow(harness, person.userId, [SAVED])
  expect(streams[SAVED]).toMatchObject({ state: 'succeeded', problem: null, items: 40 })
  expect(await harness.tableRows(person.userId, SAVED, 'id')).toHaveLength(40)
})

test('stores a song that is on the list twice once, and counts the duplicate', async ({ harness }) => {
  const person = await someone(harness)
  await respondWith(harness, person, '/me/tracks?limit=50', (text) => {
    const { items, ...page } = JSON.parse(text)
    const [first, second, ...others] = items.slice(0, 40) as Fields[]
    const list = [first, { ...second, track: first?.track ?? null }, ...others]
    return JSON.stringify({ ...page, next: null, total: 40, items: list })
  })
  const run = await runNow(harness, person.userId, [SAVED])
  const { rejected } = run.streams[SAVED] ?? {}
  const rejectedCount = Object.values(rejected as Record<string, number>).reduce((sum, count) => sum + count, 0)
  expect(run.streams[SAVED]).toMatchObject({
    state: 'succeeded',
    items: 40,
    duplicates: 1,
    rowsNew: 39 - rejectedCount,
  })
  const detail = await runDetail({ id: person.userId, isAdmin: false }, run.id)
  expect([detail.totals.duplicates, detail.streams[0]?.duplicates]).toEqual([1, 1])
})

test('keeps links and pictures that are not https out of tables and charts', async ({ harness }) => {
  const person = await someone(harness)
  const script = 'javascript:alert(1)'
  await respondWith(
    harness,
    person,
    '/me/top/tracks?limit=50&time_range=short_term',
    editItem(0, (item) => ({
      ...item,
      external_urls: { spotify: script, other: script },
      href: script,
      preview_url: 'data:text/html,x',
      album: { ...(item.album as Fields), images: [{ url: script, width: 300, height: 300 }] },
    })),
  )
  expect((await runNow(harness, person.userId, [TOP])).streams[TOP]).toMatchObject({ state: 'succeeded', rowsNew: 50 })
  expect(JSON.stringify(await harness.tableRows(person.userId, TOP))).not.toMatch(/javascript:|data:text/)
  expect(await landedText(person, TOP)).toContain(script)

  const { rows } = await queryChart(person.userId, 'top-tracks', { range: 'short' })
  expect(rows[0]).toMatchObject({ rank: 1, url: null, artwork: null })
  expect(rows[1]).toMatchObject({ url: expect.stringMatching(/^https:/), artwork: expect.stringMatching(/^http/) })
})
