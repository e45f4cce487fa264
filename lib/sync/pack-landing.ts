import { decodeTime, ulid } from 'ulid'
import { HOUR, SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Failure, messageOf, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, Prisma, type StreamRead } from '#lib/db.ts'
import { type Packed, type PackWriter, packWriter } from '#lib/landing/pack.ts'
import { landing, landingFolder } from '#lib/storage/places.ts'
import { streams } from '#lib/streams/index.ts'

/**
 * Packs the responses of earlier reads (docs/decisions/0064). Nothing is dropped: a rebuild needs every read, because the
 * change tables come from their sequence.
 */

/** The responses of one stream for one listener. */
interface List {
  userId: string
  stream: string
}

/** A list is packed when this much of it could be. */
const WORTHWHILE_BYTES = 64 * 1024
const WORTHWHILE_READS = 16

const MAX_TICK_MS = 60 * SECOND
const LISTENERS_AT_ONCE = 100
const MAX_READS = 200
const MAX_OBJECTS = 10_000
/** A pack of this size is not continued. */
const FULL_BYTES = 8 * 1024 * 1024
const FULL_PAGES = 20_000
/** A file that no row knows is deleted after this time; a pack must be recorded within less. */
const ORPHAN_AFTER_MS = 2 * HOUR
const RECORD_WITHIN_MS = HOUR
const RECORDING = { timeout: 30 * SECOND }

/** Where the next tick continues, so that its cost does not grow with the number of listeners. */
let lastUserId = ''

/**
 * Packs what was read longer than LANDING_PACK_AFTER ago, but not the newest full read of each list. Ends after a minute;
 * the next call continues with the next listeners.
 * @returns how many reads were packed
 */
export async function packLanding(now: Date): Promise<number> {
  const { LANDING_PACK_AFTER } = settings()
  if (LANDING_PACK_AFTER === null) return 0
  const before = new Date(now.getTime() - LANDING_PACK_AFTER)
  const started = Date.now()
  let packed = 0
  do {
    const listeners = await db().user.findMany({
      where: { id: { gt: lastUserId }, erasingAt: null },
      orderBy: { id: 'asc' },
      take: LISTENERS_AT_ONCE,
      select: { id: true },
    })
    for (const { id } of listeners) {
      if (Date.now() - started > MAX_TICK_MS) return packed
      // First, so that a listener whose lists can't be packed doesn't keep the others waiting.
      lastUserId = id
      for (const list of await worthwhileLists(id, before)) packed += await packList(list, before, now)
    }
    if (listeners.length < LISTENERS_AT_ONCE) lastUserId = ''
  } while (lastUserId !== '')
  return packed
}

/**
 * Reads that may be packed: old enough, loaded into every warehouse, and not the newest full read of their stream. Not
 * imports, which nothing resembles.
 */
function packable(before: Date): Prisma.Sql {
  return Prisma.sql`
    r.state = 'complete' and r."packedAt" is null and r."completedAt" < ${before}
    and r.stream in (${Prisma.join(streams.map(({ name }) => name))})
    and (r.scope <> 'whole' or exists (
      select 1 from "StreamRead" n
      where n."userId" = r."userId" and n.stream = r.stream and n.state = 'complete' and n.scope = 'whole' and n."syncedAt" > r."syncedAt"))
    and not exists (select 1 from "LoadLedger" l where l."readId" = r.id and l.state <> 'loaded')
    and not exists (
      select 1 from "LandedObject" o where o."readId" = r.id and (o.outcome = 'landed' or (o.outcome = 'loaded' and not o.moved)))`
}

async function worthwhileLists(userId: string, before: Date): Promise<List[]> {
  return db().$queryRaw<List[]>(Prisma.sql`
    select r."userId", r.stream from "StreamRead" r left join "LandedObject" o on o."readId" = r.id and o.outcome = 'loaded'
    where r."userId" = ${userId} and ${packable(before)}
    group by r."userId", r.stream
    having sum(o.bytes) >= ${WORTHWHILE_BYTES} or count(distinct r.id) >= ${WORTHWHILE_READS}`)
}

/** Packs one list. A problem leaves everything as it was, for a later tick. @returns how many reads were packed */
async function packList(list: List, before: Date, now: Date): Promise<number> {
  try {
    const reads = await db().$queryRaw<Read[]>(Prisma.sql`
      select r.id from "StreamRead" r
      where r."userId" = ${list.userId} and r.stream = ${list.stream} and ${packable(before)}
      order by r."syncedAt", r.id limit ${MAX_READS}`)
    const draft = await continued(list)
    for (const read of reads) {
      if (draft.pages.length >= MAX_OBJECTS || draft.writer.bytes() >= FULL_BYTES) break
      await addRead(draft, read)
    }
    await record(list, draft, now)
    await removeFormer(list)
    return draft.reads.length
  } catch (error) {
    log.warn('responses could not be packed; a later tick tries again', { ...list, problem: messageOf(error) })
    if (error instanceof Failure) return 0
    throw error
  }
}

type Read = Pick<StreamRead, 'id'>

interface Draft {
  writer: PackWriter
  /** The pack that it continues. */
  former: { path: string; pages: number } | null
  reads: string[]
  pages: (Packed & { id: string })[]
}

