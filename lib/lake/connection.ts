import type { ConnectionsResponse } from '#lib/api/connections.ts'
import type { LakeBucketForm, LakeCheckResult, LakeResponse, LakeSettings } from '#lib/api/lake.ts'
import { recordAudit } from '#lib/audit.ts'
import { now, toIso } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Failure, Refused } from '#lib/core/errors.ts'
import { bucketProblem, prefixProblem, regionProblem } from '#lib/core/s3-address.ts'
import type { Schema } from '#lib/core/table.ts'
import { db, type LakeConnection, type LakeFile } from '#lib/db.ts'
import { dropAlert } from '#lib/notifications/alerts.ts'
import { archiveOf } from '#lib/query/files/archive.ts'
import { type Download, requireEmbeddedCopies } from '#lib/query/tables.ts'
import { nextLoadAt } from '#lib/storage/destinations.ts'
import { lakeFolder } from '#lib/storage/places.ts'
import {
  connectedBucket,
  keyOf,
  type LakeKeys,
  type LakePlace,
  ownerMark,
  savedKeys,
  savedPlace,
  sealSecret,
} from './bucket.ts'
import { ATHENA_PATH, SNOWFLAKE_PATH } from './catalog.ts'
import { checkBucket, checkProgress, oneCheckAtATime } from './check.ts'
import { fileBytes, readText, removeFolder } from './folder.ts'
import { removeFromGlue } from './glue.ts'
import { stopJob } from './lease.ts'

/** What a listener sees of their lake, and changes about it. */

export { checkProgress }

interface Viewer {
  id: string
  isAdmin: boolean
}

const NOT_SAVED: LakeCheckResult = { fieldProblems: {}, checks: [], saved: false }

const lakeOf = (userId: string) => db().lakeConnection.findUnique({ where: { userId } })

/** @throws Refused 409 where no embedded copy is kept */
export async function lakeStatus({ id: userId, isAdmin }: Viewer): Promise<LakeResponse> {
  requireEmbeddedCopies()
  const [connection, files, athena, snowflake] = await Promise.all([
    lakeOf(userId),
    db().lakeFile.findMany({ where: { userId, isGone: false }, orderBy: { path: 'asc' } }),
    readText(userId, ATHENA_PATH),
    readText(userId, SNOWFLAKE_PATH),
  ])
  const isRunning = connection?.state === 'publishing'
  return {
    state: connection?.state ?? 'off',
    problem: connection?.problem ?? null,
    remedy: connection?.remedy ?? null,
    progress: isRunning ? { done: Math.min(connection.done, connection.total), total: connection.total } : null,
    daily: connection?.daily ?? true,
    nextAt: toIso(connection?.nextAt),
    publishedAt: toIso(connection?.publishedAt),
    uploadedAt: toIso(connection?.uploadedAt),
    last: connection?.publishedAt
      ? { written: connection.written, uploaded: connection.uploaded, removed: connection.removed }
      : null,
    files: files.map(apiFile),
    bucket: connection ? apiBucket(connection) : null,
    mayUseRole: isAdmin,
    folder: isAdmin ? lakeFolder(userId) : null,
    hasOwnStore: settings().S3_ENDPOINT !== undefined,
    scripts: { athena, snowflake },
  }
}

function apiFile({
  path,
  name,
  schema,
  rows,
  bytes,
  publishedAt,
  hash,
  objectHash,
}: LakeFile): LakeResponse['files'][number] {
  return {
    path,
    table: name,
    schema: schema as Schema | null,
    rows: name === null ? null : rows,
    bytes: Number(bytes),
    publishedAt: publishedAt.toISOString(),
    inBucket: hash === objectHash,
  }
}

function apiBucket(connection: LakeConnection): LakeResponse['bucket'] {
  const { bucket, prefix, region, accessKeyId, glueDatabase, savedAt } = connection
  if (bucket === null || savedAt === null) return null
  const credentials = accessKeyId === null ? 'instance role' : 'access key'
  const savedIso = savedAt.toISOString()
  return { name: bucket, prefix, region: region ?? '', credentials, accessKeyId, glueDatabase, savedAt: savedIso }
}

