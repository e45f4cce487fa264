import { createHash } from 'node:crypto'
import type { ExclusionChange, ExclusionsResponse } from '#lib/api/exclusions.ts'
import { MAX_PENDING_EXCLUSIONS } from '#lib/api/limits.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import type { Row } from '#lib/core/table.ts'
import { db, Prisma } from '#lib/db.ts'
import { markModelsUrgent } from '#lib/load/build.ts'
import { STG_TRACKS } from '#lib/models/tables.ts'
import { noCopy } from '#lib/query/listener-data.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import { IMPORT_DUPLICATES, PLAY_PAIRS, RESOLVED_IDS } from '#lib/streams/pairing.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { requireUser } from './require-user.ts'

/**
 * Plays that listeners leave out of everything that counts. Postgres has them, so they survive a rebuild of a warehouse;
 * each build of the models takes over what is new.
 */

/** For each listener. A rebuilt warehouse gets all of them in one build. */
const MAX_EXCLUDED = 10_000
/** Undone exclusions that are remembered, for warehouses that have not learned of them yet. */
const MAX_UNDONE = 10_000

interface PlayKey {
  playedAt: Date
  uri: string
}

/** A play, by the key under which it is excluded and by others under which it may have been before. */
interface KnownPlay extends PlayKey {
  others: PlayKey[]
}

/**
 * Excludes a play. Does nothing if it is excluded already.
 * @returns whether that changes anything, so that the models have to be built
 * @throws Refused 404 for a play that isn't in the history, 409 for more than 10,000 or without an embedded copy
 */
export function exclude(listener: { id: string }, change: ExclusionChange): Promise<boolean> {
  return decide(listener.id, change, true)
}

/** Counts an excluded play again. @returns and throws as `exclude` */
export function include(listener: { id: string }, change: ExclusionChange): Promise<boolean> {
  return decide(listener.id, change, false)
}

async function decide(userId: string, change: ExclusionChange, excluded: boolean): Promise<boolean> {
  const play = await findPlay(userId, change)
  return db().$transaction(async (tx) => {
    // One change at a time, so that each is dated later than the ones before. Builds lock this row first too.
    const locked = await tx.$queryRaw<unknown[]>`
      select id from "WarehouseConnection" where "userId" = ${userId} and kind::text = ${EMBEDDED_KIND} for update`
    requireUser(locked[0] ?? null)
    const id = idOf(userId, play)
    const known = await tx.excludedPlay.findMany({
      where: { id: { in: [id, ...play.others.map((other) => idOf(userId, other))] } },
      orderBy: { changedAt: 'desc' },
    })
    if ((known[0]?.excluded ?? false) === excluded) return false
    const changedAt = await nextChange(tx, userId)
    const shown = { shownAt: new Date(change.playedAt), shownUri: change.uri }
    const changed = { ...shown, excluded, changedAt, appliedAt: null }
    if (excluded) {
      await requireRoom(tx, userId)
      const { playedAt, uri } = play
      await tx.excludedPlay.upsert({
        where: { id },
        create: { id, userId, playedAt, uri, ...changed },
        update: changed,
      })
    } else {
      await tx.excludedPlay.updateMany({ where: { id: { in: known.map((one) => one.id) } }, data: changed })
      await forgetOldest(tx, userId)
    }
    await markModelsUrgent(tx, userId)
    return true
  })
}

function idOf(userId: string, { playedAt, uri }: PlayKey): string {
  return createHash('sha256')
    .update(JSON.stringify([userId, playedAt.toISOString(), uri]))
    .digest('hex')
}

async function nextChange(tx: Prisma.TransactionClient, userId: string): Promise<Date> {
  const { _max } = await tx.excludedPlay.aggregate({ where: { userId }, _max: { changedAt: true } })
  return new Date(Math.max(now().getTime(), (_max.changedAt?.getTime() ?? 0) + 1))
}

async function requireRoom(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  if ((await tx.excludedPlay.count({ where: { userId, excluded: true } })) < MAX_EXCLUDED) return
  throw new Refused(
    409,
    'too-many-exclusions',
    `You have excluded ${MAX_EXCLUDED.toLocaleString('en')} plays, the maximum`,
    'Undo some of them first.',
  )
}

async function forgetOldest(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  if ((await tx.excludedPlay.count({ where: { userId, excluded: false } })) <= MAX_UNDONE) return
  await tx.$executeRaw(Prisma.sql`
    delete from "ExcludedPlay" where id in (
      select id from "ExcludedPlay" where "userId" = ${userId} and not excluded and "appliedAt" is not null
      order by "changedAt" limit ${MAX_UNDONE / 10})`)
}

