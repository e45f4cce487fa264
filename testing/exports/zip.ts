import { closeSync, openSync, writeSync } from 'node:fs'
import { crc32, deflateRawSync } from 'node:zlib'

/** Zips for tests: ordinary ones, and ones that lie. */

export interface ZipMember {
  name: string
  content: string | Buffer
  /** Stored as it is. */
  stored?: boolean
  /** What the directory says instead of the truth. */
  claims?: { size?: number; encrypted?: boolean; method?: number }
}

interface Written {
  name: Buffer
  sums: Buffer
  flags: number
  method: number
  offset: number
}

const UTF8_NAMES = 0x800
const ENCRYPTED = 1
const VERSION = 20

/** Fields that the directory repeats: checksum and both sizes. */
function sumsOf(content: Buffer, packed: Buffer, size = content.length): Buffer {
  const sums = Buffer.alloc(12)
  sums.writeUInt32LE(crc32(content), 0)
  sums.writeUInt32LE(packed.length, 4)
  sums.writeUInt32LE(size, 8)
  return sums
}

/** Signature, then numbers of two bytes, with buffers in between. */
function record(signature: number, ...fields: (number | Buffer)[]): Buffer {
  const start = Buffer.alloc(4)
  start.writeUInt32LE(signature)
  const parts = fields.map((field) => {
    if (typeof field !== 'number') return field
    const two = Buffer.alloc(2)
    two.writeUInt16LE(field)
    return two
  })
  return Buffer.concat([start, ...parts])
}

function fourBytes(value: number): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32LE(value)
  return four
}

function header({ name, sums, flags, method }: Written): Buffer {
  return Buffer.concat([record(0x04034b50, VERSION, flags, method, 0, 0, sums, name.length, 0), name])
}

function entry({ name, sums, flags, method, offset }: Written): Buffer {
  const fields = [VERSION, VERSION, flags, method, 0, 0, sums, name.length, 0, 0, 0, 0, fourBytes(0), fourBytes(offset)]
  return Buffer.concat([record(0x02014b50, ...fields), name])
}

/** Parts of a zip, member by member, so that a large one is never in memory as a whole. */
function* partsOf(members: Iterable<ZipMember>): Generator<Buffer> {
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, stored, claims = {} } of members) {
    const bytes = Buffer.from(content as Buffer)
    const packed = stored ? bytes : deflateRawSync(bytes)
    const written = {
      name: Buffer.from(name),
      sums: sumsOf(bytes, packed, claims.size),
      flags: UTF8_NAMES | (claims.encrypted ? ENCRYPTED : 0),
      method: claims.method ?? (stored ? 0 : 8),
      offset,
    }
    directory.push(entry(written))
    for (const part of [header(written), packed]) {
      yield part
      offset += part.length
    }
  }
  const entries = Buffer.concat(directory)
  yield entries
  yield record(0x06054b50, 0, 0, directory.length, directory.length, fourBytes(entries.length), fourBytes(offset), 0)
}

export function zipOf(members: Iterable<ZipMember>): Buffer {
  return Buffer.concat([...partsOf(members)])
}

/** Writes a zip of any size. @returns its bytes */
export function writeZip(path: string, members: Iterable<ZipMember>): number {
  const file = openSync(path, 'w', 0o600)
  let bytes = 0
  try {
    for (const part of partsOf(members)) bytes += writeSync(file, part)
  } finally {
    closeSync(file)
  }
  return bytes
}
