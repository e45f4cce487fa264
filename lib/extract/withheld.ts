import { createHash } from 'node:crypto'
import type { Page, Stream } from '#lib/streams/stream.ts'

/** Detects items that Spotify lists or counts without their content while a list is read. */

/**
 * Identifies the withheld items of a page by their time or their neighbors. Positions would shift with every new item.
 */
export function hintsOf(stream: Stream, { items, unreadable }: Page<unknown>): string[] {
  return items.flatMap((item, index) => {
    const hidden = stream.hidden(item, unreadable.has(index))
    if (!hidden?.withheld) return []
    return [hidden.at ?? `${neighbor(stream, items[index - 1])} ${neighbor(stream, items[index + 1])}`]
  })
}

function neighbor(stream: Stream, item: unknown): string {
  return (item === undefined || item === null ? null : stream.identity(item)) ?? '-'
}

/** What a list withholds. */
export interface Withheld {
  count: number
  /** How many of them have no known place in the list. */
  unplaced: number
  /** Equal if the same items are withheld; null if none are. */
  print: string | null
  /** Spotify sent no content at all. */
  everything: boolean
}

/**
 * @param pages of the complete list
 * @param total Spotify's count, which may exceed what the pages hold
 */
export function withheldIn(
  { keepsWithheld, paging }: Stream,
  pages: { items: number; withheld: unknown }[],
  total: number | null,
): Withheld {
  const hints = pages.flatMap(({ withheld }) => (withheld ?? []) as string[])
  const items = pages.reduce((sum, page) => sum + page.items, 0)
  const shortfall = paging === 'single' ? 0 : Math.max(0, (total ?? 0) - items)
  const count = hints.length + shortfall
  const everything = count > 0 && hints.length === items
  if (!keepsWithheld) return { count: 0, unplaced: 0, print: null, everything }
  return {
    count,
    unplaced: shortfall + (keepsWithheld === 'anywhere' ? hints.length : 0),
    print: count === 0 ? null : digest([...hints, shortfall]),
    everything,
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url')
}
