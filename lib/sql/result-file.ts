import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { ulid } from 'ulid'
import type { FileFormat } from '#lib/api/lists.ts'
import { MEDIA_TYPES } from '#lib/api/tables.ts'
import { now, utcDay } from '#lib/core/clock.ts'
import type { Cell, Columns, Row } from '#lib/core/table.ts'
import { encoders } from '#lib/query/files/index.ts'
import { stoppable } from '#lib/query/running-downloads.ts'
import { type Download, safeName } from '#lib/query/tables.ts'
import { snapshotFolder } from '#lib/storage/places.ts'
import { columnTypeOf, type SandboxColumn } from '#lib/warehouse/index.ts'

/**
 * The rows of a query on their way into a file. They wait on disk until the query has ended: the caller may be
 * slow, and the query must not wait for them.
 */

interface ResultFile {
  path: string
  write(row: string): Promise<void>
}

/** Deletes the rows when the download has been taken or given up, or `work` fails. */
export async function withResultFile(userId: string, work: (file: ResultFile) => Promise<Download>): Promise<Download> {
  const folder = snapshotFolder(userId)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${ulid()}.jsonl`)
  const stream = createWriteStream(path, { mode: 0o600 })
  // Without a listener it would end the process; `write` and `finished` throw it.
  stream.on('error', () => undefined)
  const write = async (row: string) => {
    if (!stream.write(`${row}\n`)) await once(stream, 'drain')
  }
  try {
    const download = await work({ path, write })
    stream.end()
    await finished(stream)
    return download
  } catch (error) {
    stream.destroy()
    await rm(path, { force: true })
    throw error
  }
}

/** The rows in a file, once they are written. */
export function fileOf(
  userId: string,
  { path }: ResultFile,
  { columns, name, format }: { columns: SandboxColumn[]; name: string; format: FileFormat },
): Download {
  return {
    name: `${safeName(name)}-${utcDay(now())}.${format}`,
    mediaType: MEDIA_TYPES[format],
    bytes: stoppable(userId, encoded(path, columns, format)),
  }
}

async function* encoded(path: string, columns: SandboxColumn[], format: FileFormat): AsyncGenerator<Uint8Array, void> {
  try {
    const tooWide = format === 'parquet' ? await tooWideFor64Bits(path, columns) : new Set()
    const types: Columns = Object.fromEntries(
      columns.map(({ name, type }, index) => [name, tooWide.has(index) ? 'text' : columnTypeOf(type)]),
    )
    yield* encoders[format](types, rowsIn(path, columns))
  } finally {
    await rm(path, { force: true })
  }
}

const BATCH_ROWS = 1_000

async function* rowsIn(path: string, columns: SandboxColumn[]): AsyncGenerator<Row[]> {
  let batch: Row[] = []
  for await (const cells of linesIn(path)) {
    batch.push(
      Object.fromEntries(
        columns.map(({ name, type }, index) => {
          const cell = cells[index] ?? null
          return [name, type === 'JSON' ? parsed(cell) : cell]
        }),
      ),
    )
    if (batch.length === BATCH_ROWS) {
      yield batch
      batch = []
    }
  }
  yield batch
}

/** A text that is nested too deeply to be written again, or was cut, stays a text. */
function parsed(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell
  try {
    const value: Cell = JSON.parse(cell)
    JSON.stringify(value)
    return value
  } catch {
    return cell
  }
}

/** The columns of whole numbers in which some have more than 64 bits. They would wrap around. */
async function tooWideFor64Bits(path: string, columns: SandboxColumn[]): Promise<Set<number>> {
  const found = new Set<number>()
  const candidates = columns.flatMap(({ type }, index) => (/^U?(HUGEINT|BIGINT)$/.test(type) ? [index] : []))
  if (candidates.length === 0) return found
  for await (const cells of linesIn(path))
    for (const index of candidates) {
      const cell = cells[index]
      // Others are written as numbers.
      if (typeof cell === 'string' && BigInt.asIntN(64, BigInt(cell)) !== BigInt(cell)) found.add(index)
    }
  return found
}

async function* linesIn(path: string): AsyncGenerator<Cell[]> {
  let line = ''
  for await (const text of createReadStream(path, 'utf8')) {
    const [first = '', ...others] = String(text).split('\n')
    line += first
    for (const next of others) {
      yield JSON.parse(line)
      line = next
    }
  }
}
