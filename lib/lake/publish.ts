import { now, SECOND } from '#lib/core/clock.ts'
import { Failure, messageOf, Refused, Transient, Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type LakeConnection, type LakeFile, Prisma } from '#lib/db.ts'
import { openAlert, resolveAlert } from '#lib/notifications/alerts.ts'
import { describeTable } from '#lib/query/tables.ts'
import { s3ProblemOf } from '#lib/s3/failures.ts'
import { keepsEmbeddedCopies, nextLoadAt, retryAt } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy } from '#lib/storage/places.ts'
import { withSnapshot } from '#lib/storage/snapshots.ts'
import { type ExportedFile, exportFiles, type KnownFile } from '#lib/warehouse/duckdb/export.ts'
import { connectedBucket, ownerMark, savedPlace } from './bucket.ts'
import { type CatalogTable, catalogFiles, EXAMPLE_PLACE } from './catalog.ts'
import {
  emptyStaging,
  hashOf,
  isThere,
  measureFile,
  placeFile,
  placeText,
  removeFile,
  removeFolder,
  removeStaging,
} from './folder.ts'
import { describeInGlue } from './glue.ts'
import { dueAt, type Hold, withLease } from './lease.ts'
import { PUBLISHED, pathOf } from './tables.ts'
import { removeObjects, uploadFiles } from './upload.ts'

/**
 * Publishes a listener's tables: a snapshot is written as files to a folder, and from there to the bucket. Every step can be
 * repeated, so a job that died anywhere is continued by the next one.
 */

const ALERT = { kind: 'other', stream: 'lake' } as const

const REPORT_EVERY_MS = SECOND / 2
const MAX_DUE = 200
/** A publication whose event was sent this long ago and that no job has taken is requested again. */
const RESEND_AFTER_MS = 60 * SECOND
/** A bucket that is busy for a while is no reason for an alert. */
const QUIET_MS = 60 * 60 * SECOND

/** The listeners whose publication is to be requested now. */
export async function lakesDue(at = now()): Promise<string[]> {
  if (!keepsEmbeddedCopies()) return []
  const due = await db().lakeConnection.findMany({
    where: {
      AND: [
        dueAt(at),
        { OR: [{ heldUntil: null }, { heldUntil: { lt: at } }] },
        { OR: [{ sentAt: null }, { sentAt: { lt: new Date(at.getTime() - RESEND_AFTER_MS) } }] },
      ],
    },
    orderBy: [{ nextAt: { sort: 'asc', nulls: 'first' } }, { userId: 'asc' }],
    select: { userId: true },
    take: MAX_DUE,
  })
  const userIds = due.map(({ userId }) => userId)
  await db().lakeConnection.updateMany({ where: { userId: { in: userIds } }, data: { sentAt: at } })
  return userIds
}

/**
 * Publishes what is due for a listener.
 * @param by names the job
 * @returns whether another publication was requested meanwhile
 * @throws Transient, for the job to repeat
 */
export async function publish(userId: string, by: string): Promise<{ more: boolean }> {
  await withLease(userId, by, work)
  const user = await db().user.findUnique({ where: { id: userId }, select: { erasingAt: true } })
  // A job that lost its lease may have written into a folder that was deleted already.
  if (!user || user.erasingAt) await removeFolder(userId)
  return { more: (await db().lakeConnection.count({ where: { userId, state: 'queued' } })) > 0 }
}

async function work(hold: Hold): Promise<void> {
  try {
    await publishAll(hold)
  } catch (error) {
    // The account is being deleted.
    if (error instanceof Refused || hold.signal.aborted) return
    if (!(error instanceof Failure) || error instanceof Transient) throw error
    await fail(hold.connection, error)
  }
}

/** Ends a publication whose job gave up. */
export async function giveUpPublication(userId: string, message: string): Promise<void> {
  const connection = await db().lakeConnection.findUnique({ where: { userId } })
  if (connection?.state !== 'publishing') return
  await fail(connection, new Wait(message, now(), { remedy: 'Nothing to do. Tracklake publishes again later.' }))
}

async function fail(connection: LakeConnection, failure: Failure): Promise<void> {
  const { userId, problemSince } = connection
  const since = problemSince ?? now()
  const later = retryAt(since, now())
  const nextAt = failure instanceof Wait && failure.until > later ? failure.until : later
  const { message: problem, remedy } = failure
  log.warn('a publication failed', { userId, ...failure.context, problem, cause: messageOf(failure.cause) })
  const { count } = await db().lakeConnection.updateMany({
    where: { userId, round: connection.round, state: 'publishing' },
    data: { state: 'failed', problem, remedy, problemSince: since, nextAt },
  })
  const mayPass = ['busy', 'unreachable'].includes(s3ProblemOf(failure) ?? '')
  if (count > 0 && (!mayPass || now().getTime() - since.getTime() > QUIET_MS))
    await openAlert(userId, ALERT, { problem, remedy })
}

