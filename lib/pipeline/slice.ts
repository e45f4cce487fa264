import { createHash } from 'node:crypto'
import { pause, SECOND } from '../clock.ts'
import { settings, spotifyUrls } from '../config.ts'
import { db, Prisma, type StreamRead, type StreamRun } from '../db.ts'
import { messageOf, Transient } from '../errors.ts'
import { createSpotify } from '../sources/spotify/client.ts'
import { kindOf, malformed } from '../sources/spotify/failures.ts'
import type { Page, Stream } from '../streams/stream.ts'
import { accessToken } from './access-token.ts'
import type { AppHealth } from './app-trouble.ts'
import { landing } from './places.ts'
import { type LimitedApp, withinLimits } from './request-limits.ts'

/** One bounded piece of extracting: what it works on and how far it may go. */
export interface Slice {
  /** As it was when the slice began. Its `sentAt` is the slice's own: a later slice of the stream run writes another. */
  streamRun: StreamRun
  stream: Stream
  listener: { spotifyUserId: string }
  app: LimitedApp & AppHealth
  /** The past instant that is asked for, or null for now. */
  instant: Date | null
  budget: Budget
  /** Requests that no page has been charged with yet. */
  asked: number
  /** The access token, once the first request needed it. */
  token?: string
}

const MOST_PAGES = 20
const MOST_MS = 10 * SECOND

/** At most 20 pages or 10 s: a crash repeats no more than that, and other streams get their turn. */
export class Budget {
  private pages = MOST_PAGES
  private readonly endsAt = Date.now() + MOST_MS

  /** Whether one more page may be asked; counts it. */
  take(): boolean {
    if (this.pages <= 0 || Date.now() > this.endsAt) return false
    this.pages--
    return true
  }
}

/** An answer with what its stream understands of it. */
export interface AskedPage extends Page<unknown> {
  text: string
}

const BACK_OFF_MS = [250, 1_000]

/**
 * Asks for one page: within the app's limits, with a fresh token, three times before it gives up. An answer that never
 * came is not waited for again: the job is repeated later, and until then others have its slot.
 * @throws Wait, Skip, Reconnect, Stop, Transient; Superseded, so that nothing is made of an answer that comes too late
 */
export async function askPage(slice: Slice, query: Record<string, string> = {}, part?: string): Promise<AskedPage> {
  let stale: string | undefined
  for (let attempt = 0; ; attempt++) {
    if (!slice.token || slice.token === stale) slice.token = await accessToken(slice.streamRun.userId, stale)
    const { token } = slice
    try {
      const page = await withinLimits(slice.app, slice.stream.requests, () => fetchPage(slice, token, query, part))
      // Its turn and the answer may have taken long.
      await requireCurrent(db(), slice)
      return page
    } catch (thrown) {
      if (kindOf(thrown) === 'token' && stale === undefined) {
        stale = token
        continue
      }
      const backOff = BACK_OFF_MS[attempt]
      if (!(thrown instanceof Transient) || thrown.context.timedOut || backOff === undefined) throw thrown
      await pause(Math.min(backOff, settings().ENGINE_BACKOFF_MS ?? backOff))
    }
  }
}

async function fetchPage(
  slice: Slice,
  token: string,
  query: Record<string, string>,
  part?: string,
): Promise<AskedPage> {
  const { stream, instant } = slice
  const path = stream.endpoint.replace('{part}', encodeURIComponent(part ?? ''))
  slice.asked++
  const { SPOTIFY_DEADLINE_MS: deadlineMs } = settings()
  const answer = await createSpotify(spotifyUrls().api, deadlineMs ? { deadlineMs } : {}).get({
    path,
    query: { ...stream.query, limit: String(stream.limit), ...query },
    token,
    ...(instant ? { instant } : {}),
  })
  try {
    return { ...stream.page(answer.body), text: answer.text }
  } catch (cause) {
    throw malformed(`${stream.title} has another form than expected`, cause, {
      endpoint: path,
      why: messageOf(cause).slice(0, 300),
    })
  }
}

/** What a first page says of its list: the same head and total later mean that nothing moved. */
export interface Head {
  keys: (string | null)[]
  hash: string
}

export function headOf(stream: Stream, page: AskedPage): Head {
  return {
    keys: page.items.map((item) => (item === null ? null : stream.identity(item))),
    hash: createHash('sha256').update(page.text).digest('base64url'),
  }
}

export function sameKeys(one: Head | null, other: Head | null): boolean {
  return !!one && !!other && JSON.stringify(one.keys) === JSON.stringify(other.keys)
}

/** Eight bytes an item; enough to see a repeat among 100,000 with a chance of error below one in a billion. */
function fingerprints(stream: Stream, items: unknown[]): Buffer<ArrayBuffer> {
  const prints = Buffer.alloc(items.length * 8)
  items.forEach((item, index) => {
    // An item without identity gets one of its own: two of them are no repeat.
    const name = (item === null ? null : stream.identity(item)) ?? `${index}:${Math.random()}`
    createHash('sha1')
      .update(name)
      .digest()
      .copy(prints, index * 8, 0, 8)
  })
  return prints
}

