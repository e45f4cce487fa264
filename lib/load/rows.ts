import { utcDay } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Stop, Transient } from '#lib/core/errors.ts'
import type { Row } from '#lib/core/table.ts'
import { db, type LandedObject, type LoadLedger, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import { parseResponse } from '#lib/spotify/response.ts'
import { type LandedPage, landedPageReader } from '#lib/storage/landed-pages.ts'
import { isImported } from '#lib/streams/imported-kinds.ts'
import { IMPORT_COLUMN } from '#lib/streams/imported-music.ts'
import { musicRows } from '#lib/streams/music.ts'
import { WITHDRAWN } from '#lib/streams/rejections.ts'
import { EMPTY_PAGE, historyTable, type LandedKind, NO_CONTENT, type Page, streamTable } from '#lib/streams/stream.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import type { MusicCollector } from './music.ts'
import { keptRowsOf, SpanCollector, type SpannedRows } from './withheld.ts'

/** The items of a read without a row of their own. */
export interface ItemsWithoutRow {
  /** By reason. */
  rejected: Record<string, number>
  /** They have the same key as another item and share its row. */
  duplicates: number
}

export const noItemsWithoutRow = (): ItemsWithoutRow => ({ rejected: {}, duplicates: 0 })

/** Names the load of a read. One that has to be loaded again is new to a warehouse. */
function loadIdOf({ readId, round }: Pick<LoadLedger, 'readId' | 'round'>): string {
  return round === 0 ? readId : `${readId} ${round}`
}

/** Turns a complete read into a load for its table. `withoutRow` and `music` are filled while the rows are consumed. */
export async function describeLoad(
  connection: WarehouseConnection,
  { read, ...entry }: LoadLedger & { read: StreamRead },
  stream: LandedKind,
  withoutRow: ItemsWithoutRow,
  music: MusicCollector,
): Promise<Load> {
  const newer = await db().loadLedger.count({
    where: {
      connectionId: connection.id,
      state: 'loaded',
      read: { stream: read.stream, scope: 'whole', syncedAt: { gt: read.syncedAt } },
    },
  })
  const history = historyTable(stream)
  const keeps = await keptRowsOf(read, stream)
  const base = {
    readId: loadIdOf(entry),
    runId: read.streamRunId ?? '',
    stream: stream.name,
    table: streamTable(stream),
    rows: rowsOf(read, stream, { keeps, withoutRow, music }),
    ...(keeps ? { kept: keeps.kept } : {}),
    historyOnly: stream.load === 'overwrite' && newer > 0,
  }
  const withHistory =
    history && stream.history?.kind === 'daily'
      ? { ...base, history: { kind: 'daily' as const, table: history, day: utcDay(read.syncedAt) } }
      : history && stream.history?.kind === 'changes'
        ? {
            ...base,
            history: { ...stream.history, table: history, seenAt: read.syncedAt.toISOString() },
          }
        : base
  if (read.scope === 'head') return { ...withHistory, mode: stream.load === 'append' ? 'append' : 'merge' }
  if (read.scope === 'whole') return { ...withHistory, mode: stream.load }
  const parts = await db().readPart.findMany({
    where: { readId: read.id, state: { in: ['done', 'gone'] } },
    select: { part: true },
  })
  return {
    ...withHistory,
    mode: 'replace part',
    parts: {
      column: isImported(stream) ? IMPORT_COLUMN : (stream.partsOf?.column ?? ''),
      values: parts.map(({ part }) => part),
    },
    // An import is removed by a read without pages.
    ...(isImported(stream) ? { onlyRemoves: true } : {}),
  }
}

/** The rows of a read in Spotify's order, one batch per landed page. Collects the existing rows that stay. */
async function* rowsOf(
  read: StreamRead,
  stream: LandedKind,
  { keeps, withoutRow, music }: { keeps: SpannedRows | null; withoutRow: ItemsWithoutRow; music: MusicCollector },
): AsyncGenerator<Row[]> {
  const { rejected } = withoutRow
  // Only runs show how many items share a row. The keys of a million imported plays would take 150 MB.
  const keys = read.streamRunId ? new Set<string>() : null
  const objects = await landedPages(read)
  const spans = keeps && new SpanCollector(stream, keeps)
  const itemsBefore = new Map<string | null, number>()
  const syncedAt = read.syncedAt.toISOString()
  let accepted = 0
  music.start(read)
  const textOf = landedPageReader()
  for (const { part, request, ...object } of objects) {
    const page = parsePage(stream, await textOf(object))
    const start = offsetIn(request) ?? itemsBefore.get(part) ?? 0
    itemsBefore.set(part, start + page.items.length)
    const rows = page.items.flatMap((item, index) => {
      const rank = start + index + 1
      const place = { rank, syncedAt, part }
      const unreadable = page.unreadable.has(index)
      const row = stream.row(item, place, unreadable)
      if (!isRejected(row)) {
        spans?.accepted(row.added_at)
        if (stream.music) music.add(musicRows(stream.music(item), syncedAt))
        if (stream.importedMusic) music.add(stream.importedMusic(item, syncedAt))
        return [row]
      }
      const reason = row.rejected
      rejected[reason] = (rejected[reason] ?? 0) + 1
      const hidden = stream.hidden(item, unreadable)
      if (hidden) spans?.rejected(hidden, { part, rank })
      return []
    })
    accepted += rows.length
    if (keys) {
      for (const row of rows) keys.add(JSON.stringify(stream.key.map((name) => row[name])))
      withoutRow.duplicates = accepted - keys.size
    }
    yield rows
  }
  spans?.done()
  music.done()
  const onlyWithheld = keeps !== null && Object.keys(rejected).every((reason) => reason === WITHDRAWN)
  if (accepted === 0 && read.items > 0 && read.scope === 'whole' && !onlyWithheld) {
    // A changed response format must not empty a table.
    throw new Stop(`All ${read.items} items were rejected`, {
      remedy:
        'The existing rows are kept. Report this with "Copy for a bug report": Spotify may have changed its responses.',
      context: { rejected },
    })
  }
}

/** Adds the music of a read that was loaded before its music was. */
export async function collectMusic(read: StreamRead, stream: LandedKind, music: MusicCollector): Promise<void> {
  for await (const _rows of rowsOf(read, stream, { keeps: null, withoutRow: noItemsWithoutRow(), music })) {
    // The rows are in the warehouse already.
  }
}

/** Where a page of an offset list starts. */
function offsetIn(request: string): number | null {
  const offset = new URLSearchParams(request).get('offset')
  return offset === null ? null : Number(offset)
}

function isRejected(row: Row | { rejected: string }): row is { rejected: string } {
  return 'rejected' in row && Object.keys(row).length === 1
}

/** The landed pages of a read. An error of the app database must not look like one of the warehouse. */
async function landedPages(read: StreamRead): Promise<(LandedPage & Pick<LandedObject, 'part' | 'request'>)[]> {
  try {
    return await db().landedObject.findMany({
      where: { readId: read.id, outcome: { in: ['landed', 'loaded'] } },
      orderBy: { page: 'asc' },
      select: { id: true, path: true, etag: true, packedAs: true, part: true, request: true },
    })
  } catch (cause) {
    throw new Transient('The app database did not respond', { remedy: 'Tracklake tries again automatically.', cause })
  }
}

/** @throws Stop for a page in a format that this version does not understand */
function parsePage(stream: LandedKind, text: string): Page<unknown> {
  if (text === NO_CONTENT) return EMPTY_PAGE
  try {
    return stream.page(parseResponse(text, spotifyUrls().api))
  } catch (cause) {
    throw new Stop(`A stored response for ${stream.title} has a format that this version does not understand`, {
      remedy: 'Nothing is lost. Upgrade Tracklake, then press "Re-run". If it keeps happening, report it.',
      cause,
    })
  }
}
