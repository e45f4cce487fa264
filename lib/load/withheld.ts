import { db, type StreamRead } from '#lib/db.ts'
import { WITHHELD_AT } from '#lib/streams/columns.ts'
import type { HiddenItem, LandedKind } from '#lib/streams/stream.ts'
import type { KeptRows, KeptSpan } from '#lib/warehouse/warehouse.ts'

/**
 * Decides which rows of a table stay although a complete read lacks them, because Spotify withheld items
 * (docs/decisions/0031).
 */

/** The full read before this one. */
function fullReadBefore({ userId, stream, id }: StreamRead): Promise<StreamRead | null> {
  return db().streamRead.findFirst({
    where: { userId, stream, state: 'complete', scope: 'whole', id: { lt: id } },
    orderBy: { id: 'desc' },
  })
}

/**
 * Which missing rows may belong to withheld items without a known place: any of them if more items are withheld than
 * last time, otherwise those that were kept then.
 */
export async function missingThatStay(read: StreamRead): Promise<KeptRows['missing']> {
  return missingSince(read, await fullReadBefore(read))
}

function missingSince(read: StreamRead, before: StreamRead | null): KeptRows['missing'] {
  if (!read.unplaced) return 'none'
  // Older versions didn't count withheld items.
  return before?.unplaced !== null && read.unplaced > (before?.unplaced ?? 0) ? 'all' : 'marked'
}

/** The rows that stay when this read is loaded; null if the stream keeps none. The spans are collected later. */
export async function keptRowsOf(read: StreamRead, { keepsWithheld }: LandedKind): Promise<SpannedRows | null> {
  if (!keepsWithheld || read.scope === 'head') return null
  const before = read.scope === 'whole' ? await fullReadBefore(read) : null
  const missing = read.scope === 'whole' ? missingSince(read, before) : 'none'
  const since = read.syncedAt.toISOString()
  return { kept: { mark: WITHHELD_AT, since, missing, column: 'added_at', spans: [] }, growth: growthOf(read, before) }
}

/** Kept rows whose spans are still being collected. */
export interface SpannedRows {
  kept: KeptRows
  growth: Growth | null
}

/** By how many items a list grew since its last full read. */
interface Growth {
  items: number
  since: Date
}

function growthOf({ expected }: StreamRead, before: StreamRead | null): Growth | null {
  if (expected === null || !before || before.expected === null) return null
  return { items: expected - before.expected, since: before.syncedAt }
}

const MAX_SPANS = 2_000

/** Collects spans from the items of a read, in Spotify's order. */
export class SpanCollector {
  readonly #stream: LandedKind
  readonly #kept: KeptRows
  #spans: KeptSpan[] = []
  /** The time of the last item that has one. */
  #neighbor: string | null = null
  /** Whether an item without a time followed. */
  #isOpen = false
  readonly #growth: Growth | null
  /** Items added since the last full read. */
  #added = 0

  constructor(stream: LandedKind, { kept, growth }: SpannedRows) {
    this.#stream = stream
    this.#kept = kept
    this.#growth = growth
  }

  /** @param added_at of an item that became a row */
  accepted(added_at: unknown): void {
    if (this.#stream.keepsWithheld === 'by time' && typeof added_at === 'string') this.#pass(added_at)
  }

  rejected({ at }: HiddenItem, { part, rank }: { part: string | null; rank: number }): void {
    const { keepsWithheld, key, partsOf } = this.#stream
    if (keepsWithheld === 'in place') {
      const cells = key.map((name) => [name, name === partsOf?.column ? part : rank] as const)
      this.#spans.push({ from: at, until: at, key: Object.fromEntries(cells) })
    }
    if (keepsWithheld !== 'by time') return
    if (at === null) this.#isOpen = true
    else {
      this.#pass(at)
      this.#spans.push({ from: at, until: at })
    }
  }

  /** Completes the kept rows after the last item. */
  done(): void {
    // If the total grew by exactly the added items, nothing was removed, so every missing row is withheld.
    const onlyGrew = this.#growth !== null && this.#growth.items >= this.#added
    if (this.#stream.keepsWithheld === 'by time' && this.#kept.missing === 'marked' && onlyGrew)
      this.#kept.missing = 'all'
    if (this.#isOpen) this.#spans.push({ from: null, until: this.#neighbor })
    this.#kept.spans = this.#stream.keepsWithheld === 'by time' ? disjoint(this.#spans) : this.#spans
    if (this.#kept.spans.length <= MAX_SPANS) return
    // Too many to track individually.
    this.#kept.spans = []
    this.#kept.missing = 'all'
  }

  /** An item without a time lies between its neighbors, newest first. */
  #pass(at: string): void {
    if (this.#growth && Date.parse(at) > this.#growth.since.getTime()) this.#added++
    const newer = this.#neighbor
    if (this.#isOpen)
      this.#spans.push(newer !== null && newer < at ? { from: newer, until: at } : { from: at, until: newer })
    this.#isOpen = false
    this.#neighbor = at
  }
}

/** The same times as spans that don't overlap. ISO 8601 times in UTC sort as text. */
function disjoint(spans: KeptSpan[]): KeptSpan[] {
  const sorted = spans.toSorted((one, other) => (one.from ?? '').localeCompare(other.from ?? ''))
  const merged: KeptSpan[] = []
  for (const span of sorted) {
    const last = merged.at(-1)
    if (last && (last.until === null || (span.from ?? '') <= last.until))
      last.until = last.until === null || span.until === null ? null : later(last.until, span.until)
    else merged.push({ ...span })
  }
  return merged
}

function later(one: string, other: string): string {
  return one > other ? one : other
}
