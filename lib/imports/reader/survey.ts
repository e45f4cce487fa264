import type { ExportKind, MemberProblem } from '#lib/api/lists.ts'
import { isDay } from '#lib/core/period.ts'
import { isZone } from '#lib/core/zones.ts'
import { headRows } from './csv.ts'
import { cutJson, recordsOf } from './json.ts'
import { account } from './kinds/account.ts'
import { charts, isChart } from './kinds/charts.ts'
import { extended } from './kinds/extended.ts'
import { features } from './kinds/features.ts'
import type { CsvMatch, JsonKind } from './kinds/kind.ts'
import { lastfm } from './kinds/lastfm.ts'
import { listenbrainz } from './kinds/listenbrainz.ts'
import { recentlyPlayed, recentlyPlayedCsv } from './kinds/recently-played.ts'
import { baseName, type Member, startsAs } from './members.ts'
import type { Answers, Question } from './messages.ts'
import { HEAD_BYTES, isUtf8Text, toUtf8, withoutSpace } from './text.ts'
import { isRecord } from './values.ts'

/** Finds out what the members of an upload are, from the beginning of their content. */

const JSON_KINDS: readonly JsonKind<object>[] = [extended, account, listenbrainz, recentlyPlayed]
const CSV_KINDS = [charts, features, recentlyPlayedCsv, lastfm]

/** How a recognized member is read. */
export type Match =
  | { format: 'json'; kind: ExportKind; of: JsonKind<object>; needsZone: boolean }
  | { format: 'csv'; kind: ExportKind; of: CsvMatch<object> }

/** Records that are looked at: the first ones may be null. */
const MAX_RECORDS = 20

/** The first bytes of a member. @throws Error if it is damaged */
async function beginningOf(member: Member): Promise<{ head: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = []
  let length = 0
  const stream = await member.open()
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > HEAD_BYTES) break
  }
  stream.destroy()
  return { head: Buffer.concat(chunks).subarray(0, HEAD_BYTES), isWhole: length <= HEAD_BYTES }
}

function jsonMatch(text: Buffer): Match | null {
  const cut = cutJson(text, 0)
  // The end of the head may lie within a record.
  const pieces = cut.pieces.slice(0, MAX_RECORDS)
  const records = pieces.flatMap((piece) => recordsOf(text, cut, piece, 0)).filter(isRecord)
  const of = JSON_KINDS.find((kind) => records.some((record) => kind.matches(record)))
  if (!of) return null
  const needsZone = records.some((record) => of.needsZone?.(record) === true)
  return { format: 'json', kind: of.kind, of, needsZone }
}

function csvMatch(text: Buffer, isWhole: boolean, name: string): Match | null {
  const rows = headRows(text.toString(), isWhole)
  for (const kind of CSV_KINDS) {
    const of = kind(rows, name)
    if (of) return { format: 'csv', kind: of.kind, of: of as CsvMatch<object> }
  }
  return null
}

/** What a member is, or why it is not read. */
export async function recognize(member: Member): Promise<Match | MemberProblem> {
  if (member.problem) return member.problem
  let found: { head: Buffer; isWhole: boolean }
  try {
    found = await beginningOf(member)
  } catch {
    return 'damaged'
  }
  if (startsAs('zip', found.head)) return 'nested-zip'
  const utf8 = toUtf8(found.head)
  if (utf8 === null) return 'unknown-encoding'
  const text = withoutSpace(utf8)
  if (text.length === 0) return 'empty'
  const isJson = text[0] === 0x5b || text[0] === 0x7b
  const match = isJson ? jsonMatch(text) : csvMatch(text, found.isWhole, baseName(member.name))
  if (match?.format === 'csv' && !isUtf8Text(text, found.isWhole)) return 'unknown-encoding'
  return match ?? 'unrecognized'
}

/** What has to be known before a member can be read. Answers that mean nothing count as none. */
export function questionOf({ position, name }: Member, match: Match, answers: Answers): Question | null {
  const { needsZone } = match.format === 'json' ? match : match.of
  if (needsZone && !isZone(answers.zone ?? '')) return { kind: 'zone', file: name }
  if (match.format === 'json') return null
  const { chart } = match.of
  const known = { ...chart, ...answers.chart?.[position] }
  if (chart === null || (isChart(known.chart) && isDay(known.day ?? ''))) return null
  return { kind: 'chart', position, file: name, chart: chart.chart ?? null, day: chart.day ?? null }
}
