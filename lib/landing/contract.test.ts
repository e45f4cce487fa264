import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { everyLanding, type TestLanding } from '#testing/s3/test-landing.ts'
import type { Landing } from './landing.ts'

const PAGE = 'raw_data/to_process/saved_tracks/listener-1/read-1/0.json.gz'
const PROCESSED = PAGE.replace('to_process', 'processed')
const BODY = JSON.stringify({ items: [{ name: 'Ünïcode 🎧' }], total: 1 })
const DAMAGED = { recovery: 'stop', message: 'A stored response from Spotify is damaged', context: { damaged: true } }
const MISSING = {
  recovery: 'stop',
  message: 'A stored response from Spotify is missing',
  remedy: expect.stringContaining('Re-run'),
  context: { damaged: true },
}

describe.for(Object.entries(everyLanding))('%s as the landing zone', ([, open]) => {
  let opened: TestLanding
  let landing: Landing
  beforeEach(async () => {
    opened = await open()
    landing = opened.landing
  })
  afterEach(() => opened.stop())

  async function paths(prefix: string): Promise<string[]> {
    const found: string[] = []
    for await (const page of landing.list(prefix)) found.push(...page)
    return found.sort()
  }

  test('get returns what put stored last', async () => {
    await landing.put(PAGE, '{"first":1}')
    const { bytes, etag } = await landing.put(PAGE, BODY)
    expect(bytes).toBe(gzipSync(BODY).length)
    expect(await landing.get(PAGE, etag)).toBe(BODY)
    expect(await landing.get(PAGE)).toBe(BODY)
    expect(await paths('')).toEqual([PAGE])
  })

  test('bytes come back as they are', async () => {
    const bytes = Buffer.from([0, 1, 2, 255])
    await landing.putBytes('raw_data/packed/a.pack', bytes)
    expect(await landing.getBytes('raw_data/packed/a.pack')).toEqual(bytes)
    await expect(landing.getBytes('raw_data/packed/b.pack')).rejects.toMatchObject(MISSING)
  })

  test('a missing object is reported with a remedy', async () => {
    await landing.put('another.json.gz', BODY)
    await expect(landing.get(PAGE)).rejects.toMatchObject(MISSING)
    expect(await landing.moveMany([{ from: PAGE, to: PROCESSED }])).toMatchObject([{ failure: MISSING }])
  })

  test.for([
    ['truncated', gzipSync(BODY).subarray(0, -5)],
    ['without gzip', Buffer.from(BODY)],
    ['that is not JSON', gzipSync('<html>')],
    ['with a flipped bit', flip(gzipSync(BODY))],
  ] as const)('an object %s is reported', async ([, bytes]) => {
    await landing.put(PAGE, BODY)
    await opened.overwrite(PAGE, bytes)
    await expect(landing.get(PAGE)).rejects.toMatchObject(DAMAGED)
  })

  test('refuses to unpack or store more than 32 MB', async () => {
    await landing.put(PAGE, BODY)
    await opened.overwrite(PAGE, gzipSync(Buffer.alloc(40 * 1024 * 1024)))
    const refused = { recovery: 'stop', message: expect.stringContaining('32 MB') }
    await expect(landing.get(PAGE)).rejects.toMatchObject(refused)
    const large = JSON.stringify('x'.repeat(33 * 1024 * 1024))
    await expect(landing.put('large.json.gz', large)).rejects.toMatchObject(refused)
    expect(await paths('large')).toEqual([])
  })

  test.for(['../outside.json.gz', 'a/../../outside.json.gz', '/tmp/outside.json.gz', 'a\0b', '..'])(
    'refuses the path %j',
    async (path) => {
      for (const work of [
        () => landing.put(path, BODY),
        () => landing.get(path),
        () => landing.remove(path),
        () => landing.moveMany([{ from: path, to: PAGE }]),
        () => landing.moveMany([{ from: PAGE, to: path }]),
        () => landing.removeAll(path),
        () => paths(path),
      ])
        await expect(work()).rejects.toMatchObject({ message: 'A path leads out of the landing zone' })
    },
  )

  test('moves objects; those that have been moved already are no problem, and missing ones do not stop the others', async () => {
    await landing.put(PAGE, BODY)
    await landing.put('another.json.gz', BODY)
    const moves = [
      { from: PAGE, to: PROCESSED },
      { from: 'nowhere.json.gz', to: 'elsewhere.json.gz' },
      { from: 'another.json.gz', to: 'b/another.json.gz' },
    ]
    const [first, missing, other] = await landing.moveMany(moves)
    expect(first).toHaveProperty('etag')
    expect(other).toHaveProperty('etag')
    expect(missing).toMatchObject({ failure: MISSING })
    expect(await landing.moveMany(moves.slice(0, 1))).toEqual([first])
    expect(await landing.get(PROCESSED, first && 'etag' in first ? first.etag : null)).toBe(BODY)
    expect(await paths('')).toEqual(['b/another.json.gz', PROCESSED])
  })

  test('puts, moves and removes in one folder do not disturb each other', async () => {
    const names = Array.from({ length: 40 }, (_, i) => PAGE.replace('0.json', `${i}.json`))
    await Promise.all(
      names.map(async (name, i) => {
        await landing.put(name, BODY)
        if (i % 2) await landing.remove(name)
        else await landing.moveMany([{ from: name, to: `done/${i}.json.gz` }])
      }),
    )
    expect(await paths('')).toHaveLength(20)
    expect(await paths('raw_data')).toEqual([])
  })

  test('removes objects, and everything below a prefix and nothing beside it', async () => {
    for (const path of ['a/1.json.gz', 'a/b/2.json.gz', 'a/3.json.gz', 'ab/3.json.gz']) await landing.put(path, BODY)
    await landing.remove('a/3.json.gz', 'a/4.json.gz')
    await landing.remove('a/3.json.gz')
    expect(await landing.removeAll('a')).toEqual({ objects: 2, versions: 0 })
    expect(await landing.removeAll('a')).toEqual({ objects: 0, versions: 0 })
    expect(await paths('')).toEqual(['ab/3.json.gz'])
  })

  test('files of others are listed and copied, unless they change meanwhile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tracklake-arrived-'))
    const path = 'uploads/to_process/listener-1/charts & more.csv'
    await landing.putBytes(path, Buffer.from('rank,uri'))
    const files = []
    for await (const page of landing.listFiles('uploads/to_process')) files.push(...page)
    expect(files).toMatchObject([{ path, bytes: 8 }])
    const [file] = files
    if (!file) throw new Error('No file was listed.')
    await landing.download(file, join(folder, '0'))
    expect(await readFile(join(folder, '0'), 'utf8')).toBe('rank,uri')
    await landing.putBytes(path, Buffer.from('rank,uri,other'))
    const changed = { recovery: 'stop', message: 'An uploaded file was changed while it was read' }
    await expect(landing.download(file, join(folder, '1'))).rejects.toMatchObject(changed)
    const move = { from: path, to: 'uploads/processed/charts.csv', etag: file.etag }
    expect(await landing.moveMany([move])).toMatchObject([{ failure: changed }])
    expect(await paths('uploads')).toEqual([path])
    await expect(readFile(join(folder, '1'))).rejects.toMatchObject({ code: 'ENOENT' })
    await rm(folder, { recursive: true })
  })
})

function flip(bytes: Buffer): Buffer {
  const at = bytes.length - 10
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
