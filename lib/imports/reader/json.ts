/**
 * Cuts JSON at the borders of its records without parsing it, so that a large file is parsed piece by piece: that takes a
 * fraction of the memory, and a broken record spoils only itself.
 */

/** `lines`: one value after the other, a line each. */
type Shape = 'array' | 'object' | 'lines'

/** Bytes from `start` to before `end`. */
interface Piece {
  start: number
  end: number
}

export interface Cut {
  shape: Shape
  pieces: Piece[]
  /** False if the text ends within a value. */
  isComplete: boolean
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** The closing quote of the text that opens at `start`, or -1. */
function endOfText(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(QUOTE, start + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let slashes = 0
    while (bytes[end - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
  return -1
}

/** The positions of brackets, braces and commas outside of texts. */
function* structureOf(bytes: Buffer): Generator<number> {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at = endOfText(bytes, at)
      if (at === -1) return
    } else if (
      byte === COMMA ||
      byte === OPEN_OBJECT ||
      byte === CLOSE_OBJECT ||
      byte === OPEN_LIST ||
      byte === CLOSE_LIST
    ) {
      yield at
    }
  }
}

const opens = (byte: number | undefined) => byte === OPEN_OBJECT || byte === OPEN_LIST
const closes = (byte: number | undefined) => byte === CLOSE_OBJECT || byte === CLOSE_LIST

/**
 * @param bytes UTF-8 that starts with `[` or `{`
 * @param size each piece has at least so many bytes, apart from the last one; 0 cuts at every record
 */
export function cutJson(bytes: Buffer, size: number): Cut {
  const records: Piece[] = []
  const values: Piece[] = []
  let depth = 0
  let count = 0
  let before: number | undefined
  let hasPlainField = false
  let recordFrom = 0
  let valueFrom = 0
  for (const at of structureOf(bytes)) {
    const byte = bytes[at]
    if (opens(byte)) {
      if (depth === 0 && ++count === 1) recordFrom = at + 1
      depth++
    } else if (closes(byte)) {
      depth--
    }
    const isEnd = closes(byte) && depth <= 0
    if (count === 1 && (isEnd || (byte === COMMA && depth === 1))) {
      hasPlainField ||= !closes(before)
      if (isEnd || at - recordFrom >= size) {
        records.push({ start: recordFrom, end: at })
        recordFrom = at + 1
      }
    }
    if (isEnd && at + 1 - valueFrom >= size) {
      values.push({ start: valueFrom, end: at + 1 })
      valueFrom = at + 1
    }
    if (depth < 0) break
    before = byte
  }
  if (valueFrom < bytes.length) values.push({ start: valueFrom, end: bytes.length })
  const isList = bytes[0] === OPEN_LIST
  // An object with a plain field is a record itself.
  const isLines = count > 1 || (!isList && hasPlainField)
  return {
    shape: isLines ? 'lines' : isList ? 'array' : 'object',
    pieces: isLines ? values : records,
    isComplete: depth === 0 && count > 0,
  }
}

/** What could not be parsed. */
const UNREADABLE = Symbol('unreadable')

/** A larger record is not parsed: millions of brackets would fill the memory. */
const MAX_RECORD_BYTES = 1_048_576

function parse(text: string): unknown {
  try {
    return text.length > MAX_RECORD_BYTES ? UNREADABLE : JSON.parse(text)
  } catch {
    return UNREADABLE
  }
}

/** Records with commas between them; undefined if they are no JSON as a whole. */
function parseAll(text: string, shape: Exclude<Shape, 'lines'>): unknown[] | undefined {
  try {
    return Object.values(JSON.parse(shape === 'array' ? `[${text}]` : `{${text}}`))
  } catch {
    return
  }
}

/** The records of a piece, each on its own because something in it is broken. */
function parseEach(piece: Buffer, shape: Exclude<Shape, 'lines'>): unknown[] {
  const whole = Buffer.concat([
    Buffer.from(shape === 'array' ? '[' : '{'),
    piece,
    Buffer.from(shape === 'array' ? ']' : '}'),
  ])
  const records: unknown[] = []
  for (const { start, end } of cutJson(whole, 0).pieces) {
    const text = end - start > MAX_RECORD_BYTES ? null : whole.toString('utf8', start, end)
    if (text === null) records.push(UNREADABLE)
    else if (text.trim() !== '') records.push(...(parseAll(text, shape) ?? [UNREADABLE]))
  }
  return records
}

/**
 * The records of a piece; a symbol stands for one that cannot be read.
 * @param size the one that it was cut with
 */
export function recordsOf(
  bytes: Buffer,
  { shape }: Pick<Cut, 'shape'>,
  { start, end }: Piece,
  size: number,
): unknown[] {
  const text = () => bytes.toString('utf8', start, end)
  if (shape === 'lines') {
    const lines = text().split('\n')
    return lines.filter((line) => line.trim() !== '').map(parse)
  }
  const isParsable = end - start <= size + MAX_RECORD_BYTES
  return (isParsable ? parseAll(text(), shape) : undefined) ?? parseEach(bytes.subarray(start, end), shape)
}
