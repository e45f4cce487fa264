import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MemberProblem } from '#lib/api/lists.ts'
import { plantedIn } from '#testing/exports/planted.ts'
import { accountRow, extendedRow, madePlays, OLD_KEYS, seeded } from '#testing/exports/spotify.ts'
import { chartCsv, lastfmCsv, listenOf } from '#testing/exports/trackers.ts'
import { type ZipMember, zipOf } from '#testing/exports/zip.ts'
import type { ReaderMessage } from './messages.ts'
import { type Limits, type ReaderJob, readFiles } from './read-files.ts'

/** Files that are damaged, hostile or something else. They are read here as the reading process reads them. */

const NOW = Date.UTC(2026, 10, 30)
const NAME = 'Spotify Extended Streaming History/Streaming_History_Audio_2020_3.json'
const plays = [...madePlays({ plays: 300, from: Date.UTC(2019, 0, 1), until: Date.UTC(2021, 0, 1) })]
const rows = plays.map((play) => extendedRow(play, OLD_KEYS))
const history = JSON.stringify(rows)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(files: Record<string, string | Buffer>, job: Partial<ReaderJob> = {}, limits?: Limits) {
  const spooled = Object.entries(files).map(([name, content], index) => {
    const path = join(folder, String(index))
    writeFileSync(path, content)
    return { path, name }
  })
  const messages: ReaderMessage[] = []
  const reading = readFiles({ answers: {}, skip: [], now: NOW, ...job, files: spooled }, limits)
  for await (const one of reading) messages.push(one)
  expect(plantedIn(JSON.stringify(messages))).toEqual([])
  return messages
}

const readZip = (...members: ZipMember[]) => read({ 'my_spotify_data.zip': zipOf(members) })

const good: ZipMember = { name: 'good.json', content: JSON.stringify(rows.slice(0, 5)) }

const itemsOf = (messages: ReaderMessage[]) =>
  messages.flatMap((one) => (one.type === 'page' ? (one.page.items as unknown as Record<string, unknown>[]) : []))

const problemsOf = (messages: ReaderMessage[]) =>
  messages.flatMap((one) => (one.type === 'member' && one.problem ? [[one.name, one.problem]] : []))

const rejectedOf = (messages: ReaderMessage[]) => {
  const [done] = messages.filter((one) => one.type === 'member-done')
  return done?.type === 'member-done' ? done.rejected : undefined
}

