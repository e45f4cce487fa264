import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { MAX_UPLOAD } from '#lib/api/limits.ts'
import { Failure, messageOf, Refused, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type Arrival as TakenFile } from '#lib/db.ts'
import type { ArrivedFile, Move, MoveEnd } from '#lib/landing/landing.ts'
import { notify } from '#lib/notifications/alerts.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { landing, UPLOADS } from '#lib/storage/places.ts'
import { READER_VERSION } from './reader/messages.ts'
import { spooledFile } from './spool.ts'
import { nameOf, ownNames, spoolUpload, type Written } from './upload.ts'

/**
 * Files that other programs put into the landing zone, below uploads/to_process/<listener>/. They are imported like
 * uploaded ones and then moved to uploads/processed/. docs/decisions/0088.
 */

const MB = 1024 * 1024
const MAX_BYTES = MAX_UPLOAD.megabytes * MB
/** Of one look; a list has at most this many in a page. */
const MAX_FILES = 1000
const MAX_ADMINS = 20

/** A file with the listener that its path names. */
interface Arrival extends ArrivedFile {
  listener: string
  /** The path within the listener's folder. */
  rest: string
}

/** Whether any file waits. One request to a bucket. */
export async function hasArrivals(): Promise<boolean> {
  return keepsEmbeddedCopies() && (await waitingFiles()).length > 0
}

/**
 * Starts an import for each listener whose files wait. A listener's files stay while another import of theirs is open, and
 * files that are still being written until they are complete. Files that can't be imported move to uploads/refused/.
 * @returns the ids of the imports
 * @throws Wait while the landing zone can't be used
 */
export async function takeArrivals(): Promise<string[]> {
  if (!keepsEmbeddedCopies()) return []
  const files = await waitingFiles()
  const rows = await db().arrival.findMany({ where: { path: { in: files.map(({ path }) => path) } } })
  const taken = new Set(rows.map(({ path, etag }) => `${path} ${etag}`))
  await finishMoves(files)
  const left = files.filter(({ path, etag }) => !taken.has(`${path} ${etag}`))
  const imports: string[] = []
  for (const [listener, arrivals] of Map.groupBy(left, (file) => file.listener)) {
    const user = await db().user.findFirst({
      where: { OR: [{ id: listener }, { spotifyUserId: listener }] },
      select: { id: true, erasingAt: true, suspendedAt: true },
    })
    if (!user) await refuseUnknown(listener, arrivals)
    else if (!user.erasingAt && !user.suspendedAt) imports.push(...(await takeFor(user.id, arrivals)))
  }
  return imports
}

async function waitingFiles(): Promise<Arrival[]> {
  const arrivals: Arrival[] = []
  for await (const files of landing().listFiles(UPLOADS.toProcess)) {
    for (const file of files) {
      const [listener = '', ...rest] = file.path.slice(UPLOADS.toProcess.length + 1).split('/')
      // A console of S3 shows folders by empty objects.
      const isFile = file.isComplete && rest.at(-1) !== '' && !rest.at(-1)?.startsWith('.')
      if (isFile) arrivals.push({ ...file, listener, rest: rest.join('/') })
    }
    if (arrivals.length >= MAX_FILES) break
  }
  return arrivals.slice(0, MAX_FILES)
}

/** Moves what imports have taken. The row goes last, so that a crash in between takes nothing twice. */
async function finishMoves(files: Arrival[]): Promise<void> {
  const etags = new Map(files.map(({ path, etag }) => [path, etag]))
  const rows = await db().arrival.findMany({ orderBy: { at: 'asc' }, take: MAX_FILES })
  // A file that has been put at the same path since then is another one.
  const moved = rows.filter(({ path, etag }) => (etags.get(path) ?? etag) === etag)
  const ends = await landing().moveMany(moved.map(moveOf))
  const waiting = new Set(moved.filter((_, index) => isUnusable(ends[index])))
  if (waiting.size > 0) log.warn('imported files could not be moved; a later tick tries again', { files: waiting.size })
  for (const { path, etag } of rows.filter((row) => !waiting.has(row)))
    await db().arrival.deleteMany({ where: { path, etag } })
}

/** Not for a file that somebody else has removed. */
const isUnusable = (end: MoveEnd | undefined) => end !== undefined && 'failure' in end && !(end.failure instanceof Stop)

