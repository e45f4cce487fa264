import { mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderLanding } from './folder.ts'
import type { Landing } from './landing.ts'

const PAGE = 'raw_data/to_process/saved_tracks/listener-1/read-1/0.json.gz'
const BODY = JSON.stringify({ items: [{ name: 'Ünïcode 🎧' }], total: 1 })

let root: string
let landing: Landing

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'tracklake-landing-')), 'landing')
  landing = folderLanding(root)
})
afterEach(() => rm(join(root, '..'), { recursive: true, force: true }))

async function paths(prefix: string): Promise<string[]> {
  const found: string[] = []
  for await (const page of landing.list(prefix)) found.push(...page)
  return found.sort()
}

test('get returns what put stored, compressed on disk and readable by its owner only', async () => {
  const bytes = await landing.put(PAGE, BODY)
  expect(await landing.get(PAGE)).toBe(BODY)
  const found = await stat(join(root, PAGE))
  expect(found.size).toBe(bytes)
  expect(found.mode & 0o777).toBe(0o600)
  expect((await stat(join(root, PAGE, '..'))).mode & 0o777).toBe(0o700)
})

test('a second put replaces the first and leaves nothing beside it', async () => {
  await landing.put(PAGE, '{"first":1}')
  await landing.put(PAGE, BODY)
  expect(await landing.get(PAGE)).toBe(BODY)
  expect(await readdir(join(root, PAGE, '..'))).toEqual(['0.json.gz'])
})

describe('get', () => {
  test('waits if the folder is missing, because the object may still exist', async () => {
    await expect(landing.get(PAGE)).rejects.toMatchObject({
      recovery: 'wait',
      message: 'The landing folder is missing',
    })
  })

  test('reports a missing object with a remedy', async () => {
    await landing.put('another.json.gz', BODY)
    await expect(landing.get(PAGE)).rejects.toMatchObject({
      recovery: 'stop',
      message: 'A stored response from Spotify is missing',
      remedy: expect.stringContaining('Re-run'),
    })
  })

  test('reports a truncated object', async () => {
    const bytes = await landing.put(PAGE, BODY)
    await truncate(join(root, PAGE), bytes - 5)
    await expect(landing.get(PAGE)).rejects.toMatchObject({
      recovery: 'stop',
      message: 'A stored response from Spotify is damaged',
    })
  })

  test.for([
    ['without gzip', Buffer.from(BODY)],
    ['that is not JSON', gzipSync('<html>')],
    ['with a flipped bit', flip(gzipSync(BODY))],
  ] as const)('reports an object %s', async ([, bytes]) => {
    await landing.put(PAGE, BODY)
    await writeFile(join(root, PAGE), bytes)
    await expect(landing.get(PAGE)).rejects.toMatchObject({
      recovery: 'stop',
      message: 'A stored response from Spotify is damaged',
    })
  })

  test('refuses to unpack an object of more than 32 MB', async () => {
    await landing.put(PAGE, BODY)
    await writeFile(join(root, PAGE), gzipSync(Buffer.alloc(40 * 1024 * 1024)))
    await expect(landing.get(PAGE)).rejects.toMatchObject({
      recovery: 'stop',
      message: expect.stringContaining('32 MB'),
    })
  })
})

test('put refuses more than 32 MB', async () => {
  const large = JSON.stringify('x'.repeat(33 * 1024 * 1024))
  await expect(landing.put(PAGE, large)).rejects.toMatchObject({ recovery: 'stop' })
  expect(await paths('raw_data')).toEqual([])
})

test.for(['../outside.json.gz', 'a/../../outside.json.gz', '/tmp/outside.json.gz', 'a\0b', '..'])(
  'refuses the path %j',
  async (path) => {
    for (const work of [
      () => landing.put(path, BODY),
      () => landing.get(path),
      () => landing.remove(path),
      () => landing.move(path, PAGE),
      () => landing.move(PAGE, path),
      () => landing.removeAll(path),
      () => paths(path),
    ])
      await expect(work()).rejects.toMatchObject({ message: 'A path leads out of the landing folder' })
  },
)

test('moves an object; moving it again is not an error, but a missing one is', async () => {
  const processed = PAGE.replace('to_process', 'processed')
  await landing.put(PAGE, BODY)
  await landing.move(PAGE, processed)
  await landing.move(PAGE, processed)
  expect(await landing.get(processed)).toBe(BODY)
  expect(await paths('')).toEqual([processed])
  await expect(landing.move(PAGE, 'elsewhere.json.gz')).rejects.toMatchObject({
    message: 'A stored response from Spotify is missing',
  })
})

test('a move waits if the folder is missing, and does not create the folder', async () => {
  const move = () => landing.move(PAGE, PAGE.replace('to_process', 'processed'))
  await expect(move()).rejects.toMatchObject({ recovery: 'wait', message: 'The landing folder is missing' })
  await expect(stat(root)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('puts and removes in one folder do not disturb each other', async () => {
  const names = Array.from({ length: 40 }, (_, i) => PAGE.replace('0.json', `${i}.json`))
  await Promise.all(
    names.map(async (name, i) => {
      await landing.put(name, BODY)
      if (i % 2) await landing.remove(name)
      else await landing.move(name, `done/${i}.json.gz`)
    }),
  )
  expect(await paths('')).toHaveLength(20)
  expect(await readdir(join(root, 'raw_data/to_process/saved_tracks/listener-1'))).toEqual([])
})

test('removing an object twice is not an error', async () => {
  await landing.put(PAGE, BODY)
  await landing.remove(PAGE)
  await landing.remove(PAGE)
  expect(await paths('')).toEqual([])
})

test('lists in pages of at most 1000, without objects that are still being written', async () => {
  await landing.put('a/first.json.gz', BODY)
  const compressed = await readFile(join(root, 'a/first.json.gz'))
  for (let i = 0; i < 1100; i++) await writeFile(join(root, `a/${i}.json.gz`), compressed)
  await writeFile(join(root, 'a/2000.json.gz.half.unfinished'), 'half')
  const sizes: number[] = []
  for await (const page of landing.list('a')) sizes.push(page.length)
  expect(sizes).toEqual([1000, 101])
  expect(await paths('b')).toEqual([])
})

test('removes everything below a prefix and nothing beside it', async () => {
  await landing.put('a/1.json.gz', BODY)
  await landing.put('a/b/2.json.gz', BODY)
  await landing.put('ab/3.json.gz', BODY)
  expect(await landing.removeAll('a')).toBe(2)
  expect(await landing.removeAll('a')).toBe(0)
  expect(await paths('')).toEqual(['ab/3.json.gz'])
})

test('does not follow a link out of the folder when it lists or removes', async () => {
  const outside = join(root, '..', 'outside')
  await folderLanding(outside).put('keep.json.gz', BODY)
  await landing.put('a/1.json.gz', BODY)
  await symlink(outside, join(root, 'a', 'link'))
  await landing.removeAll('a')
  expect(await folderLanding(outside).get('keep.json.gz')).toBe(BODY)
})

test('reports an unusable folder with a remedy', async () => {
  await writeFile(root, 'a file where the folder should be')
  await expect(landing.put(PAGE, BODY)).rejects.toMatchObject({
    recovery: 'wait',
    remedy: expect.stringContaining('permission'),
  })
})

function flip(bytes: Buffer): Buffer {
  const at = bytes.length - 10
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
