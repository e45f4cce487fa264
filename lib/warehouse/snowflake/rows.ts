import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { createGunzip, createGzip, type Gzip } from 'node:zlib'
import type { Row, Table } from '#lib/core/table.ts'
import { rowWriter } from './cells.ts'

// A statement with its values stays within the megabyte that Snowflake recommends.
const CHUNK_BYTES = 1_048_576
// More than this goes through a file, and never lies in memory whole.
const FILE_BYTES = 5_000_000
const BRACKETS = 2

// Writing rows blocks the process; others get their turn in between.
const ROWS_PER_BREATH = 500
const LONGEST_KEY = 40

/** The rows of one load, as they travel. */
export interface Rows {
  /** How many there are, one per key. */
  distinct: number
  bytes: number
  /** The file of one row a line, gzipped, when they are too many for memory. */
  file: { path: string; bytes: number } | undefined
  /** JSON arrays of rows, each within the size of a statement unless a single row is larger. */
  chunks(): AsyncIterable<string> | Iterable<string>
  /** The only chunk, when all rows fit into one statement. */
  single(): string | undefined
}

/**
 * Gathers the rows of a load, hands them to `work` and leaves nothing behind.
 * @throws Stop for a row that does not fit its table; then `work` is not called
 */
export async function withRows<T>(
  { table, rows, parts }: { table: Table; rows: AsyncIterable<Row[]>; parts?: { column: string; values: string[] } },
  alive: () => void,
  work: (rows: Rows) => Promise<T>,
): Promise<T> {
  const gathered = new Gathered()
  try {
    const write = rowWriter(table, parts)
    let at = 0
    for await (const batch of rows) {
      for (const row of batch) {
        const { json, key } = write(row, at)
        await gathered.add(json, key)
        at += 1
        if (at % ROWS_PER_BREATH === 0) await breathe()
      }
      alive()
    }
    return await work(await gathered.done())
  } finally {
    await gathered.remove()
  }
}

class Gathered {
  readonly #keys = new Set<string>()
  #chunks = new Chunks()
  #bytes = 0
  #file: Spill | undefined

  async add(json: string, key: string): Promise<void> {
    this.#keys.add(key.length > LONGEST_KEY ? createHash('sha256').update(key).digest('base64') : key)
    this.#bytes += Buffer.byteLength(json) + 1
    if (this.#file) return this.#file.write(json)
    this.#chunks.add(json)
    if (this.#bytes <= FILE_BYTES) return
    this.#file = await Spill.open()
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

  /** The group that is full, if adding the last row filled one. */
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

/** A file of rows in a folder of its own, which only this process may read. */
class Spill {
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

  static async open(): Promise<Spill> {
    return new Spill(await mkdtemp(join(tmpdir(), 'tracklake-load-')))
  }

  async write(json: string): Promise<void> {
    if (this.#gzip.write(`${json}\n`)) return
    // Whichever comes first: a full disk ends the file without another word from the compressor.
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