function moveOf({ path, etag, userId, importId }: TakenFile): Move {
  const [, ...rest] = path.slice(UPLOADS.toProcess.length + 1).split('/')
  return { from: path, to: `${UPLOADS.processed}/${userId}/${importId}/${rest.join('/')}`, etag }
}

/** @returns the import, if one could be started now */
async function takeFor(userId: string, arrivals: Arrival[]): Promise<string[]> {
  const large = arrivals.filter(({ bytes }) => bytes > MAX_BYTES)
  if (large.length > 0)
    await refuse(large, [userId], {
      problem: `A file is larger than ${MAX_UPLOAD.megabytes} MB: ${shown(large)}`,
      remedy: 'Split it into smaller ones.',
    })
  const batch = batchOf(arrivals.filter(({ bytes }) => bytes <= MAX_BYTES))
  if (batch.length === 0) return []
  const bytes = batch.reduce((sum, file) => sum + file.bytes, 0)
  try {
    const { id } = await spoolUpload(userId, bytes, {
      write: async (importId) => downloadAll(importId, batch, await ownNames(userId)),
      also: (tx, importId) =>
        tx.arrival.createMany({ data: batch.map(({ path, etag }) => ({ path, etag, userId, importId })) }),
    })
    log.info('files in the landing zone are imported', { userId, importId: id, files: batch.length })
    await finishMoves(batch)
    return [id]
  } catch (error) {
    // Another import is open, the disk is full, or a file was changed: later.
    if (!(error instanceof Refused || error instanceof Stop)) throw error
    log.info('files in the landing zone wait', { userId, files: batch.length, problem: messageOf(error) })
    return []
  }
}

/** As many files as an upload may have. */
function batchOf(arrivals: Arrival[]): Arrival[] {
  const batch: Arrival[] = []
  let bytes = 0
  for (const file of arrivals) {
    if (batch.length >= MAX_UPLOAD.files || bytes + file.bytes > MAX_BYTES) break
    batch.push(file)
    bytes += file.bytes
  }
  return batch
}

async function downloadAll(importId: string, files: Arrival[], own: string[]): Promise<Written> {
  const digests: string[] = []
  for (const [index, file] of files.entries()) {
    const target = spooledFile(importId, index)
    await landing().download(file, target)
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(target)) hash.update(chunk as Buffer)
    digests.push(`${READER_VERSION}:${hash.digest('hex')}`)
  }
  return { names: files.map(({ rest }) => nameOf(rest, own)), digests }
}

async function refuseUnknown(listener: string, arrivals: Arrival[]): Promise<void> {
  const admins = await db().user.findMany({ where: { isAdmin: true }, select: { id: true }, take: MAX_ADMINS })
  await refuse(
    arrivals,
    admins.map(({ id }) => id),
    {
      problem:
        listener === '' || arrivals.every(({ rest }) => rest === '')
          ? `Files in ${UPLOADS.toProcess} belong to no listener: ${shown(arrivals)}`
          : `No listener here has the id "${nameOf(listener, [])}": ${shown(arrivals)}`,
      remedy: `Put them into ${UPLOADS.toProcess}/, in a folder with the listener’s Spotify id.`,
    },
  )
}

/** Moves files away so that they are not looked at again, and says why once. */
async function refuse(
  files: Arrival[],
  userIds: string[],
  { problem, remedy }: { problem: string; remedy: string },
): Promise<void> {
  log.warn('files in the landing zone are not imported', { problem, files: files.map(({ path }) => path).slice(0, 10) })
  for (const userId of userIds) {
    const subject = `arrival:${files[0]?.path} ${files[0]?.etag}`
    const title = 'Files in the landing zone can’t be imported'
    await notify(userId, { event: 'failed', subject, title, facts: {}, problem, remedy, path: '/import' })
  }
  const moves = files.map(({ path, etag }) => ({
    from: path,
    to: path.replace(UPLOADS.toProcess, UPLOADS.refused),
    etag,
  }))
  for (const end of await landing().moveMany(moves))
    if ('failure' in end && !(end.failure instanceof Failure)) throw end.failure
}

const MAX_SHOWN = 3
function shown(files: Arrival[]): string {
  const names = files.slice(0, MAX_SHOWN).map(({ path }) => nameOf(path, []))
  return names.join(', ') + (files.length > MAX_SHOWN ? ` and ${files.length - MAX_SHOWN} more` : '')
}