/** Thrown out of a slice whose stream run was cancelled or taken over: what it knows is not written any more. */
export class Superseded extends Error {
  constructor() {
    super('the stream run was cancelled or taken over')
  }
}

/**
 * Lets `work` write, and no other slice begin until it has. An engine that was killed is soon back and asks for a slice
 * again whose first call still goes on: of two that know the same next page, the first one has to stop.
 * @throws Superseded when a later slice has begun, or the stream run is over
 */
export function whileCurrent<T>(slice: Slice, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
  return db().$transaction(async (tx) => {
    await requireCurrent(tx, slice, Prisma.sql`for share`)
    return work(tx)
  })
}

/** @param lock held until the transaction ends @throws Superseded */
async function requireCurrent(tx: Prisma.TransactionClient, slice: Slice, lock = Prisma.empty): Promise<void> {
  const current = await tx.$queryRaw<unknown[]>`select 1 from "StreamRun" where ${isCurrent(slice)} ${lock}`
  if (current.length === 0) throw new Superseded()
}

function isCurrent({ streamRun: { id, attempt, sentAt } }: Slice): Prisma.Sql {
  return Prisma.sql`id = ${id} and state = 'running' and attempt = ${attempt} and "sentAt" = ${sentAt}`
}

export interface PagePlace {
  page: number
  part?: string
  request: string
}

/**
 * Lands an untouched answer and moves on: the file first, then row and counters in one transaction, so a crash
 * repeats at most this one request. A page that landed ends the backoff.
 */
export async function landPage(slice: Slice, read: StreamRead, place: PagePlace, page: AskedPage): Promise<void> {
  const { stream, streamRun, listener } = slice
  const folder = `raw_data/to_process/${stream.name}/${streamRun.userId}`
  const path = `${folder}/${read.id}/${String(place.page).padStart(5, '0')}.json.gz`
  const bytes = await landing().put(path, page.text)
  const parts =
    stream.part && page.items.flatMap((item) => (item === null ? [] : (stream.part?.(item, listener) ?? [])))
  const asked = slice.asked
  slice.asked = 0
  // One statement: it is one transaction, and a page costs one round trip. An attempt that died after landing the page
  // left its row; the answer of now takes its place.
  const landed = await db().$executeRaw`
    with run as (
      update "StreamRun" set pages = pages + 1, items = items + ${page.items.length}, bytes = bytes + ${bytes}, requests = requests + ${asked},
        "pausesInRow" = 0
      where ${isCurrent(slice)} and exists (select 1 from "StreamRead" where id = ${read.id} and state = 'open') returning id
    ), counted as (
      update "StreamRead" set pages = pages + 1, items = items + ${page.items.length} where id = ${read.id} and exists (select 1 from run)
    )
    insert into "LandedObject" (id, "readId", page, part, request, path, items, bytes, identities, parts, cursor)
    select ${`${read.id}:${place.page}`}, ${read.id}, ${place.page}::int, ${place.part ?? null}, ${place.request}, ${path},
           ${page.items.length}::int, ${bytes}::int, ${fingerprints(stream, page.items)}, ${parts ? JSON.stringify(parts) : null}::jsonb, ${page.cursor}
    from run
    on conflict (id) do update set
      request = excluded.request, items = excluded.items, bytes = excluded.bytes, identities = excluded.identities,
      parts = excluded.parts, cursor = excluded.cursor, part = excluded.part`
  if (landed > 0) return
  // Whoever took over owns the file; after "Delete everything" nobody does.
  if ((await db().user.count({ where: { id: streamRun.userId } })) === 0) await landing().remove(path)
  throw new Superseded()
}

/** Charges requests that landed nothing: looks at a first page, refused ones. */
export async function chargeRequests(slice: Slice): Promise<void> {
  if (slice.asked === 0) return
  const asked = slice.asked
  slice.asked = 0
  // "Delete everything" may have taken the stream run away.
  await db().streamRun.updateMany({ where: { id: slice.streamRun.id }, data: { requests: { increment: asked } } })
}

/** Runs `work` for each entry, so many at once; after a failure nothing new starts, and the failure is thrown. */
export async function sideBySide<T>(entries: T[], atOnce: number, work: (entry: T) => Promise<void>): Promise<void> {
  const queue = [...entries]
  let failed = false
  const workers = Array.from({ length: Math.min(atOnce, entries.length) }, async () => {
    for (let entry = queue.shift(); entry !== undefined && !failed; entry = queue.shift()) {
      await work(entry).catch((thrown) => {
        failed = true
        throw thrown
      })
    }
  })
  const results = await Promise.allSettled(workers)
  const rejected = results.find((result) => result.status === 'rejected')
  if (rejected) throw rejected.reason
}
