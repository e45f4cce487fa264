import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plantedIn } from '#testing/exports/planted.ts'
import { madePlays } from '#testing/exports/spotify.ts'
import { recentlyPlayedCsv, yourSpotifyInfos } from '#testing/exports/trackers.ts'
import type { Answers, ReaderMessage } from '../messages.ts'
import { readFiles } from '../read-files.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'recently-played-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(content: string, answers: Answers = {}): Promise<ReaderMessage[]> {
  const path = join(folder, 'file')
  writeFileSync(path, content)
  const job = { answers, skip: [], now: Date.UTC(2026, 10, 30), files: [{ path, name: 'plays' }] }
  const messages: ReaderMessage[] = []
  for await (const one of readFiles(job)) messages.push(one)
  expect(plantedIn(JSON.stringify(messages))).toEqual([])
  return messages
}

const kindOf = (messages: ReaderMessage[]) => messages.flatMap((one) => (one.type === 'member' ? [one.kind] : []))
const pagesOf = (messages: ReaderMessage[]) => messages.flatMap((one) => (one.type === 'page' ? [one.page] : []))
const itemsOf = (messages: ReaderMessage[]) => pagesOf(messages).flatMap(({ items }) => items as object[])

const ID = 'Made000000000000000007'
const URI = `spotify:track:${ID}`
const AT = '2020-05-01T20:03:04.000Z'

test.each([
  ['a name that says UTC', `played_at_utc,song,artist\n2020-05-01 20:03:04,Low Tide,Pebble\n`, null],
  ['a time of PostgreSQL', `played_at,track_id,name\n2020-05-01 22:03:04.000123+02,${ID},Low Tide\n`, URI],
  ['half an hour', `played_at;track_uri\n2020-05-02 01:33:04+05:30;${URI}\n`, URI],
  ['names of JavaScript', `playedAt,trackName,artistName\n2020-05-01T20:03:04Z,Low Tide,Pebble\n`, null],
  ['seconds', `timestamp,spotify_id,title\n1588363384,${ID},Low Tide\n`, URI],
  ['a key of its own', `id,played_at,track_uri\n42,2020-05-01T20:03:04Z,${URI}\n`, URI],
])('a CSV with %s is what another program recorded from Spotify', async (_what, content, uri) => {
  const messages = await read(content)
  expect(kindOf(messages)).toEqual(['recently-played'])
  expect(pagesOf(messages)).toEqual([
    { source: 'recently-played', items: [expect.objectContaining({ playedAt: AT, uri, msPlayed: null })] },
  ])
})

test.each([
  ['Spotify’s response', [{ played_at: AT, track: { id: ID, name: 'Low Tide', artists: [{ name: 'Pebble' }] } }]],
  ['rows', [{ playedAt: AT, trackId: ID, name: 'Low Tide', artist: 'Pebble', album: null }]],
  [
    'rows with a time that says UTC',
    [{ played_at_utc: '2020-05-01 20:03:04', track_uri: URI, song: 'Low Tide', artists: ['Pebble'] }],
  ],
  ['seconds', [{ played_at: 1_588_363_384, id: ID, track: 'Low Tide', artist: { name: 'Pebble' } }]],
  [
    'old dates of MongoDB',
    [{ played_at: { $date: { $numberLong: '1588363384000' } }, id: ID, track: 'Low Tide', artist: 'Pebble' }],
  ],
])('JSON with %s is read', async (_what, rows) => {
  const messages = await read(JSON.stringify(rows))
  expect(kindOf(messages)).toEqual(['recently-played'])
  expect(itemsOf(messages)).toEqual([
    expect.objectContaining({ playedAt: AT, uri: URI, track: 'Low Tide', artist: 'Pebble', msPlayed: null }),
  ])
})

const plays = [...madePlays({ plays: 6_000 })]

test('plays of your_spotify have ids, and nothing of its owner is read', async () => {
  const infos = plays.map(yourSpotifyInfos)
  for (const content of [infos.map((one) => JSON.stringify(one)).join('\n'), JSON.stringify(infos)]) {
    const messages = await read(content)
    expect(kindOf(messages)).toEqual(['recently-played'])
    expect(pagesOf(messages).map(({ items }) => items.length)).toEqual([5_000, 1_000])
    expect(itemsOf(messages)[0]).toEqual({
      playedAt: new Date(plays[0]?.at ?? 0).toISOString(),
      msPlayed: null,
      kind: 'song',
      uri: infos[0] && `spotify:track:${infos[0].id}`,
      track: null,
      artist: null,
      album: null,
      skipped: null,
      private: null,
      offline: null,
      reasonStart: null,
      reasonEnd: null,
    })
  }
})

test.each([
  ['CSV', 'played_at,song,artist\n2020-05-01 16:03:04,Low Tide,Pebble\n'],
  ['JSON', JSON.stringify([{ played_at: '2020-05-01T16:03:04', song: 'Low Tide', artist: 'Pebble' }])],
])('times of %s without a zone are read once it is known', async (_what, content) => {
  expect((await read(content)).at(-1)).toEqual({ type: 'question', question: { kind: 'zone', file: 'plays' } })
  const answered = await read(content, { zone: 'America/New_York' })
  expect(itemsOf(answered)).toEqual([expect.objectContaining({ playedAt: AT })])
})

test.each([
  ['scrobbles', 'uts,artist,track\n1588363384,Pebble,Low Tide\n', 'lastfm'],
  [
    'scrobbles with ids of Spotify',
    `uts,date,artist,track,spotify_id\n1588363384,2020-05-01T20:03:04Z,Pebble,Low Tide,${ID}\n`,
    'lastfm',
  ],
  ['scrobbles with a date', 'date,artist,track\n2020-05-01T20:03:04Z,Pebble,Low Tide\n', 'lastfm'],
  ['a table without songs', 'played_at,player\n2020-05-01T20:03:04Z,anna\n', null],
  ['JSON without songs', JSON.stringify([{ played_at: AT, id: 42 }]), null],
])('%s are not taken for plays of Spotify', async (_what, content, kind) => {
  expect(kindOf(await read(content))).toEqual([kind])
})

test.each([
  [{ played_at: null, id: ID }, 'no time'],
  [{ played_at: { $date: 'soon' }, id: ID }, 'time not readable'],
  [{ played_at: '1999-05-01T20:03:04Z', id: ID }, 'before 2006'],
  [{ played_at: '2027-05-01T20:03:04Z', id: ID }, 'in the future'],
  [{ played_at: AT, id: 42, track: {} }, 'no name'],
])('a row %j is rejected', async (row, reason) => {
  const messages = await read(JSON.stringify([{ played_at: AT, id: ID }, row]))
  expect(messages.find(({ type }) => type === 'member-done')).toMatchObject({ read: 2, rejected: { [reason]: 1 } })
})

test('a table that a program wrote itself is read as a whole', async () => {
  const messages = await read(recentlyPlayedCsv(plays))
  expect(messages.find(({ type }) => type === 'member-done')).toMatchObject({ read: 6_000, rejected: {} })
})