async function publishAll(hold: Hold): Promise<void> {
  const { userId } = hold.connection
  const gone = hasEmbeddedCopy(userId) ? await withSnapshot(userId, (snapshot) => writeTables(hold, snapshot)) : []
  const catalog = await writeCatalog(hold, gone)
  await removeStaging(userId)
  for (const { path } of gone) await removeFile(userId, path)
  const written = await db().lakeFile.count({
    where: { userId, name: { not: null }, before: { not: Prisma.DbNull }, isGone: false },
  })
  await hold.write({ publishedAt: now() })
  const uploaded = await uploadAll(hold, catalog, gone)
  await complete(hold, { written, uploaded, removed: gone.length })
}

/** Writes the tables that changed. @returns files of tables that are gone */
async function writeTables(hold: Hold, snapshot: string): Promise<LakeFile[]> {
  const { userId } = hold.connection
  const files = await db().lakeFile.findMany({ where: { userId, name: { not: null } } })
  const folder = await emptyStaging(userId)
  const seen = new Set<string>()
  const report = reporter(hold, 'writing')
  const known = await knownFiles(userId, files)
  let [done, total] = [0, 0]
  for await (const message of exportFiles({ ...PUBLISHED, snapshot, folder, known }, { signal: hold.signal })) {
    if (message.type === 'start') total = message.total
    if (message.type === 'broken view') {
      log.warn('a view could not be published', { userId, name: message.name, problem: message.problem })
      seen.add(pathOf({ name: message.name, format: 'parquet' }))
    }
    if (message.type !== 'file') continue
    const path = pathOf(message.file)
    seen.add(path)
    if (message.file.path)
      await take(
        hold,
        message.file,
        files.find((file) => file.path === path),
      )
    else await db().lakeFile.updateMany({ where: { userId, path, isGone: true }, data: { isGone: false } })
    done += 1
    await report(done, total)
  }
  const gone = files.filter(({ path }) => !seen.has(path))
  if (gone.length > 0)
    await hold.commit({}, async (tx) => {
      await tx.lakeFile.updateMany({
        where: { userId, path: { in: gone.map(({ path }) => path) } },
        data: { isGone: true },
      })
    })
  return gone
}

/** What doesn't have to be written again. Field ids stay even if a file is missing. */
async function knownFiles(userId: string, files: LakeFile[]): Promise<Record<string, KnownFile>> {
  const known: Record<string, KnownFile> = {}
  for (const { name, path, digest, fields, bytes } of files)
    if (name) {
      const hasFile = await isThere(userId, path, Number(bytes))
      known[name] = { digest: hasFile ? digest : '', fields: fields as Record<string, number> }
    }
  return known
}

/** Moves an exported file to its place and records it. */
async function take(hold: Hold, file: ExportedFile, before: LakeFile | undefined): Promise<void> {
  const { userId } = hold.connection
  if (!file.path) return
  const { name, digest, schema, rows } = file
  const path = pathOf(file)
  const { bytes, hash } = await measureFile(file.path)
  // Not for a job that lost its lease: the folder may be another one's now.
  await hold.write({})
  await placeFile(userId, path, file.path)
  const fields = {
    ...(before?.fields as Record<string, number> | undefined),
    ...Object.fromEntries(file.columns.map((column) => [column.name, column.id])),
  }
  const columns = file.columns.map((column) => ({ name: column.name, type: column.type }))
  const data = { name, schema, digest, columns, fields, rows, bytes, hash, publishedAt: now(), isGone: false }
  await hold.commit({}, async (tx) => {
    await tx.lakeFile.upsert({
      where: { userId_path: { userId, path } },
      create: { userId, path, ...data, before: {} },
      update: { ...data, ...(before && before.before === null ? { before: contentOf(before) } : {}) },
    })
  })
}

const contentOf = ({ rows, columns }: LakeFile): Prisma.InputJsonObject => ({
  rows,
  columns: columnsOf({ columns }).map(({ name }) => name),
})

type Columns = Pick<CatalogTable['columns'][number], 'name' | 'type'>[]

const columnsOf = ({ columns }: Pick<LakeFile, 'columns'>) => columns as unknown as Columns

interface WrittenCatalog {
  owner: string
  tables: CatalogTable[]
}

