import type { RecordingChange, RecordingChoices, RecordingsResponse } from '#lib/api/recordings.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Prisma } from '#lib/db.ts'
import { markModelsUrgent } from '#lib/load/build.ts'
import { lastOf } from '#lib/models/recordings.ts'
import { noCopy } from '#lib/query/listener-data.ts'
import { listRecordings } from '#lib/query/recordings.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { TRACKS } from '#lib/streams/music.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { countingOf } from './counting.ts'
import { requireUser } from './require-user.ts'

/**
 * What listeners decide about songs that are, or are not, the same recording. Postgres has one choice for each song, so
 * they survive a rebuild of a warehouse; each build of the models applies them.
 */

/** For each listener. Every build reads all of them. */
const MAX_CHOICES = 2_000

/** The songs whose choice has changed. If there are any, the models have to be built. */
type Changed = RecordingChoices['changed']

/** A listener's choices, by song. */
type Choices = Map<string, string>

/** @throws Refused 409 where no embedded copy is kept */
export async function recordingsOf(listener: { id: string }): Promise<RecordingsResponse> {
  const [recordings, { isRebuilding, problem }] = await Promise.all([listRecordings(listener.id), countingOf(listener)])
  return { ...recordings, isRebuilding, problem }
}

/**
 * Counts a song as another one, together with all that count as either by choice; with its own id, by itself.
 * @throws Refused 404 for a song that is not known, 409 for more than 2,000 choices or without an embedded copy
 */
export async function choose({ id: userId }: { id: string }, change: RecordingChange): Promise<Changed> {
  const { trackId, recordingId } = change
  await requireSongs(userId, [...new Set([trackId, recordingId])])
  return edit(userId, (choices) =>
    trackId === recordingId ? separated(choices, trackId) : joined(choices, trackId, recordingId),
  )
}

/** Forgets what was chosen about a song. @throws Refused 409 without an embedded copy */
export function forget({ id: userId }: { id: string }, trackId: string): Promise<Changed> {
  if (!keepsEmbeddedCopies()) throw noCopy()
  return edit(userId, () => new Map([[trackId, null]]))
}

/** What to change in the choices, by song; null removes a choice. */
type Edits = Map<string, string | null>

/** The songs that either counts as become one. */
function joined(choices: Choices, trackId: string, recordingId: string): Edits {
  const from = lastOf(trackId, choices)
  const to = lastOf(recordingId, choices)
  // A circle of choices, or one in the other direction: they are one already.
  if (from === to) return new Map()
  return new Map([[from, to]])
}

/** The song leaves all that count with it; they stay together. */
function separated(choices: Choices, trackId: string): Edits {
  const followed = choices.get(trackId)
  const [next, ...others] = [...choices].flatMap(([id, to]) => (to === trackId && id !== trackId ? [id] : []))
  const edits: Edits = new Map([[trackId, trackId]])
  const target = followed !== undefined && followed !== trackId ? followed : null
  if (next !== undefined) edits.set(next, target)
  for (const id of others) edits.set(id, target ?? next ?? null)
  return edits
}

function edit(userId: string, edits: (choices: Choices) => Edits): Promise<Changed> {
  return db().$transaction(async (tx) => {
    // One change at a time, so that each is dated later than the ones before. Builds lock this row first too.
    const locked = await tx.$queryRaw<unknown[]>`
      select id from "WarehouseConnection" where "userId" = ${userId} and kind::text = ${EMBEDDED_KIND} for update`
    requireUser(locked[0] ?? null)
    const held = await tx.recordingChoice.findMany({ where: { userId } })
    const choices: Choices = new Map(held.map((choice) => [choice.trackId, choice.recordingId]))
    const changes = [...edits(choices)].filter(([trackId, to]) => (choices.get(trackId) ?? null) !== to)
    if (changes.length === 0) return []
    const added = changes.filter(([trackId, to]) => to !== null && !choices.has(trackId)).length
    if (added > 0 && choices.size + added > MAX_CHOICES) throw tooMany()
    const changedAt = await nextChange(tx, userId)
    for (const [trackId, recordingId] of changes) {
      const where = { userId_trackId: { userId, trackId } }
      if (recordingId === null) await tx.recordingChoice.delete({ where })
      else
        await tx.recordingChoice.upsert({
          where,
          create: { userId, trackId, recordingId, changedAt },
          update: { recordingId, changedAt },
        })
    }
    await markModelsUrgent(tx, userId)
    await tx.user.update({ where: { id: userId }, data: { recordingsAt: changedAt } })
    return changes.map(([trackId]) => ({ trackId, before: choices.get(trackId) ?? null }))
  })
}

async function nextChange(tx: Prisma.TransactionClient, userId: string): Promise<Date> {
  const { recordingsAt } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { recordingsAt: true } })
  return new Date(Math.max(now().getTime(), (recordingsAt?.getTime() ?? 0) + 1))
}

function tooMany(): Refused {
  return new Refused(
    409,
    'too-many-choices',
    `You have made ${MAX_CHOICES.toLocaleString('en')} choices about recordings, the maximum`,
    'Undo some of them first.',
  )
}

/** @throws Refused 404 if any isn't in the listener's music, 409 without an embedded copy */
async function requireSongs(userId: string, ids: string[]): Promise<void> {
  if (!keepsEmbeddedCopies()) throw noCopy()
  const known = hasEmbeddedCopy(userId) ? await knownSongs(userId, ids) : new Set()
  const unknown = ids.find((id) => !known.has(id))
  if (unknown !== undefined)
    throw new Refused(
      404,
      'unknown-track',
      `Your music has no song "${unknown.slice(0, 40)}"`,
      'Use an id from search or from the address of a song’s page.',
    )
}

async function knownSongs(userId: string, ids: string[]): Promise<Set<unknown>> {
  const warehouse = await openEmbeddedCopy({ userId })
  const places = ids.map(() => '?').join(', ')
  const found = new Set<unknown>()
  for (const [schema, name, column] of [
    ['raw', TRACKS.name, 'id'],
    ['analytical', 'int_tracks', 'track_id'],
  ] as const) {
    if ((await warehouse.existing(schema, [name])).length === 0) continue
    const rows = await warehouse.query(
      `select ${column} as id from ${warehouse.table(schema, name)} where ${column} in (${places})`,
      ids,
    )
    for (const { id } of rows) found.add(id)
  }
  return found
}
