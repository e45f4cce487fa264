import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { createGunzip, createGzip } from 'node:zlib'
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
  chunks(): AsyncIterable<string>
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
  #rows: string[] = []
  #bytes = 0
  #file: SpillFile | undefined

  async add(json: string, key: string): Promise<void> {
    this.#keys.add(key.length > MAX_KEY_LENGTH ? createHash('sha256').update(key).digest('base64') : key)
    this.#bytes += Buffer.byteLength(json) + 1
    if (this.#file) return this.#file.write(json)
    this.#rows.push(json)
    if (this.#bytes <= FILE_BYTES) return
    this.#file = await openSpillFile()
    for (const row of this.#rows) await this.#file.write(row)
    this.#rows = []
  }

  async done(): Promise<Rows> {
    const file = await this.#file?.finish()
    const chunks = () => chunksOf(file ? linesOf(file.path) : this.#rows)
    const isSingle = this.#rows.length <= 1 || BRACKETS + this.#bytes <= CHUNK_BYTES
    const single = () => (file || !isSingle ? undefined : textOf(this.#rows))
    return { distinct: this.#keys.size, bytes: this.#bytes, file, chunks, single }
  }

  async remove(): Promise<void> {
    await this.#file?.remove()
  }
}

type SpillFile = Awaited<ReturnType<typeof openSpillFile>>

/** A file of rows in a folder of its own that only this process can read. */
async function openSpillFile() {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-load-'))
  const path = join(folder, 'rows.json.gz')
  const gzip = createGzip({ level: 6 })
  const written = finished(gzip.pipe(createWriteStream(path, { mode: 0o600 })))
  written.catch(() => undefined)
  return {
    async write(json: string): Promise<void> {
      if (gzip.write(`${json}\n`)) return
      // Whichever comes first: on a full disk the file fails and the compressor never drains.
      await Promise.race([new Promise((resolve) => gzip.once('drain', resolve)), written])
    },
    async finish(): Promise<{ path: string; bytes: number }> {
      gzip.end()
      await written
      return { path, bytes: (await stat(path)).size }
    },
    async remove(): Promise<void> {
      gzip.destroy()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function linesOf(path: string): AsyncIterable<string> {
  const input = createReadStream(path).pipe(createGunzip())
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
}

/** JSON arrays of rows, each as large as fits into a statement. */
async function* chunksOf(rows: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  let chunk: string[] = []
  let bytes = BRACKETS
  for await (const row of rows) {
    const more = Buffer.byteLength(row) + 1
    if (chunk.length > 0 && bytes + more > CHUNK_BYTES) {
      yield textOf(chunk)
      chunk = []
      bytes = BRACKETS
    }
    chunk.push(row)
    bytes += more
  }
  if (chunk.length > 0) yield textOf(chunk)
}

function textOf(rows: string[]): string {
  return `[${rows.join(',')}]`
}
