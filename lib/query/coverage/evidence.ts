import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Day } from '#lib/core/period.ts'
import { db, Prisma } from '#lib/db.ts'
import { FCT_PLAYS, INT_IMPORTS } from '#lib/models/tables.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { ImportedPage, importedPlays } from '#lib/streams/imported-plays.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { queryEmbedded, type Tables } from '../embedded.ts'
import { firstDayOf, type ListenerData } from '../listener-data.ts'
import { type Evidence, type ImportSpan, type Known, knownTimes, type SeenPoll } from './rule.ts'

const IMPORTED = streamTable(importedPlays)

/** Holes to consider. Before the oldest of this many, nothing counts as known. */
const MAX_HOLES = 1_000
const MAX_SPANS = 5_000

const Instant = z.iso.datetime().transform((text) => new Date(text))
const Span = z.object({ source: ImportedPage.shape.source, from: Instant, to: Instant })
const Bounds = z.object({ first: Instant, last: Instant })

const MAX_CACHED = 1_000
const CACHE = Symbol.for('tracklake.known-times')
type Cache = LRUCache<string, { version: number; known: Known }>
const holder = globalThis as typeof globalThis & { [CACHE]?: Cache }

/**
 * What is known of a listener, as of the last load: a hole is found by a poll whose plays are loaded next.
 * @throws as `queryEmbedded`, except that without an embedded copy there are no imports
 */
export async function lastKnown(listener: ListenerData): Promise<Known> {
  holder[CACHE] ??= new LRUCache({ max: MAX_CACHED })
  const cached = holder[CACHE].get(listener.id)
  if (cached?.version === listener.dataVersion) return cached.known
  const known = await currentlyKnown(listener)
  holder[CACHE].set(listener.id, { version: listener.dataVersion, known })
  return known
}

/** What is known of a listener, up to the last poll; nothing before the models are built. @throws as `lastKnown` */
export async function currentlyKnown(listener: ListenerData): Promise<Known> {
  const polls = await boundingPolls(listener.id)
  const stored = await storedEvidence(listener, polls[0])
  return knownTimes(stored ? { polls, ...stored } : { polls: [], imports: [], plays: null })
}

/** The polls that bound holes, with the first and the last one, oldest first. All others overlap the one before. */
export async function boundingPolls(userId: string): Promise<SeenPoll[]> {
  const found = await db().$queryRaw<SeenPoll[]>(Prisma.sql`
    with mine as not materialized (select at, oldest, newest, overlapped from "Poll" where "userId" = ${userId}),
      holes as materialized (select * from mine where overlapped = false order by at desc limit ${MAX_HOLES}),
      -- One without plays proves nothing, unless there were none before.
      before as (
        select one.* from holes cross join lateral (
          (select * from mine where mine.at < holes.at and newest is not null order by at desc limit 1)
          union (select * from mine where mine.at < holes.at order by at desc limit 1)
        ) one
      )
    select * from holes union select * from before
    union (select * from mine order by at limit 1)
    union (select * from mine where newest is not null order by at desc limit 1)
    union (select * from mine order by at desc limit 1)
    order by at`)
  const holes = found.filter(({ overlapped }) => overlapped === false)
  return holes.length < MAX_HOLES ? found : found.filter(({ at }) => at >= (holes[0]?.at ?? at))
}

/** What the models say about imports and plays; null until they are built for the first time. */
async function storedEvidence(
  listener: ListenerData,
  firstPoll: SeenPoll | undefined,
): Promise<Pick<Evidence, 'imports' | 'plays'> | null> {
  if (warehouseFacts[servingKind()].costsToWake)
    return { imports: importBefore(firstPoll, await firstDayOf(listener)), plays: null }
  const found = await queryEmbedded(listener, 'coverage', async (tables) => ({
    stored: tables.has(FCT_PLAYS) ? { imports: await importSpans(tables), plays: await playBounds(tables) } : null,
  }))
  return found?.stored ?? null
}

/**
 * What costs to wake isn't queried for this. Plays from before the first poll were imported when there was an embedded copy;
 * that they end where it begins is the best that can be said.
 */
function importBefore(poll: SeenPoll | undefined, firstDay: Day | null): ImportSpan[] {
  const from = firstDay === null ? null : new Date(`${firstDay}T12:00:00Z`)
  const to = poll?.oldest ?? poll?.at
  return from && to && from < to ? [{ source: 'spotify-extended', from, to }] : []
}

/** Of the files of the imports that the models have: days of others would look as if nothing had been heard. */
async function importSpans({ has, table, query }: Tables): Promise<ImportSpan[]> {
  if (!has(IMPORTED, INT_IMPORTS)) return []
  // A warehouse of an earlier version has no files yet; it gets the column with its next import.
  const [file] = await query(
    `select column_name from information_schema.columns
     where table_schema = ? and table_name = ? and column_name = 'import_member'`,
    [IMPORTED.schema, IMPORTED.name],
  )
  const rows = await query(
    `select source, min(played_at) as "from", max(played_at) as "to" from ${table(IMPORTED)}
     where kind = 'song' and import_id in (select import_id from ${table(INT_IMPORTS)}) group by source, import_id${file ? ', import_member' : ''}`,
    [],
    MAX_SPANS,
  )
  return z.array(Span).parse(rows)
}

async function playBounds({ table, query }: Tables): Promise<Evidence['plays']> {
  const [row] = await query(`select min(played_at) as first, max(played_at) as last from ${table(FCT_PLAYS)}`, [])
  return Bounds.safeParse(row).data ?? null
}

/** Drops what is cached of a listener. */
export function forgetKnown(userId: string): void {
  holder[CACHE]?.delete(userId)
}