/** What is shown of the lake beside other connections. */
export async function lakeSummary(userId: string): Promise<NonNullable<ConnectionsResponse['lake']>> {
  const connection = await lakeOf(userId)
  return {
    state: connection?.state ?? 'off',
    problem: connection?.problem ?? null,
    remedy: connection?.remedy ?? null,
    bucket: connection?.bucket ?? null,
    publishedAt: toIso(connection?.publishedAt),
  }
}

/** Has everything published now, and from now on every day unless the listener chose otherwise. */
export async function publishNow(viewer: Viewer): Promise<LakeResponse> {
  requireEmbeddedCopies()
  await queue(viewer.id)
  return lakeStatus(viewer)
}

async function queue(userId: string): Promise<void> {
  await db().lakeConnection.upsert({
    where: { userId },
    create: { userId, sentAt: now() },
    update: { state: 'queued', sentAt: now() },
  })
}

interface ValidBucket {
  place: LakePlace
  keys: LakeKeys | null
  glueDatabase: string | null
}

const GLUE_DATABASE = /^[a-z0-9_]{1,255}$/
const KEY_ID = /^[A-Za-z0-9_+/=.-]{3,128}$/

/** What is typed, or what is wrong with it by field. */
function checkForm(
  { isAdmin }: Viewer,
  form: LakeBucketForm,
  saved: LakeConnection | null,
): { problems: Record<string, string> } | { problems: null; valid: ValidBucket } {
  const place = {
    bucket: form.name.trim(),
    prefix: (form.prefix ?? '').trim().replaceAll(/^\/+|\/+$/g, ''),
    region: form.region.trim(),
  }
  const glueDatabase = form.glueDatabase?.trim() || null
  const usesRole = form.credentials === 'instance role'
  const accessKeyId = form.accessKeyId?.trim() ?? ''
  const typed = form.secretAccessKey?.trim()
  const kept = saved?.accessKeyId === accessKeyId ? savedKeys(saved)?.secretAccessKey : undefined
  const problems: Record<string, string | undefined> = {
    name: bucketProblem(place.bucket),
    prefix: prefixProblem(place.prefix),
    region: regionProblem(place.region, settings().S3_ENDPOINT === undefined),
    credentials: usesRole && !isAdmin ? 'can only be the role of the server for admins' : undefined,
    accessKeyId: usesRole || KEY_ID.test(accessKeyId) ? undefined : 'must be the id of an access key',
    secretAccessKey: usesRole || typed || kept ? undefined : 'must be the secret of the access key',
    glueDatabase:
      glueDatabase === null || GLUE_DATABASE.test(glueDatabase)
        ? undefined
        : 'must have lower-case letters, digits and underscores only',
  }
  const found = Object.entries(problems).flatMap(([field, problem]) => (problem ? [[field, `This ${problem}.`]] : []))
  if (found.length > 0) return { problems: Object.fromEntries(found) }
  const keys = usesRole ? null : { accessKeyId, secretAccessKey: typed || (kept ?? '') }
  return { problems: null, valid: { place, keys, glueDatabase } }
}

/** "Test": checks a bucket. Saves nothing. */
export async function testLake(viewer: Viewer, form: LakeBucketForm): Promise<LakeCheckResult> {
  requireEmbeddedCopies()
  const checked = checkForm(viewer, form, await lakeOf(viewer.id))
  if (checked.problems) return { ...NOT_SAVED, fieldProblems: checked.problems }
  return oneCheckAtATime(viewer.id, async (onCheck) => ({
    ...NOT_SAVED,
    checks: await checkBucket(checked.valid, onCheck),
  }))
}

/**
 * "Save": changes when files are published, and to which bucket. A bucket is checked first, and only saved if no check fails.
 * Then everything is published.
 * @returns whether a publication was requested
 */
