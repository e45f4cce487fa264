import { DAY } from '#lib/core/clock.ts'
import { Failure } from '#lib/core/errors.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { addLogLine } from '#lib/runs/runs.ts'
import { kindOf } from '#lib/spotify/failures.ts'
import { type FetchedPage, type PageRequest, requestPage } from './page.ts'
import { type Slice, Superseded } from './slice.ts'

/**
 * Chooses the page size. Some pages fail at the usual size: Spotify's gateway gives up on heavy ones, or a limit was
 * lowered. Offsets are multiples of the size, so each read has one; later reads start with the size that worked.
 */

const SMALL = 20
const MAX_TRIES = 2
const REMEMBER_MS = 7 * DAY
const BOOKMARK = 'page size'

interface Remembered {
  size: number
  until: string
}

/** How many items to request at once: the stream's limit, or less if that failed within the last 7 days. */
export async function pageSizeFor({ streamRun, stream }: Slice): Promise<number> {
  const where = { userId: streamRun.userId, stream: stream.name, name: BOOKMARK }
  const bookmark = await db().bookmark.findUnique({ where: { userId_stream_name: where } })
  const remembered = (bookmark?.value ?? null) as Remembered | null
  if (!remembered || Date.parse(remembered.until) < streamRun.queuedAt.getTime()) return stream.limit
  return Math.min(remembered.size, stream.limit)
}

/** The page size that Spotify uses for this list if it is smaller than requested; otherwise null. */
export function cappedSize({ hasNext, limit, items }: FetchedPage, size: number): number | null {
  // A page that holds more than it says shows that the size works.
  return hasNext && limit !== null && limit > 0 && limit < size && items.length <= limit ? limit : null
}

/** Remembers the page size that Spotify uses. @returns the size, or null if it is the requested one */
export async function adoptCappedSize(slice: Slice, page: FetchedPage, size: number): Promise<number | null> {
  const capped = cappedSize(page, size)
  if (capped !== null) await rememberSize(slice, capped, `Spotify only sends ${capped} items at a time`)
  return capped
}

/**
 * After a page failed twice, tries it in a smaller size. If that works, remembers the size.
 * @param error what `requestPage` threw
 * @returns the size to start over with, or null if the size is not the cause
 */
export async function smallerSize(slice: Slice, read: StreamRead, error: unknown): Promise<number | null> {
  if (!mayDependOnSize(error)) return null
  const request = error.context.request as PageRequest | undefined
  if (!request || request.size <= SMALL) return null
  if ((await countTries(read, request, error)) < MAX_TRIES) return null
  try {
    await requestPage(slice, { ...request, size: SMALL }, [])
  } catch (again) {
    if (again instanceof Superseded) throw again
    // Any other failure is handled when the read starts over.
    return mayDependOnSize(again) ? null : SMALL
  }
  await rememberSize(slice, SMALL, error.message)
  return SMALL
}

function mayDependOnSize(error: unknown): error is Failure {
  const kind = kindOf(error)
  return error instanceof Failure && (kind === 'unavailable' || kind === 'malformed' || kind === 'refused')
}

/** Counts tries across jobs, because a job tries a request that times out only once. */
async function countTries(read: StreamRead, { query, part }: PageRequest, error: Failure): Promise<number> {
  const failedRequest = JSON.stringify([part ?? null, query ?? {}])
  const { failures } = await db().streamRead.findUniqueOrThrow({ where: { id: read.id } })
  const tries = Number(error.context.tries ?? 1) + (read.failedRequest === failedRequest ? failures : 0)
  await db().streamRead.updateMany({ where: { id: read.id }, data: { failedRequest, failures: tries } })
  return tries
}

/** Remembers a size for a week, and says why on the run page. */
async function rememberSize({ streamRun, stream }: Slice, size: number, why: string): Promise<void> {
  const key = { userId: streamRun.userId, stream: stream.name, name: BOOKMARK }
  const value = { size, until: new Date(streamRun.queuedAt.getTime() + REMEMBER_MS).toISOString() }
  await db().bookmark.upsert({
    where: { userId_stream_name: key },
    create: { ...key, value },
    update: { value },
  })
  await addLogLine(streamRun.id, 'warn', `${why}. Reading ${size} items at a time for the next 7 days.`)
}
