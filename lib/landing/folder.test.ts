import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

test('files are readable by their owner only, and nothing is left beside them', async () => {
  await landing.put(PAGE, '{"first":1}')
  const { bytes } = await landing.put(PAGE, BODY)
  const found = await stat(join(root, PAGE))
  expect(found.size).toBe(bytes)
  expect(found.mode & 0o777).toBe(0o600)
  expect((await stat(join(root, PAGE, '..'))).mode & 0o777).toBe(0o700)
  expect(await readdir(join(root, PAGE, '..'))).toEqual(['0.json.gz'])
  await landing.remove(PAGE)
  expect(await readdir(join(root, 'raw_data/to_process/saved_tracks/listener-1'))).toEqual([])
})

test('waits if the folder is missing, because the objects may still exist, and does not create it', async () => {
  const waits = { recovery: 'wait', message: 'The landing folder is missing' }
  await expect(landing.get(PAGE)).rejects.toMatchObject(waits)
  const moves = [{ from: PAGE, to: PAGE.replace('to_process', 'processed') }]
  expect(await landing.moveMany(moves)).toMatchObject([{ failure: waits }])
  await expect(stat(root)).rejects.toMatchObject({ code: 'ENOENT' })
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

test('does not follow a link out of the folder when it lists, reads or removes', async () => {
  const outside = join(root, '..', 'outside')
  await folderLanding(outside).put('keep.json.gz', BODY)
  await landing.put('a/1.json.gz', BODY)
  await symlink(outside, join(root, 'a', 'link'))
  await symlink(join(outside, 'keep.json.gz'), join(root, 'a', 'file'))
  for await (const files of landing.listFiles('a')) expect(files.map(({ path }) => path)).toEqual(['a/1.json.gz'])
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
