import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { createGunzip, createGzip, type Gzip } from 'node:zlib'
import type { Row, Table } from '#lib/core/table.ts'
import { rowWriter } from './row-cells.ts'

// Keeps a statement with its values within the megabyte that Snowflake recommends.
const CHUNK_BYTES = 1_048_576
// More than this goes through a file and is never completely in memory.
const FILE_BYTES = 5_000_000
const BRACKETS = 2

// Writing rows blocks the process, so other work can run in between.
const ROWS_PER_YIELD = 500
const MAX_KEY_LENGTH = 40

/** The serialized rows of one load. */
export interface Rows {
  /** The number of distinct keys. */
  distinct: number
  bytes: number
  /** A gzipped file with one row per line, if the rows are too many for memory. */
  file: { path: string; bytes: number } | undefined
  /** JSON arrays of rows, each within the size of a statement unless a single row is larger. */
  chunks(): AsyncIterable<string> | Iterable<string>
  /** The only chunk, if all rows fit into one statement. */
  single(): string | undefined
}

/**
 * Collects the rows of a load, passes them to `work` and cleans up.
 * @throws Stop for a row that does not fit its table; `work` is not called then
 */
export async function withRows<T>(
  { table, rows, parts }: { table: Table; rows: AsyncIterable<Row[]>; parts?: { column: string; values: string[] } },
  checkDeadline: () => void,
  work: (rows: Rows) => Promise<T>,
): Promise<T> {
  const buffer = new RowBuffer()
  try {
    const write = rowWriter(table, parts)
    let at = 0
    for await (const batch of rows) {
      for (const row of batch) {
        const { json, key } = write(row, at)
        await buffer.add(json, key)
        at += 1
        if (at % ROWS_PER_YIELD === 0) await yieldToOthers()
      }
      checkDeadline()
    }
    return await work(await buffer.done())
  } finally {
    await buffer.remove()
  }
}

class RowBuffer {
  readonly #keys = new Set<string>()
  #chunks = new Chunks()
  #bytes = 0
  #file: SpillFile | undefined

  async add(json: string, key: string): Promise<void> {
    this.#keys.add(key.length > MAX_KEY_LENGTH ? createHash('sha256').update(key).digest('base64') : key)
    this.#bytes += Buffer.byteLength(json) + 1
    if (this.#file) return this.#file.write(json)
    this.#chunks.add(json)
    if (this.#bytes <= FILE_BYTES) return
    this.#file = await SpillFile.open()
    for (const row of this.#chunks.rows()) await this.#file.write(row)
    this.#chunks = new Chunks()
  }

  async done(): Promise<Rows> {
    const file = await this.#file?.finish()
    const chunks = () => (file ? chunksOf(file.path) : this.#chunks.texts())
    const single = () => (file ? undefined : this.#chunks.single())
    return { distinct: this.#keys.size, bytes: this.#bytes, file, chunks, single }
  }

  async remove(): Promise<void> {
    await this.#file?.remove()
  }
}

/** Rows in groups that fit into a statement. */
class Chunks {
  readonly #full: string[][] = []
  #current: string[] = []
  #bytes = BRACKETS

  add(json: string): void {
    const bytes = Buffer.byteLength(json) + 1
    if (this.#current.length > 0 && this.#bytes + bytes > CHUNK_BYTES) this.#next()
    this.#current.push(json)
    this.#bytes += bytes
  }

  /** The next full group, if there is one. */
  takeFull(): string | undefined {
    const rows = this.#full.shift()
    return rows && textOf(rows)
  }

  *rows(): Iterable<string> {
    for (const group of [...this.#full, this.#current]) yield* group
  }

  *texts(): Iterable<string> {
    for (const group of this.#full) yield textOf(group)
    if (this.#current.length > 0) yield textOf(this.#current)
  }

  single(): string | undefined {
    return this.#full.length === 0 ? textOf(this.#current) : undefined
  }

  #next(): void {
    this.#full.push(this.#current)
    this.#current = []
    this.#bytes = BRACKETS
  }
}

function textOf(rows: string[]): string {
  return `[${rows.join(',')}]`
}

/** A file of rows in a folder of its own that only this process can read. */
class SpillFile {
  readonly #folder: string
  readonly #path: string
  readonly #gzip: Gzip
  readonly #written: Promise<void>

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, 'rows.json.gz')
    this.#gzip = createGzip({ level: 6 })
    this.#written = finished(this.#gzip.pipe(createWriteStream(this.#path, { mode: 0o600 })))
    this.#written.catch(() => undefined)
  }

  static async open(): Promise<SpillFile> {
    return new SpillFile(await mkdtemp(join(tmpdir(), 'tracklake-load-')))
  }

  async write(json: string): Promise<void> {
    if (this.#gzip.write(`${json}\n`)) return
    // Whichever comes first: on a full disk the file fails and the compressor never drains.
    await Promise.race([new Promise((resolve) => this.#gzip.once('drain', resolve)), this.#written])
  }

  async finish(): Promise<{ path: string; bytes: number }> {
    this.#gzip.end()
    await this.#written
    return { path: this.#path, bytes: (await stat(this.#path)).size }
  }

  async remove(): Promise<void> {
    this.#gzip.destroy()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function* chunksOf(path: string): AsyncGenerator<string> {
  const lines = createInterface({
    input: createReadStream(path).pipe(createGunzip()),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  const chunks = new Chunks()
  for await (const line of lines) {
    chunks.add(line)
    const full = chunks.takeFull()
    if (full) yield full
  }
  yield* chunks.texts()
}
