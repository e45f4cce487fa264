import { createHash } from 'node:crypto'
import { pause } from '#lib/core/clock.ts'
import { settings, spotifyUrls } from '#lib/core/config.ts'
import { Failure, messageOf, Transient } from '#lib/core/errors.ts'
import { db, type StreamRead } from '#lib/db.ts'
import { accessToken } from '#lib/quota/access-token.ts'
import { withinLimits } from '#lib/quota/request-limits.ts'
import { getFromSpotify } from '#lib/spotify/client.ts'
import { kindOf, malformed } from '#lib/spotify/failures.ts'
import { landing, landingPath } from '#lib/storage/places.ts'
import { EMPTY_PAGE, NO_CONTENT, type Page, type Stream } from '#lib/streams/stream.ts'
import { isCurrent, requireCurrent, type Slice, Superseded } from './slice.ts'
import { hintsOf } from './withheld.ts'

/** A response as text, with the items its stream found in it. */
export interface FetchedPage extends Page<unknown> {
  text: string
}

const RETRY_DELAYS_MS = [250, 1_000]

/** What to request. */
export interface PageRequest {
  /** Items per page. */
  size: number
  query?: Record<string, string>
  part?: string | undefined
}

/**
 * Requests one page within the app's limits and with a fresh token. Tries three times, but not after a timeout: the job
 * repeats later and leaves its slot to others until then. A refusal is tried twice.
 * @throws Wait, Skip, Reconnect, Stop, Transient, with `context.request` and the number of failed `context.tries`; Superseded when the
 * response comes too late
 */
export async function requestPage(slice: Slice, request: PageRequest, delays = RETRY_DELAYS_MS): Promise<FetchedPage> {
  let refusedToken: string | undefined
  for (let attempt = 0; ; attempt++) {
    if (!slice.token || slice.token === refusedToken)
      slice.token = await accessToken(slice.streamRun.userId, refusedToken)
    const { token } = slice
    try {
      const page = await withinLimits(slice.app, slice.stream.requests, () => fetchPage(slice, token, request))
      // Waiting for a slot and for Spotify may have taken long.
      await requireCurrent(slice)
      return page
    } catch (error) {
      if (kindOf(error) === 'token' && refusedToken === undefined) {
        refusedToken = token
        continue
      }
      const delayMs = delays[attempt]
      const isRetried = error instanceof Transient ? !error.context.timedOut : attempt === 0 && isRefusal(error)
      if (!isRetried || delayMs === undefined) {
        if (error instanceof Failure) Object.assign(error.context, { tries: attempt + 1, request })
        throw error
      }
      await pause(Math.min(delayMs, settings().ENGINE_BACKOFF_MS ?? delayMs))
    }
  }
}

function isRefusal(error: unknown): boolean {
  return kindOf(error) === 'refused'
}

async function fetchPage(
  slice: Slice,
  token: string,
  { size, query = {}, part = '' }: PageRequest,
): Promise<FetchedPage> {
  const { stream, instant } = slice
  const path = stream.endpoint.replace('{part}', encodeURIComponent(part))
  slice.unchargedRequests++
  const response = await getFromSpotify(spotifyUrls().api, {
    path,
    query: { ...stream.query, limit: String(size), ...query },
    token,
    instant,
    deadlineMs: settings().SPOTIFY_DEADLINE_MS,
  })
  if (response.body === undefined) return { ...EMPTY_PAGE, text: NO_CONTENT }
  try {
    return { ...stream.page(response.body), text: response.text }
  } catch (cause) {
    throw malformed(`${stream.title} came in an unexpected format`, cause, {
      endpoint: path,
      why: messageOf(cause).slice(0, 300),
    })
  }
}

/** What identifies a first page. The same first page and total at a later time mean that the list did not move. */
export interface FirstPage {
  keys: (string | null)[]
  hash: string
}

export function firstPageOf(stream: Stream, page: FetchedPage): FirstPage {
  return {
    keys: page.items.map((item) => (item === null ? null : stream.identity(item))),
    hash: createHash('sha256').update(page.text).digest('base64url'),
  }
}