/** Continues the list's last pack unless that is full, or starts a new one. */
async function continued({ userId, stream }: List): Promise<Draft> {
  const empty = { reads: [], pages: [] }
  const last = await db().landedObject.findFirst({
    where: { packedAs: { not: null }, read: { userId, stream, packedAt: { not: null } } },
    orderBy: [{ path: 'desc' }],
    select: { path: true },
  })
  if (!last) return { ...empty, writer: await packWriter(), former: null }
  const objects = await db().landedObject.findMany({
    where: { path: last.path, read: { userId, stream } },
    select: { packedAs: true, identities: true },
    take: FULL_PAGES,
  })
  const identities: Uint8Array[] = []
  for (const object of objects) if (object.packedAs !== null) identities[object.packedAs] = object.identities
  try {
    const writer = await packWriter(await landing().getBytes(last.path), identities)
    const isFull = writer.bytes() >= FULL_BYTES || objects.length >= FULL_PAGES - MAX_OBJECTS
    if (!isFull) return { ...empty, writer, former: { path: last.path, pages: objects.length } }
  } catch (error) {
    // A damaged pack stays for a rebuild to report.
    if (!(error instanceof Stop)) throw error
    log.error('a pack of responses is damaged', { ...error.context, path: last.path, problem: error.message })
  }
  return { ...empty, writer: await packWriter(), former: null }
}

async function addRead(draft: Draft, { id }: Read): Promise<void> {
  const objects = await db().landedObject.findMany({
    where: { readId: id, outcome: 'loaded', packedAs: null },
    orderBy: { page: 'asc' },
    select: { id: true, path: true, etag: true, identities: true },
  })
  try {
    for (const object of objects) {
      const packed = await draft.writer.add(await landing().get(object.path, object.etag), object.identities)
      draft.pages.push({ ...packed, id: object.id })
    }
  } catch (error) {
    // The read is left as it is. A rebuild that needs it finds it damaged and reads the stream from Spotify again.
    if (!(error instanceof Stop)) throw error
    log.error('a landed object cannot be packed', { ...error.context, readId: id, problem: error.message })
    const ids = new Set(objects.map((object) => object.id))
    draft.pages = draft.pages.filter((page) => !ids.has(page.id))
  }
  draft.reads.push(id)
}

/** Stores the pack, then records in one transaction that its pages are there. Until then nothing refers to it. */
async function record(list: List, draft: Draft, now: Date): Promise<void> {
  if (draft.reads.length === 0) return
  const { userId } = list
  const { pages, reads, former } = draft
  const id = ulid()
  const path = `${landingFolder('packed', list)}/${id}.pack`
  await landing().putBytes(path, await draft.writer.file())
  try {
    await db().$transaction(async (tx) => {
      const [user] = await tx.$queryRaw<unknown[]>`
        select 1 from "User" where id = ${userId} and "erasingAt" is null for share`
      const waiting = await tx.loadLedger.count({ where: { readId: { in: reads }, state: { not: 'loaded' } } })
      if (!user || waiting > 0 || Date.now() - decodeTime(id) > RECORD_WITHIN_MS) throw new Changed()
      const added = await tx.$executeRaw(Prisma.sql`
        update "LandedObject" o set path = ${path}, etag = null, "packedAs" = p.page, bytes = p.bytes
        from unnest(${pages.map((page) => page.id)}::text[], ${pages.map(({ page }) => page)}::int[], ${pages.map(({ bytes }) => bytes)}::int[])
          as p(id, page, bytes)
        where o.id = p.id and o."packedAs" is null and o.outcome = 'loaded'`)
      const moved = former
        ? await tx.landedObject.updateMany({ where: { path: former.path, read: list }, data: { path } })
        : null
      if (added !== pages.length || (moved?.count ?? 0) !== (former?.pages ?? 0)) throw new Changed()
      await tx.streamRead.updateMany({ where: { id: { in: reads } }, data: { packedAt: now } })
    }, RECORDING)
  } catch (error) {
    // After another error it may be recorded all the same. If it isn't, a later tick deletes it.
    if (error instanceof Changed) await landing().remove(path)
    throw error
  }
}

/** Somebody loads, erases or packs the same reads at this moment. */
class Changed extends Stop {
  constructor() {
    super('The reads have changed while they were packed', { remedy: 'Nothing to do. A later tick packs them.' })
  }
}

/** Deletes the files of pages that are in a pack now, and packs that were continued; also those that a crash left. */
async function removeFormer(list: List): Promise<void> {
  for await (const paths of landing().list(landingFolder('processed', list))) {
    const readIds = [...new Set(paths.map((path) => path.split('/').at(-2) ?? ''))]
    const packed = await db().streamRead.findMany({
      where: { id: { in: readIds }, packedAt: { not: null } },
      select: { id: true },
    })
    const isPacked = new Set(packed.map(({ id }) => id))
    await removeUnknown(
      list,
      paths.filter((path) => isPacked.has(path.split('/').at(-2) ?? '')),
    )
  }
  for await (const paths of landing().list(landingFolder('packed', list)))
    await removeUnknown(list, paths.filter(isOld))
}

async function removeUnknown(list: List, paths: string[]): Promise<void> {
  const known = await db().landedObject.findMany({
    where: { path: { in: paths }, read: list },
    distinct: ['path'],
    select: { path: true },
  })
  const isKnown = new Set(known.map(({ path }) => path))
  await landing().remove(...paths.filter((path) => !isKnown.has(path)))
}

/** Whether a pack is old enough for its pages to have been recorded. */
function isOld(path: string): boolean {
  const id = /([0-9A-Z]{26})\.pack$/.exec(path)?.[1]
  return id !== undefined && Date.now() - decodeTime(id) > ORPHAN_AFTER_MS
}