/** Writes the files of the catalog that changed. */
async function writeCatalog(hold: Hold, gone: LakeFile[]): Promise<WrittenCatalog> {
  const { connection } = hold
  const { userId } = connection
  const files = await db().lakeFile.findMany({ where: { userId } })
  const byPath = new Map(files.map((file) => [file.path, file]))
  const tables = files.filter(({ name, isGone }) => name !== null && !isGone).map(catalogTable)
  const owner = await ownerMark(userId)
  const place = savedPlace(connection)
  const texts = catalogFiles({
    owner,
    place: { ...(place ?? EXAMPLE_PLACE), glueDatabase: connection.glueDatabase },
    tables: tables.sort((one, other) => (one.path < other.path ? -1 : 1)),
    gone: gone.map(({ name }) => name ?? ''),
  })
  const isUnchanged = tables.every(({ before }) => before === null) && gone.length === 0
  for (const [path, text] of Object.entries(texts)) {
    const held = byPath.get(path)
    const bytes = Buffer.byteLength(text)
    const hash = hashOf(text)
    const isHeld = held !== undefined && (await isThere(userId, path, Number(held.bytes)))
    // What changed last stays known until something changes again.
    if (isHeld && (held.hash === hash || (isUnchanged && path === 'catalogue/changes.json'))) continue
    await hold.write({})
    await placeText(userId, path, text)
    const data = { digest: hash, hash, bytes, publishedAt: now() }
    await hold.commit({}, async (tx) => {
      await tx.lakeFile.upsert({
        where: { userId_path: { userId, path } },
        create: { userId, path, ...data },
        update: data,
      })
    })
  }
  return { owner, tables }
}

function catalogTable(file: LakeFile): CatalogTable {
  const name = file.name ?? ''
  const schema = file.schema as Parameters<typeof describeTable>[0]['schema'] | null
  const columns = columnsOf(file)
  const described = schema
    ? describeTable({
        schema,
        name,
        isView: false,
        columns: Object.fromEntries(columns.map((column) => [column.name, column.type])),
      })
    : {
        title: EXTRACT_TITLES[name] ?? name,
        description: '',
        columns: columns.map((column) => ({ ...column, description: '' })),
      }
  const { path, rows, publishedAt } = file
  return {
    path,
    name,
    schema,
    title: described.title,
    description: described.description,
    columns: described.columns,
    rows,
    bytes: Number(file.bytes),
    publishedAt,
    before: file.before as CatalogTable['before'],
  }
}

const EXTRACT_TITLES: Record<string, string> = { album_data: 'Albums', artist_data: 'Artists', song_data: 'Songs' }

async function uploadAll(hold: Hold, { owner, tables }: WrittenCatalog, gone: LakeFile[]): Promise<number> {
  const { connection } = hold
  const place = savedPlace(connection)
  const opened = await connectedBucket(connection)
  if (!opened || !place) return 0
  const { bucket, keys } = opened
  const { glueDatabase: database } = connection
  const target = { bucket, place, owner }
  try {
    const uploaded = await uploadFiles(hold, target, reporter(hold, 'uploading'))
    await removeObjects(target, gone)
    if (database !== null) await describeInGlue(hold, { place, keys, database, owner }, tables, gone)
    await hold.write({ uploadedAt: now() })
    return uploaded
  } finally {
    bucket.close()
  }
}

async function complete(hold: Hold, counts: { written: number; uploaded: number; removed: number }): Promise<void> {
  const { userId, daily } = hold.connection
  const user = await db().user.findUniqueOrThrow({ where: { id: userId }, select: { zone: true } })
  const when = { zone: user.zone ?? 'UTC', listenerId: userId, after: now() }
  const nextAt = daily ? nextLoadAt('daily', when) : null
  const done = { problem: null, remedy: null, problemSince: null, nextAt, sentAt: null, ...counts }
  await hold.commit(done, async (tx) => {
    await tx.lakeFile.deleteMany({ where: { userId, isGone: true } })
    await tx.lakeFile.updateMany({ where: { userId }, data: { before: Prisma.DbNull } })
    // If the button was pressed meanwhile, it is still queued.
    await tx.lakeConnection.updateMany({ where: { userId, state: 'publishing' }, data: { state: 'idle' } })
  })
  await resolveAlert(userId, ALERT)
}

/** With a bucket, writing the files is half of the work. */
const SHARES = 100

/** Records the progress, now and then. */
function reporter({ connection, write }: Hold, part: 'writing' | 'uploading') {
  let reportedAt = 0
  const share = connection.bucket === null ? SHARES : SHARES / 2
  const from = part === 'writing' ? 0 : share
  return async (done: number, total: number): Promise<void> => {
    if (Date.now() - reportedAt < REPORT_EVERY_MS) return
    reportedAt = Date.now()
    await write({ total: SHARES, done: from + Math.floor((share * done) / Math.max(total, 1)) })
  }
}
