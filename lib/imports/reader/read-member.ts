import { crc32 } from 'node:zlib'
import type { ImportRejection, MemberProblem } from '#lib/api/lists.ts'
import { csvRows, separateLines } from './csv.ts'
import { cutJson, recordsOf } from './json.ts'
import type { ReadContext } from './kinds/kind.ts'
import { baseName, type Member } from './members.ts'
import type { Answers, ReaderMessage, RejectedValues } from './messages.ts'
import type { Match } from './survey.ts'
import { isUtf8Text, toUtf8, withoutSpace } from './text.ts'
import { isRecord } from './values.ts'

/** Reads a recognized member into pages. */

/** Items per page. */
const PAGE_ITEMS = 5_000
/** JSON is parsed in pieces of this size. */
const PIECE_BYTES = 1_048_576

/** After so many rows of CSV, the progress is reported. */
const CSV_ROWS = 5_000

/** A member that cannot be read to its end. */
export class Unreadable extends Error {
  readonly problem: MemberProblem
  constructor(problem: MemberProblem) {
    super(problem)
    this.problem = problem
  }
}

/** @throws Unreadable */
async function contentOf(member: Member): Promise<Buffer> {
  const content = Buffer.allocUnsafe(member.bytes)
  let length = 0
  try {
    for await (const chunk of (await member.open()) as AsyncIterable<Buffer>) {
      if (length + chunk.length > member.bytes) throw new Unreadable('damaged')
      length += chunk.copy(content, length)
    }
  } catch {
    throw new Unreadable('damaged')
  }
  const whole = content.subarray(0, length)
  // yauzl does not compare them.
  if (member.checksum !== null && crc32(whole) !== member.checksum) throw new Unreadable('damaged')
  return whole
}

/** Rows of a member, null for what is none, and how far it has been read (0 to 1). */
interface Batch {
  rows: unknown[]
  part: number
}

function* jsonBatches(text: Buffer): Generator<Batch> {
  const cut = cutJson(text, PIECE_BYTES)
  if (!cut.isComplete) throw new Unreadable('cut-off')
  for (const piece of cut.pieces) {
    const rows = recordsOf(text, cut, piece, PIECE_BYTES)
    yield { rows: rows.map((row) => (isRecord(row) ? row : null)), part: piece.end / text.length }
  }
}

function* csvBatches(text: Buffer, headerLines: number): Generator<Batch> {
  const lines = separateLines(text)
  if (lines === null) throw new Unreadable('damaged')
  let rows: unknown[] = []
  let seen = 0
  try {
    for (const row of csvRows(text)) {
      if (seen++ < headerLines) continue
      rows.push(row)
      if (rows.length < CSV_ROWS) continue
      // Empty lines are no rows, so this is not exact.
      yield { rows, part: seen / lines }
      rows = []
    }
  } catch {
    throw new Unreadable('damaged')
  }
  yield { rows, part: 1 }
}

interface Options {
  now: number
  answers: Answers
  /** How many rejected rows may still be reported. */
  reportable: { left: number }
  /** Bytes read before, and in all. */
  done: number
  total: number
  maxPages: number
}

/**
 * The pages, rejected rows and progress of a member, and its end.
 * @throws Unreadable
 */
export async function* readMember(member: Member, match: Match, options: Options): AsyncGenerator<ReaderMessage> {
  const { position, bytes } = member
  const { now, answers, reportable, done, total, maxPages } = options
  const utf8 = toUtf8(await contentOf(member))
  if (utf8 === null) throw new Unreadable('unknown-encoding')
  const text = withoutSpace(utf8)
  if (match.format === 'csv' && !isUtf8Text(text)) throw new Unreadable('unknown-encoding')
  const context: ReadContext = { now, answers, position, name: baseName(member.name) }
  const rows = match.of.rows(context)
  const rejected: Partial<Record<ImportRejection, number>> = {}
  const items: object[] = []
  let row = 0
  let number = 0
  const page = (): ReaderMessage => {
    if (number >= maxPages) throw new Unreadable('too-many-rows')
    return { type: 'page', position, number: number++, page: rows.pageOf(items.splice(0)) }
  }
  const batches = match.format === 'json' ? jsonBatches(text) : csvBatches(text, match.of.headerLines)
  for await (const batch of batches) {
    for (const record of batch.rows) {
      row++
      const item = record === null ? 'not a record' : rows.read(record as never)
      if (typeof item !== 'string') {
        items.push(item as object)
        if (items.length === PAGE_ITEMS) yield page()
        continue
      }
      rejected[item] = (rejected[item] ?? 0) + 1
      if (reportable.left-- <= 0) continue
      const values: RejectedValues = record === null ? {} : rows.valuesOf(record as never)
      yield { type: 'rejected', position, row, reason: item, values }
    }
    yield { type: 'progress', done: done + Math.round(bytes * batch.part), total }
  }
  if (items.length > 0) yield page()
  yield { type: 'member-done', position, read: row, rejected }
}
