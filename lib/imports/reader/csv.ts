import { Readable } from 'node:stream'
import { type Options, parse } from 'csv-parse'
import { parse as parseNow } from 'csv-parse/sync'

/** CSV of other programs: with commas, semicolons or tabs, and not always well formed. */

const DELIMITERS = [',', ';', '\t']
const LENIENT: Options = {
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  skip_records_with_error: true,
}

/** The delimiter that the first line has most of. */
function delimiterOf(head: string): string {
  const line = /^[^\r\n]*/.exec(head)?.[0].replaceAll(/"[^"]*"/g, '') ?? ''
  const count = (delimiter: string) => line.split(delimiter).length
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best))
}

/** The first rows of a text that may end within one. */
export function headRows(head: string, isWhole: boolean): string[][] {
  const text = isWhole ? head : head.slice(0, head.lastIndexOf('\n') + 1)
  try {
    return parseNow(text, { ...LENIENT, delimiter: delimiterOf(text), to: 20 })
  } catch {
    return []
  }
}

/** A longer line is no row: millions of cells would fill the memory. */
const MAX_LINE_BYTES = 1_048_576
const LINE_BREAK = 0x0a
const QUOTE = 0x22
const SPACE = 0x20

/**
 * Makes every line a row of its own: in one whose quotes do not come in pairs, they become spaces. Otherwise a quote that
 * is not closed would take all following lines into its cell. Names have no line breaks.
 * @returns the number of lines, or null if one is too long
 */
export function separateLines(bytes: Buffer): number | null {
  let lines = 0
  for (let start = 0; start < bytes.length; lines++) {
    const found = bytes.indexOf(LINE_BREAK, start)
    const line = bytes.subarray(start, found === -1 ? bytes.length : found)
    if (line.length > MAX_LINE_BYTES) return null
    const quotes: number[] = []
    for (let at = line.indexOf(QUOTE); at !== -1; at = line.indexOf(QUOTE, at + 1)) quotes.push(at)
    if (quotes.length % 2 === 1) for (const at of quotes) line[at] = SPACE
    start += line.length + 1
  }
  return lines
}

interface CsvRow {
  /** Counts from 1. */
  row: number
  /** Null if it is no CSV. */
  cells: string[] | null
}

const CHUNK_BYTES = 262_144

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES)
}

/** The rows of a file. @throws Error of csv-parse if it cannot continue */
export async function* csvRows(bytes: Buffer): AsyncGenerator<CsvRow> {
  let count = 0
  const broken: number[] = []
  const parser = parse({
    ...LENIENT,
    delimiter: delimiterOf(bytes.toString('utf8', 0, CHUNK_BYTES)),
    on_record: (cells: string[]) => ({ row: ++count, cells }) as unknown as string[],
    on_skip: () => {
      broken.push(++count)
      return undefined
    },
  })
  const rows = Readable.from(chunksOf(bytes)).pipe(parser) as AsyncIterable<CsvRow>
  for await (const row of rows) {
    while (broken.length > 0 && (broken[0] as number) < row.row) yield { row: broken.shift() as number, cells: null }
    yield row
  }
  for (const row of broken) yield { row, cells: null }
}