export async function saveLake(
  viewer: Viewer,
  { daily, bucket }: LakeSettings,
): Promise<LakeCheckResult & { isQueued: boolean }> {
  requireEmbeddedCopies()
  const { id: userId } = viewer
  const before = await lakeOf(userId)
  if (daily !== undefined) await saveCadence(userId, before, daily)
  if (bucket === null) await disconnectBucket(userId)
  if (!bucket) return { ...NOT_SAVED, saved: true, isQueued: false }
  const checked = checkForm(viewer, bucket, before)
  if (checked.problems) return { ...NOT_SAVED, fieldProblems: checked.problems, isQueued: false }
  return oneCheckAtATime(userId, async (onCheck) => {
    const checks = await checkBucket(checked.valid, onCheck)
    const saved = checks.every(({ state }) => state !== 'failed')
    if (saved) await saveBucket(userId, checked.valid)
    return { ...NOT_SAVED, checks, saved, isQueued: saved }
  })
}

async function saveCadence(userId: string, before: LakeConnection | null, daily: boolean): Promise<void> {
  if (!before) return void (await db().lakeConnection.create({ data: { userId, daily, state: 'idle' } }))
  const user = await db().user.findUniqueOrThrow({ where: { id: userId }, select: { zone: true } })
  const when = { zone: user.zone ?? 'UTC', listenerId: userId, after: now() }
  // A failed publication is repeated in any case.
  const nextAt = before.state === 'failed' ? before.nextAt : daily ? nextLoadAt('daily', when) : null
  await db().lakeConnection.update({ where: { userId }, data: { daily, nextAt } })
}

async function saveBucket(userId: string, { place, keys, glueDatabase }: ValidBucket): Promise<void> {
  const { bucket, prefix, region } = place
  const accessKeyId = keys?.accessKeyId ?? null
  const secrets = keys ? sealSecret(userId, keys.secretAccessKey) : null
  const saved = { bucket, prefix, region, accessKeyId, secrets, glueDatabase, savedAt: now() }
  const ready = {
    state: 'queued',
    problem: null,
    remedy: null,
    problemSince: null,
    nextAt: null,
    sentAt: now(),
  } as const
  await db().$transaction(async (tx) => {
    const before = await tx.lakeConnection.findUnique({ where: { userId } })
    await tx.lakeConnection.upsert({
      where: { userId },
      create: { userId, ...saved, ...ready },
      update: { ...saved, ...ready, round: { increment: 1 } },
    })
    if (before?.bucket !== bucket || before.prefix !== prefix) await forgetObjects(tx, userId)
  })
  await recordAudit(userId, 'connected a bucket', userId)
}

type Transaction = Parameters<Parameters<ReturnType<typeof db>['$transaction']>[0]>[0]

async function forgetObjects(tx: Pick<Transaction, 'lakeFile'>, userId: string): Promise<void> {
  await tx.lakeFile.updateMany({
    where: { userId },
    data: { etag: null, objectHash: null, pendingHash: null, glueTable: null },
  })
}

const NO_BUCKET = {
  bucket: null,
  prefix: '',
  region: null,
  accessKeyId: null,
  secrets: null,
  glueDatabase: null,
  savedAt: null,
  uploadedAt: null,
}

/** What was published to the bucket stays there. */
async function disconnectBucket(userId: string): Promise<void> {
  await db().$transaction(async (tx) => {
    const { count } = await tx.lakeConnection.updateMany({
      where: { userId, bucket: { not: null } },
      data: { ...NO_BUCKET, problem: null, remedy: null, problemSince: null, round: { increment: 1 } },
    })
    if (count === 0) return
    await tx.lakeConnection.updateMany({
      where: { userId, state: { in: ['failed', 'publishing'] } },
      data: { state: 'queued' },
    })
    await forgetObjects(tx, userId)
  })
  await dropAlert(userId, { kind: 'other', stream: 'lake' })
  await recordAudit(userId, 'disconnected a bucket', userId)
}

