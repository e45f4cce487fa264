import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { Stop } from '#lib/core/errors.ts'

/**
 * Many landed pages of one list in one file. Each page is compressed on its own, with the pages it resembles as its
 * dictionary, so a page that hardly changed since the last read takes a few dozen bytes. Layout: MAGIC, four bytes with the
 * length of the header, the header, then the pages. docs/decisions/0064.
 */

const compress = promisify(zstdCompress)
const expand = promisify(zstdDecompress)

const MAGIC = Buffer.from('TLPACK1\n')
const LEVEL = 9
/** Pages that a dictionary consists of: a list that moved by a few items has a page's items on two. */
const MAX_DICTIONARIES = 3
/** Dictionaries of dictionaries. Reading a page costs that of all pages below it. */
const MAX_DEPTH = 8
const MAX_PAGE_BYTES = 32 * 1024 * 1024
const MAX_HEADER_BYTES = 16 * 1024 * 1024
/** Unpacked pages in memory, about 100 kB each. */
const MAX_UNPACKED = 64
const IDENTITY_BYTES = 8

/** For each page its bytes and the pages that are its dictionary, which come before it. */
const Header = z.array(z.tuple([z.int().positive()], z.int().min(0)))

interface Frame {
  dictionaries: number[]
  bytes: Buffer
}

/** An opened file. */
export interface Pack {
  /** How many pages it has. */
  pages: number
  /** The text of a page. @throws Stop when the file is damaged */
  text(page: number): Promise<string>
}

/** @throws Stop when the file is damaged */
export async function openPack(file: Buffer): Promise<Pack> {
  const frames = await undamaged(() => framesOf(file))
  const unpack = unpacker(frames)
  return { pages: frames.length, text: async (page) => (await undamaged(() => unpack(page))).toString('utf8') }
}

/** A page that was added to a file. */
export interface Packed {
  page: number
  bytes: number
}

/** Adds pages to a new file, or to those of an existing one. */
export interface PackWriter {
  /** @param identities eight bytes for each item of the page; pages that share items become its dictionary */
  add(text: string, identities: Uint8Array): Promise<Packed>
  /** The size so far, without the header. */
  bytes(): number
  file(): Promise<Buffer>
}

/**
 * @param existing a file that is continued; its pages keep their numbers
 * @param identities those of each of its pages
 * @throws Stop when that file is damaged
 */
export async function packWriter(existing?: Buffer, identities: (Uint8Array | undefined)[] = []): Promise<PackWriter> {
  const frames = existing ? await undamaged(() => framesOf(existing)) : []
  const unpack = unpacker(frames)
  const depths: number[] = []
  /** The last page with an item that may still become a dictionary. */
  const pageWith = new Map<string, number>()

  function remember(page: number, prints: Uint8Array): void {
    const { dictionaries } = frames[page] as Frame
    const depth = Math.max(0, ...dictionaries.map((dictionary) => (depths[dictionary] ?? 0) + 1))
    depths[page] = depth
    if (depth < MAX_DEPTH) for (const item of itemsOf(prints)) pageWith.set(item, page)
  }
  for (const page of frames.keys()) remember(page, identities[page] ?? new Uint8Array())

  return {
    async add(text, prints) {
      const raw = Buffer.from(text)
      const dictionaries = resembling(itemsOf(prints), pageWith, frames.length > 0)
      const frame = { dictionaries, bytes: await compressWith(raw, await dictionaryOf(dictionaries, unpack)) }
      const page = frames.push(frame) - 1
      remember(page, prints)
      // The original is deleted afterward, so what was written is read once.
      if (!(await unpack(page)).equals(raw)) throw damaged()
      return { page, bytes: frame.bytes.length }
    },
    bytes: () => frames.reduce((sum, { bytes }) => sum + bytes.length, 0),
    async file() {
      const header = await compress(
        JSON.stringify(frames.map(({ bytes, dictionaries }) => [bytes.length, ...dictionaries])),
      )
      const length = Buffer.alloc(4)
      length.writeUInt32LE(header.length)
      return Buffer.concat([MAGIC, length, header, ...frames.map(({ bytes }) => bytes)])
    },
  }
}

/**
 * The pages with the most items of a page, at most three. If these have less than half of them, the first page: it
 * resembles every page in form, and nothing has to be unpacked below it.
 */
function resembling(items: string[], pageWith: Map<string, number>, hasPages: boolean): number[] {
  const shared = new Map<number, number>()
  for (const item of items) {
    const page = pageWith.get(item)
    if (page !== undefined) shared.set(page, (shared.get(page) ?? 0) + 1)
  }
  const best = [...shared].sort((one, other) => other[1] - one[1] || one[0] - other[0]).slice(0, MAX_DICTIONARIES)
  const covered = best.reduce((sum, [, count]) => sum + count, 0)
  if (covered * 2 < items.length || best.length === 0) return hasPages ? [0] : []
  return best.map(([page]) => page)
}

function itemsOf(prints: Uint8Array): string[] {
  const buffer = Buffer.from(prints.buffer, prints.byteOffset, prints.byteLength)
  return Array.from({ length: Math.floor(buffer.length / IDENTITY_BYTES) }, (_, index) =>
    buffer.toString('latin1', index * IDENTITY_BYTES, (index + 1) * IDENTITY_BYTES),
  )
}

type Unpack = (page: number) => Promise<Buffer>

/** Unpacks pages of a file that may still grow. */
function unpacker(frames: Frame[]): Unpack {
  const unpacked = new LRUCache<number, Buffer>({ max: MAX_UNPACKED })
  return async function unpack(page) {
    const known = unpacked.get(page)
    if (known) return known
    const frame = frames[page]
    if (!frame) throw new Error(`There is no page ${page}.`)
    const dictionary = await dictionaryOf(frame.dictionaries, unpack)
    const raw = await expand(frame.bytes, { maxOutputLength: MAX_PAGE_BYTES, ...dictionary })
    unpacked.set(page, raw)
    return raw
  }
}

async function dictionaryOf(pages: number[], unpack: Unpack): Promise<{ dictionary?: Buffer }> {
  if (pages.length === 0) return {}
  const texts: Buffer[] = []
  for (const page of pages) texts.push(await unpack(page))
  return { dictionary: Buffer.concat(texts) }
}

function compressWith(raw: Buffer, dictionary: { dictionary?: Buffer }): Promise<Buffer> {
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 }
  return compress(raw, { params, ...dictionary })
}

async function framesOf(file: Buffer): Promise<Frame[]> {
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('This is not a pack.')
  const start = MAGIC.length + 4
  const end = start + file.readUInt32LE(MAGIC.length)
  const header = await expand(file.subarray(start, end), { maxOutputLength: MAX_HEADER_BYTES })
  let at = end
  const frames = Header.parse(JSON.parse(header.toString('utf8'))).map(([length, ...dictionaries], page) => {
    if (dictionaries.some((dictionary) => dictionary >= page)) throw new Error('A dictionary comes after its page.')
    const bytes = file.subarray(at, at + length)
    at += length
    return { dictionaries, bytes }
  })
  if (at !== file.length) throw new Error('The length of the file differs from its header.')
  return frames
}

async function undamaged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw damaged(cause)
  }
}

function damaged(cause?: unknown): Stop {
  return new Stop('A stored response from Spotify is damaged', {
    remedy: 'Press "Re-run" to fetch it from Spotify again.',
    context: { damaged: true },
    cause,
  })
}