describe('a zip', () => {
  const zip = zipOf([{ name: NAME, content: history }, good])
  test.each<[string, Buffer | string, MemberProblem]>([
    ['that is none', 'once upon a time', 'not-a-zip'],
    ['of which the end is missing', zip.subarray(0, zip.length - 30), 'truncated-zip'],
    ['of which half is missing', zip.subarray(0, zip.length / 2), 'truncated-zip'],
    ['without members', zipOf([]), 'empty-zip'],
    ['that is a gzip', gzipSync(history), 'other-archive'],
  ])('%s is refused', async (_what, content, problem) => {
    const messages = await read({ 'my_spotify_data.zip': content })
    expect(problemsOf(messages)).toEqual([['my_spotify_data.zip', problem]])
    expect(messages.at(-1)).toEqual({ type: 'done', unlisted: 0 })
  })

  test('with a damaged directory is refused, and what was found before is read', async () => {
    const damaged = Buffer.from(zip)
    damaged.writeUInt32LE(0xdeadbeef, zip.lastIndexOf(Buffer.from('PK\x01\x02')))
    const messages = await read({ 'my_spotify_data.zip': damaged })
    expect(problemsOf(messages)).toEqual([['my_spotify_data.zip', 'damaged-zip']])
    expect(itemsOf(messages)).toHaveLength(300)
  })

  test.each<[string, Partial<ZipMember>, MemberProblem]>([
    ['protected by a password', { claims: { encrypted: true } }, 'encrypted'],
    ['compressed in another way', { claims: { method: 12 } }, 'unknown-compression'],
    ['with a climbing name', { name: '../../etc/cron.d/history.json' }, 'unsafe-name'],
    ['with an absolute name', { name: '/etc/cron.d/history.json' }, 'unsafe-name'],
    ['with a name for Windows', { name: 'C:\\history.json' }, 'unsafe-name'],
    ['that is a zip', { name: 'inner.zip', content: zip }, 'nested-zip'],
    ['that is a zip with another name', { name: 'inner.json', content: zip }, 'nested-zip'],
    ['smaller than the directory says', { claims: { size: history.length + 1 } }, 'damaged'],
    ['larger than the directory says', { claims: { size: 1_000 } }, 'damaged'],
    ['that the directory calls larger than 64 MB', { claims: { size: 70_000_000 } }, 'too-large'],
    ['without content', { content: '' }, 'empty'],
  ])('keeps its other members if one is %s', async (_what, member, problem) => {
    const messages = await readZip({ name: NAME, content: history, ...member }, good)
    expect(problemsOf(messages)).toEqual([[(member.name ?? NAME).replaceAll('\\', '/'), problem]])
    expect(itemsOf(messages)).toHaveLength(5)
  })

  test('with a changed byte is caught by its checksum', async () => {
    const stored = zipOf([{ name: NAME, content: history, stored: true }, good])
    stored.write('X', stored.indexOf('Song'))
    const messages = await read({ 'my_spotify_data.zip': stored })
    expect(problemsOf(messages)).toEqual([[NAME, 'damaged']])
    expect(itemsOf(messages)).toHaveLength(5)
  })

  test('of 10,000 members is looked through; the first 500 that are not read are named', async () => {
    const clutter = Array.from({ length: 10_000 }, (_, at) => ({
      name: `log/${at}.json`,
      content: '{"a":1}',
      stored: true,
    }))
    const messages = await readZip(...clutter, good)
    expect(problemsOf(messages)).toHaveLength(500)
    expect(messages.at(-1)).toEqual({ type: 'done', unlisted: 9_500 })
    expect(itemsOf(messages)).toHaveLength(5)
  })

  test('of more than 20,000 members is refused', async () => {
    const clutter = Array.from({ length: 20_001 }, (_, at) => ({ name: `${at}`, content: '', stored: true }))
    expect(problemsOf(await readZip(...clutter))).toEqual([['my_spotify_data.zip', 'too-many-members']])
  })

  test('of more than 200 histories keeps the first 200', async () => {
    const many = Array.from({ length: 203 }, (_, at) => ({ ...good, name: `${at}.json` }))
    const messages = await readZip(...many)
    expect(problemsOf(messages)).toEqual(['200.json', '201.json', '202.json'].map((name) => [name, 'too-many-files']))
    expect(itemsOf(messages)).toHaveLength(1_000)
  })

  test('of more than its bytes allow keeps what fits', async () => {
    const many = zipOf(Array.from({ length: 5 }, (_, at) => ({ ...good, name: `${at}.json` })))
    const messages = await read({ 'my_spotify_data.zip': many }, {}, { maxTotalBytes: 3.5 * good.content.length })
    expect(problemsOf(messages)).toEqual(['3.json', '4.json'].map((name) => [name, 'too-much']))
    expect(itemsOf(messages)).toHaveLength(15)
  })

  test('keeps its other members if one has more rows than fit its pages', async () => {
    const name = 'regional-global-weekly-2026-11-26.csv'
    const chart = (ranks: number) =>
      ['rank,track_name,artist_names,peak_rank', ...Array.from({ length: ranks }, (_, at) => `${at + 1},a`)].join('\n')
    const zipWith = (ranks: number) => ({ 'my_spotify_data.zip': zipOf([{ name, content: chart(ranks) }, good]) })
    const full = await read(zipWith(10_000), {}, { maxPages: 2 })
    expect(problemsOf(full)).toEqual([])
    expect(itemsOf(full)).toHaveLength(10_005)
    const over = await read(zipWith(10_000), {}, { maxPages: 1 })
    expect(problemsOf(over)).toEqual([[name, 'too-many-rows']])
    expect(over.flatMap((one) => (one.type === 'page' ? [one.number] : []))).toEqual([0, 0])
    expect(over.at(-1)).toEqual({ type: 'done', unlisted: 0 })
  })

  test('with names that no store can hold gets replacement characters', async () => {
    const messages = await readZip({ ...good, name: 'go\0od.json' })
    expect(messages[0]).toMatchObject({ name: 'go\ufffdod.json', state: 'reading' })
  })

  test('made on a Mac has only its own files', async () => {
    const messages = await readZip({ ...good, name: '__MACOSX/._good.json' }, { ...good, name: '.DS_Store' }, good)
    expect(messages.filter(({ type }) => type === 'member')).toHaveLength(1)
  })

  test('that unpacks to a thousand times its size is refused by the directory, and by the bytes if that lies', async () => {
    const bomb = Buffer.alloc(100_000_000, ' ')
    bomb.write(`[${JSON.stringify(rows[0])}`)
    bomb.write(']', bomb.length - 1)
    expect(bomb.length / zipOf([{ name: NAME, content: bomb }]).length).toBeGreaterThan(900)
    expect(problemsOf(await readZip({ name: NAME, content: bomb }))).toEqual([[NAME, 'too-large']])
    const lie = await readZip({ name: NAME, content: bomb, claims: { size: 20_000 } }, good)
    expect(problemsOf(lie)).toEqual([[NAME, 'damaged']])
    expect(itemsOf(lie)).toHaveLength(5)
  })
})