/**
 * Ends publications: forgets the bucket and deletes the folder.
 * @param objects also deletes what was published to the bucket
 * @throws Refused 503 if that is to be deleted and can't be
 */
export async function removeLake(viewer: Viewer, { objects }: { objects: boolean }): Promise<LakeResponse> {
  requireEmbeddedCopies()
  const { id: userId } = viewer
  await stopPublishing(userId)
  if (objects) {
    const { problem } = await removePublished(userId)
    if (problem)
      throw new Refused(503, 'bucket-unavailable', problem.message, `${problem.remedy} The rest was left as it is.`)
  }
  await db().lakeConnection.deleteMany({ where: { userId } })
  await removeFolder(userId)
  await dropAlert(userId, { kind: 'other', stream: 'lake' })
  await recordAudit(userId, 'stopped publishing files', userId, { objects })
  return lakeStatus(viewer)
}

/** Takes the lease from a job, which then changes nothing more. */
async function stopPublishing(userId: string): Promise<void> {
  await db().lakeConnection.updateMany({
    where: { userId },
    data: { state: 'idle', nextAt: null, heldBy: null, heldUntil: null, round: { increment: 1 } },
  })
  await stopJob(userId)
}

export interface RemovedObjects {
  objects: number
  versions: number
  /** Why some are left. */
  problem: Failure | null
}

/** Deletes what was published to a listener's bucket, with earlier versions, and nothing else. */
async function removePublished(userId: string): Promise<RemovedObjects> {
  const connection = await lakeOf(userId)
  const none = { objects: 0, versions: 0, problem: null }
  const place = connection && savedPlace(connection)
  if (!connection || !place) return none
  try {
    const opened = await connectedBucket(connection)
    if (!opened) return none
    const files = await db().lakeFile.findMany({
      where: { userId, OR: [{ etag: { not: null } }, { pendingHash: { not: null } }] },
    })
    const keys = new Set(files.map(({ path }) => keyOf(place, path)))
    try {
      const removed = await opened.bucket.removeAll(keyOf(place, ''), (key) => keys.has(key))
      await removeTables(connection, place, opened.keys)
      return { ...removed, problem: null }
    } finally {
      opened.bucket.close()
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { ...none, problem: error }
  }
}

async function removeTables(connection: LakeConnection, place: LakePlace, keys: LakeKeys | null): Promise<void> {
  const { userId, glueDatabase: database } = connection
  if (database === null) return
  const described = await db().lakeFile.findMany({
    where: { userId, glueTable: { not: null } },
    select: { name: true },
  })
  const names = described.flatMap(({ name }) => name ?? [])
  await removeFromGlue({ place, keys, database, owner: await ownerMark(userId) }, names)
}

export type ErasedLake = {
  files: number
  objects: number
  versions: number
  /** Objects in the bucket that could not be deleted. */
  left: number
}

/** Deletes everything that was published for a listener who is being deleted. A bucket that can't be used keeps its objects. */
export async function eraseLake(userId: string): Promise<ErasedLake> {
  await stopPublishing(userId)
  const [files, uploaded] = await Promise.all([
    db().lakeFile.count({ where: { userId } }),
    db().lakeFile.count({ where: { userId, etag: { not: null } } }),
  ])
  const { objects, versions, problem } = await removePublished(userId)
  await removeFolder(userId)
  return { files, objects, versions, left: problem ? uploaded : 0 }
}

/** The published files as one archive. @throws Refused 409 before the first publication */
export async function downloadLake(userId: string): Promise<Download> {
  requireEmbeddedCopies()
  const files = await db().lakeFile.findMany({ where: { userId, isGone: false }, orderBy: { path: 'asc' } })
  if (files.length === 0)
    throw new Refused(409, 'not-published', 'Nothing has been published yet', 'Publish first: POST /api/lake/publish.')
  return {
    name: 'tracklake-files.zip',
    mediaType: 'application/zip',
    bytes: archiveOf(files.map(({ path }) => ({ name: path, bytes: fileBytes(userId, path) }))),
  }
}