export function sameKeys(one: FirstPage | null, other: FirstPage | null): boolean {
  return !!one && !!other && JSON.stringify(one.keys) === JSON.stringify(other.keys)
}

/** Eight bytes per item: among 100,000 items, the chance that two of them collide is below one in a billion. */
export function fingerprints(stream: Stream, items: unknown[]): Buffer<ArrayBuffer> {
  const prints = Buffer.alloc(items.length * 8)
  items.forEach((item, index) => {
    // Items without an identity get a random one, so that two of them do not count as a repeat.
    const name = (item === null ? null : stream.identity(item)) ?? `${index}:${Math.random()}`
    createHash('sha1')
      .update(name)
      .digest()
      .copy(prints, index * 8, 0, 8)
  })
  return prints
}

/** Where a page belongs in its read, and the query that fetched it. */
export interface PagePosition {
  page: number
  part?: string
  request: string
}

/**
 * Lands a response as it came: the file first, then its row and the counters in one transaction, so that a crash
 * repeats at most this request. Ends the backoff.
 * @throws Superseded
 */
export async function landPage(
  slice: Slice,
  read: StreamRead,
  position: PagePosition,
  page: FetchedPage,
): Promise<void> {
  const { stream, streamRun, listener } = slice
  const path = landingPath({
    stream: stream.name,
    userId: streamRun.userId,
    readId: read.id,
    page: position.page,
  })
  const { bytes, etag } = await landing().put(path, page.text)
  const parts =
    stream.part && page.items.flatMap((item) => (item === null ? [] : (stream.part?.(item, listener) ?? [])))
  const hints = hintsOf(stream, page)
  const requests = slice.unchargedRequests
  slice.unchargedRequests = 0
  // One statement, so that a page costs one round trip. An attempt that died after landing the same page left its row,
  // which this response replaces.
  const landed = await db().$executeRaw`
    with run as (
      update "StreamRun" set pages = pages + 1, items = items + ${page.items.length}, bytes = bytes + ${bytes}, requests = requests + ${requests},
        "pausesInRow" = 0
      where ${isCurrent(slice)} and exists (select 1 from "StreamRead" where id = ${read.id} and state = 'open') returning id
    ), counted as (
      update "StreamRead" set pages = pages + 1, items = items + ${page.items.length} where id = ${read.id} and exists (select 1 from run)
    )
    insert into "LandedObject" (id, "readId", page, part, request, path, items, bytes, identities, parts, cursor, "hasNext", withheld, etag)
    select ${`${read.id}:${position.page}`}, ${read.id}, ${position.page}::int, ${position.part ?? null}, ${position.request}, ${path},
           ${page.items.length}::int, ${bytes}::int, ${fingerprints(stream, page.items)}, ${parts ? JSON.stringify(parts) : null}::jsonb, ${page.cursor}, ${page.hasNext},
           ${hints.length > 0 ? JSON.stringify(hints) : null}::jsonb, ${etag}
    from run
    on conflict (id) do update set
      request = excluded.request, items = excluded.items, bytes = excluded.bytes, identities = excluded.identities,
      parts = excluded.parts, cursor = excluded.cursor, "hasNext" = excluded."hasNext", withheld = excluded.withheld,
      part = excluded.part, etag = excluded.etag`
  if (landed > 0) return
  // The slice that took over owns the file now, unless the listener was deleted meanwhile.
  if ((await db().user.count({ where: { id: streamRun.userId } })) === 0) await landing().remove(path)
  throw new Superseded()
}

/** Counts requests that landed nothing, such as change detection and refused requests. */
export async function chargeRequests(slice: Slice): Promise<void> {
  if (slice.unchargedRequests === 0) return
  const requests = slice.unchargedRequests
  slice.unchargedRequests = 0
  // updateMany, because the listener may have been deleted meanwhile.
  await db().streamRun.updateMany({ where: { id: slice.streamRun.id }, data: { requests: { increment: requests } } })
}