const PLAYS = streamTable(recentlyPlayed)
const IMPORTED = streamTable(importedPlays)

/**
 * The play that the history shows at a time, with its own address or the one of its song. A play that Spotify reported
 * and an import has too is shown at the time of the import, but known by Spotify's, so that the import can be undone.
 * @throws Refused 404 if there is none, 409 without an embedded copy
 */
async function findPlay(userId: string, { playedAt, uri }: ExclusionChange): Promise<KnownPlay> {
  const at = new Date(playedAt)
  const found = (await playsAt(userId, at)).toSorted(
    (one, other) => Number(other.uri === uri) - Number(one.uri === uri),
  )
  const play = found.find((row) => [row.uri, row.song_uri, row.track_id].includes(uri))
  if (!play)
    throw new Refused(
      404,
      'unknown-play',
      'Your history has no such play at this time',
      'Take played_at and uri from the history, which lists every play.',
    )
  const { import_played_at: importedAt, import_uri: importedUri } = play
  return {
    playedAt: new Date(String(play.played_at)),
    uri: String(play.uri),
    others: importedAt ? [{ playedAt: new Date(String(importedAt)), uri: String(importedUri) }] : [],
  }
}

async function playsAt(userId: string, at: Date): Promise<Row[]> {
  if (!keepsEmbeddedCopies()) throw noCopy()
  if (!hasEmbeddedCopy(userId)) return []
  const warehouse = await openEmbeddedCopy({ userId })
  const tables = [PLAYS, IMPORTED, PLAY_PAIRS, IMPORT_DUPLICATES, RESOLVED_IDS]
  const names = tables.map(({ name }) => name)
  // A build makes those that nothing was loaded into; before the first one there is no history.
  if ((await warehouse.existing('raw', names)).length < names.length) return []
  const [plays, imports, pairs, duplicates, resolved] = names.map((name) => warehouse.table('raw', name))
  const time = at.toISOString().replace('Z', '')
  return warehouse.query(
    `select found.*, songs.uri as song_uri from (
      select plays.played_at, plays.uri, plays.track_id, pairs.import_played_at, pairs.import_uri
      from ${plays} as plays left join ${pairs} as pairs on pairs.played_at = plays.played_at and pairs.uri = plays.uri
      where plays.played_at = cast(? as timestamp)
      union all
      select plays.played_at, plays.uri, plays.track_id, pairs.import_played_at, pairs.import_uri
      from ${pairs} as pairs join ${plays} as plays on plays.played_at = pairs.played_at and plays.uri = pairs.uri
      where pairs.import_played_at = cast(? as timestamp)
      union all
      select imports.played_at, imports.uri, imports.track_id, null, null
      from ${imports} as imports left join ${pairs} as pairs
        on pairs.import_played_at = imports.played_at and pairs.import_uri = imports.uri
        and pairs.import_ms_played = imports.ms_played
      left join ${duplicates} as duplicates on duplicates.played_at = imports.played_at and duplicates.uri = imports.uri
        and duplicates.ms_played = imports.ms_played
      where imports.played_at = cast(? as timestamp) and imports.kind = 'song' and pairs.uri is null
        and duplicates.uri is null) as found
    left join ${resolved} as resolved on resolved.kind = 'track' and resolved.id = found.track_id
    left join ${warehouse.table(STG_TRACKS.schema, STG_TRACKS.name)} as songs
      on songs.track_id = coalesce(resolved.resolved_id, found.track_id)
    where found.track_id is not null`,
    [time, time, time],
    { limit: 100 },
  )
}

/** How many plays a listener excludes, and what the charts don't show yet. */
export async function exclusionsOf({ id: userId }: { id: string }): Promise<ExclusionsResponse> {
  const [excluded, pending, connection] = await Promise.all([
    db().excludedPlay.count({ where: { userId, excluded: true } }),
    db().excludedPlay.findMany({
      where: { userId, appliedAt: null },
      orderBy: { changedAt: 'desc' },
      take: MAX_PENDING_EXCLUSIONS,
    }),
    db().warehouseConnection.findUnique({ where: { userId_kind: { userId, kind: EMBEDDED_KIND } } }),
  ])
  return {
    excluded,
    pending: pending.map((one) => ({
      playedAt: one.shownAt.toISOString(),
      uri: one.shownUri,
      excluded: one.excluded,
    })),
    problem: pending.length > 0 ? (connection?.modelsProblem ?? null) : null,
  }
}
