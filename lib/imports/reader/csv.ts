import { type Options, parse } from 'csv-parse/sync'

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
    return parse(text, { ...LENIENT, delimiter: delimiterOf(text), to: 20 })
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

const CHUNK_BYTES = 65_536

/** Whole lines, about 64 kB of them at a time. */
function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_BREAK, start + CHUNK_BYTES) + 1 || bytes.length
    yield bytes.subarray(start, end)
    start = end
  }
}

/**
 * The rows of a file; null stands for a line that is no CSV.
 * @param bytes every line is a row, see `separateLines`
 * @throws Error of csv-parse if it cannot continue
 */
export function* csvRows(bytes: Buffer): Generator<string[] | null> {
  const delimiter = delimiterOf(bytes.toString('utf8', 0, CHUNK_BYTES))
  for (const chunk of chunksOf(bytes)) {
    const broken: null[] = []
    yield* parse(chunk, { ...LENIENT, delimiter, on_skip: () => void broken.push(null) })
    yield* broken
  }
}
