import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openPack, packWriter } from './pack.ts'

/** A page of a list in Spotify's way: much text for each item. */
function pageOf(items: number[]): string {
  const name = (item: number) => createHash('sha256').update(String(item)).digest('hex')
  return JSON.stringify({ items: items.map((item) => ({ id: item, name: name(item), folded: name(-item) })) })
}

function identitiesOf(items: number[]): Uint8Array {
  return Buffer.concat(
    items.map((item) => {
      const bytes = Buffer.alloc(8)
      bytes.writeUInt32LE(item)
      return bytes
    }),
  )
}

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)

/** Thirty polls of the last 50 plays, of which five are new each time. */
const POLLS = numbers(0, 30).map((poll) => numbers(poll * 5, 50))

async function packOf(lists: number[][], existing?: Buffer, known: number[][] = []) {
  const writer = await packWriter(existing, known.map(identitiesOf))
  const sizes: number[] = []
  for (const items of lists) sizes.push((await writer.add(pageOf(items), identitiesOf(items))).bytes)
  return { file: await writer.file(), sizes }
}

test('every page comes back byte by byte, in any order', async () => {
  const pack = await openPack((await packOf(POLLS)).file)
  expect(pack.pages).toBe(30)
  for (const poll of [29, 0, 17, 3]) expect(await pack.text(poll)).toBe(pageOf(POLLS[poll] ?? []))
})

test('a page that shares most items with an earlier one takes a fraction of its size', async () => {
  const { sizes } = await packOf(POLLS)
  const [first = 0, ...others] = sizes
  expect(others.reduce((sum, size) => sum + size, 0) / others.length).toBeLessThan(first / 3)
})

test('a page whose items are spread over two earlier pages shrinks like one that did not move', async () => {
  const first = [numbers(0, 50), numbers(50, 50), numbers(100, 50)]
  const moved = [numbers(-20, 50), numbers(30, 50), numbers(80, 50)].map((items) => items.map((item) => item + 1000))
  const { sizes } = await packOf([...first.map((items) => items.map((item) => item + 1000)), ...moved])
  expect(sizes[4]).toBeLessThan((sizes[0] ?? 0) / 10)
})

test('a continued pack keeps its pages and makes use of them', async () => {
  const before = await packOf(POLLS.slice(0, 20))
  const after = await packOf(POLLS.slice(20), before.file, POLLS.slice(0, 20))
  const pack = await openPack(after.file)
  expect(pack.pages).toBe(30)
  for (const [poll, items] of POLLS.entries()) expect(await pack.text(poll)).toBe(pageOf(items))
  expect(after.sizes[0]).toBeLessThan((before.sizes[0] ?? 0) / 3)
})

test('odd texts come back too', async () => {
  const texts = ['null', '{}', JSON.stringify({ name: 'عمرو دياب 🎧 é\u0000' }), ' [1 ,2]\n']
  const writer = await packWriter()
  for (const text of texts) await writer.add(text, new Uint8Array())
  const pack = await openPack(await writer.file())
  for (const [page, text] of texts.entries()) expect(await pack.text(page)).toBe(text)
})

describe('reports as damaged', () => {
  test.for([
    ['a truncated file', (file: Buffer) => file.subarray(0, -3)],
    ['an empty file', () => Buffer.alloc(0)],
    ['a file of another kind', () => Buffer.from('{"items": []}')],
    ['a flipped bit of a page', (file: Buffer) => flipped(file, file.length - 40)],
    ['a flipped bit of the header', (file: Buffer) => flipped(file, 20)],
  ] as const)('%s', async ([, damage]) => {
    const { file } = await packOf(POLLS)
    const work = async () => (await openPack(damage(Buffer.from(file)))).text(29)
    await expect(work()).rejects.toMatchObject({ recovery: 'stop', context: { damaged: true } })
  })
})

function flipped(file: Buffer, at: number): Buffer {
  file[at] = (file[at] ?? 0) ^ 1
  return file
}