describe('JSON', () => {
  test('that is truncated is refused before any of it is read', async () => {
    for (const cut of [history.length - 1, history.length - 2, history.length / 2, 70_000].map(Math.floor)) {
      const messages = await readZip({ name: NAME, content: history.slice(0, cut) }, good)
      expect(problemsOf(messages)).toEqual([[NAME, 'cut-off']])
      expect(messages.find((one) => one.type === 'member' && one.problem)).toMatchObject({
        kind: 'spotify-extended',
        state: 'refused',
      })
      expect(itemsOf(messages)).toHaveLength(5)
    }
  })

  test.each([
    ['an object', '{"plays": 5}'],
    ['a number', '5'],
    ['an empty list', '[]'],
    ['a list of numbers', '[1, 2, 3]'],
    ['nested a million times', '['.repeat(1_000_000)],
    ['text', 'once upon a time\nthere was, an app'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ])('that is %s is no history', async (_what, content) => {
    const messages = await readZip({ name: NAME, content })
    expect(problemsOf(messages)).toEqual([[NAME, 'unrecognized']])
    expect(messages.find((one) => one.type === 'member')).toMatchObject({ kind: null, state: 'skipped' })
  })

  test.each([
    ['a byte order mark', Buffer.from(`\ufeff${history}`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${history}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${history}`, 'utf16le').swap16()],
    ['spaces before and after', Buffer.from(`\n\n  ${history}  \r\n`)],
    ['a comma too many', Buffer.from(`${history.slice(0, -1)},]`)],
    ['line breaks', Buffer.from(JSON.stringify(rows, null, 2))],
    ['one record per line', Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))],
  ])('with %s is read', async (_what, content) => {
    expect(itemsOf(await readZip({ name: NAME, content }))).toHaveLength(300)
  })

  test('in Latin-1 is refused if it is CSV, wherever its first accent is, and was not read before', async () => {
    const csv = (accentAt: number) =>
      Buffer.from(
        `uts,utc_time,artist,track\n${Array.from({ length: 4_000 }, (_, at) => `${1_500_000_000 + 300 * at},,Pebble,${at === accentAt ? 'Café' : 'Low Tide'}`).join('\n')}`,
      )
    for (const accentAt of [0, 3_999]) {
      const latin1 = Buffer.from(csv(accentAt).toString(), 'latin1')
      expect(problemsOf(await read({ 'plays.csv': latin1 }))).toEqual([['plays.csv', 'unknown-encoding']])
      expect(itemsOf(await read({ 'plays.csv': csv(accentAt) }))).toHaveLength(4_000)
    }
  })

  test('in UTF-16 without a mark is refused', async () => {
    const messages = await readZip({ name: NAME, content: Buffer.from(history, 'utf16le') })
    expect(problemsOf(messages)).toEqual([[NAME, 'unknown-encoding']])
  })

  test('with broken records loses only those', async () => {
    const broken = [
      JSON.stringify(rows[0]),
      '{"ts": "2020-01-01T00:00:00Z", "ms_played": nothing}',
      'null',
      '5',
      '[]',
      '{}',
      `{"ts": "2020-01-01T00:00:00Z", "ms_played": 1, "master_metadata_track_name": "a\0b"}`,
      JSON.stringify({ ...rows[1], master_metadata_track_name: 'brackets ]}],"\\" {[' }),
    ]
    const messages = await readZip({ name: NAME, content: `[${broken.join(',')}]` })
    expect(itemsOf(messages)).toHaveLength(2)
    expect(itemsOf(messages)[1]).toMatchObject({ track: 'brackets ]}],"\\" {[' })
    expect(rejectedOf(messages)).toEqual({ 'not a record': 5, 'no time': 1 })
    expect(messages.flatMap((one) => (one.type === 'rejected' ? [one.row] : []))).toEqual([2, 3, 4, 5, 6, 7])
  })

  test('with nulls, unknown fields and numbers as text is read as far as it says something', async () => {
    const nulls = Object.fromEntries(Object.keys(rows[0] ?? {}).map((key) => [key, null]))
    const odd = [
      { ...nulls, ts: rows[0]?.ts, ms_played: '31000', master_metadata_track_name: 'Low Tide' },
      { ...rows[0], surprise: { ip_addr: '203.0.113.77' }, another: ['planted-pebble-fan'] },
      nulls,
    ]
    const messages = await readZip({ name: NAME, content: JSON.stringify(odd) })
    expect(itemsOf(messages)[0]).toMatchObject({ msPlayed: 31_000, track: 'Low Tide', uri: null, private: null })
    expect(itemsOf(messages)).toHaveLength(2)
    expect(rejectedOf(messages)).toEqual({ 'no time': 1 })
  })

  test('with lone surrogates and NUL in names gets replacement characters', async () => {
    const name = JSON.stringify({ ...rows[0], master_metadata_track_name: 'X' }).replace('"X"', '"a\\ud800b\\u0000c"')
    expect(itemsOf(await readZip({ name: NAME, content: `[${name}]` }))[0]).toMatchObject({ track: 'a\ufffdb\ufffdc' })
  })

  test('with a record of a million brackets loses that one', async () => {
    const nested = `{"ts": ${'['.repeat(1_500_000)}${']'.repeat(1_500_000)}}`
    const messages = await readZip({
      name: NAME,
      content: `[${JSON.stringify(rows[0])},${nested},${JSON.stringify(rows[1])}]`,
    })
    expect(itemsOf(messages)).toHaveLength(2)
    expect(rejectedOf(messages)).toEqual({ 'not a record': 1 })
  })
})

test('a file that is uploaded twice under two names is read twice', async () => {
  expect(itemsOf(await read({ 'one.json': history, 'two.json': history }))).toHaveLength(600)
})

test('a zip without history names each member as unrecognized', async () => {
  const messages = await readZip(
    { name: 'MyData/Userdata.json', content: '{"username": "planted-pebble-fan"}' },
    { name: 'MyData/YourLibrary.json', content: '{"tracks": []}' },
    { name: 'MyData/Notes.json', content: '{"notes": []}' },
  )
  expect(problemsOf(messages).map(([, problem]) => problem)).toEqual(['never-opened', 'never-opened', 'unrecognized'])
  expect(messages.at(-1)?.type).toBe('done')
})

test('only the first 10,000 rejected rows are named, and all are counted', async () => {
  const content = `[${JSON.stringify(rows[0])}${',{}'.repeat(25_000)}]`
  const messages = await readZip({ name: NAME, content })
  expect(messages.filter(({ type }) => type === 'rejected')).toHaveLength(10_000)
  expect(messages.find(({ type }) => type === 'member-done')).toMatchObject({
    read: 25_001,
    rejected: { 'no time': 25_000 },
  })
})

/** Every message of a reading fits together. */
function expectSound(messages: ReaderMessage[]): void {
  const last = messages.at(-1)?.type
  expect(last === 'done' || last === 'question').toBe(true)
  for (const done of messages) {
    if (done.type !== 'member-done') continue
    const pages = messages.filter((one) => one.type === 'page' && one.position === done.position)
    const rejected = Object.values(done.rejected).reduce((sum, count) => sum + count, 0)
    expect(done.read).toBe(itemsOf(pages).length + rejected)
  }
}

/** Flips, cuts or repeats something. */
function damaged(bytes: Buffer, random: () => number): Buffer {
  const at = () => Math.floor(random() * bytes.length)
  const copy = Buffer.from(bytes)
  const how = random()
  if (how < 0.3) return copy.subarray(0, at())
  if (how < 0.5) {
    const from = at()
    return Buffer.concat([copy.subarray(0, from), copy.subarray(Math.min(bytes.length, from + at()))])
  }
  const flips = how < 0.8 ? 1 : 40
  for (let count = 0; count < flips; count++) copy[at()] = Math.floor(random() * 256)
  return copy
}

test('whatever is damaged, reading ends cleanly and no planted data gets out', async () => {
  const random = seeded(7)
  const few = plays.slice(0, 40)
  const originals: Record<string, Buffer> = {
    'extended.json': Buffer.from(
      JSON.stringify(
        few.map((play) => extendedRow(play, OLD_KEYS)),
        null,
        2,
      ),
    ),
    'account.json': Buffer.from(JSON.stringify(few.map(accountRow))),
    'listens.jsonl': Buffer.from(few.map((play) => JSON.stringify(listenOf(play))).join('\n')),
    'lastfm.csv': Buffer.from(lastfmCsv(few)),
    'regional-global-weekly-2026-11-26.csv': Buffer.from(chartCsv(40)),
  }
  const zip = zipOf(Object.entries(originals).map(([name, content]) => ({ name, content })))
  const answers = { zone: 'Europe/Berlin' }
  for (let round = 0; round < 150; round++) {
    const files = Object.entries(originals).map(([name, content]) => [name, damaged(content, random)])
    expectSound(await read({ ...Object.fromEntries(files), 'export.zip': damaged(zip, random) }, { answers }))
  }
  for (let round = 0; round < 50; round++) {
    const noise = Buffer.from(Array.from({ length: 2_000 }, () => Math.floor(random() * 256)))
    expectSound(await read({ 'noise.json': noise, 'noise.zip': Buffer.concat([Buffer.from('PK\x03\x04'), noise]) }))
  }
})
