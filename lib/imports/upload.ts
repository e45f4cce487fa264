import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { ulid } from 'ulid'
import { MAX_UPLOAD } from '#lib/api/limits.ts'
import { DAY, now, SECOND } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { toStorable } from '#lib/core/storable.ts'
import { db, type Prisma } from '#lib/db.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { withoutPerson } from './file-name.ts'
import { READER_VERSION } from './reader/messages.ts'
import { createSpool, freeBytes, removeSpool, spooledFile, sweepSpool } from './spool.ts'
import { OPEN } from './states.ts'

/** The form field of the files. */
const FIELD = 'files'
const MB = 1024 * 1024
/** Left on the disk beside an upload: the landed pages, the warehouse and everything else need some room. */
const RESERVE_BYTES = 256 * MB
const MAX_NAME = 200

/** While files arrive, the import is leased to its upload. An expired lease means that the upload died. */
export const UPLOADER = 'upload'
const LEASE_MS = 120 * SECOND
const RENEW_EVERY_MS = 20 * SECOND

/** The imports whose upload has ended. Without the first one, `not` would leave out those without a lease. */
export const NOT_UPLOADING = [{ heldBy: null }, { heldBy: { not: UPLOADER } }] satisfies Prisma.ImportWhereInput[]

/**
 * Receives an upload: writes its files to the spool as they arrive, and queues the import. A failed upload leaves nothing.
 * @returns the import's id
 * @throws Refused with what to do about it
 */
export async function receiveUpload({ id: userId }: { id: string }, request: Request): Promise<{ id: string }> {
  const contentType = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\s*;.*boundary=/is.test(contentType)) throw notMultipart()
  const bytes = Number(request.headers.get('content-length') ?? 0)
  return spoolUpload(userId, bytes, {
    write: async (id) => writeFiles(id, request, { contentType, own: await ownNames(userId) }),
  })
}

/** What brings the files of an import. */
interface Source {
  /** Writes them to the spool. */
  write(importId: string): Promise<Written>
  /** Whatever else becomes true with the import. */
  also?(tx: Prisma.TransactionClient, importId: string): Promise<unknown>
}

/**
 * Reserves the listener's one open import, has its files written to the spool, and queues it. A failure leaves nothing.
 * @throws Refused with what to do about it
 */
export async function spoolUpload(userId: string, bytes: number, source: Source): Promise<{ id: string }> {
  const lease = { heldBy: UPLOADER, heldUntil: new Date(now().getTime() + LEASE_MS) }
  const id = await createImport(userId, { bytes, total: bytes, names: [], ...lease })
  const renewal = setInterval(() => void renew(id), RENEW_EVERY_MS)
  try {
    await requireSpace(id, bytes)
    await createSpool(id)
    const written = await source.write(id)
    await db().$transaction(async (tx) => {
      await queue(tx, id, written)
      await source.also?.(tx, id)
    })
    return { id }
  } catch (error) {
    // First the files, so that a crash in between leaves a row that is found again.
    await removeSpool(id)
    await db().import.deleteMany({ where: { id, heldBy: UPLOADER } })
    throw error
  } finally {
    clearInterval(renewal)
  }
}

/** Uploaded files have personal data, so they don't wait longer for an answer. */
const MAX_SPOOLED_MS = 3 * DAY
const MAX_SWEPT = 100

/**
 * Removes what uploads left behind when their process died, and what waits too long: for an answer, or because the
 * listener is suspended.
 */
export async function sweepUploads(): Promise<void> {
  await db().import.deleteMany({ where: { heldBy: UPLOADER, heldUntil: { lt: now() } } })
  const since = { lt: new Date(now().getTime() - MAX_SPOOLED_MS) }
  await db().import.updateMany({
    where: { state: 'needs_answer', startedAt: since, cancelledAt: null },
    data: { cancelledAt: now() },
  })
  const suspended = await db().import.findMany({
    where: { state: { in: [...OPEN] }, createdAt: since, user: { suspendedAt: { not: null } } },
    take: MAX_SWEPT,
    select: { id: true },
  })
  for (const { id } of suspended) await removeSpool(id)
  await sweepSpool()
}

/** Imports, and undoing them, need the embedded copy: only there plays are paired. @throws Refused 409 */
export function requireCopies(): void {
  if (!keepsEmbeddedCopies())
    throw new Refused(
      409,
      'no-copy',
      'This instance keeps no built-in copy of your tables',
      'Imports need one. Ask the operator to set SERVE_FROM to embedded.',
    )
}

/** Creates the listener's one open import. @throws Refused 409 */
export async function createImport(
  userId: string,
  known: Omit<Prisma.ImportUncheckedCreateInput, 'id' | 'userId'>,
): Promise<string> {
  requireCopies()
  const id = ulid()
  await db().$transaction(async (tx) => {
    // Locked, so that of two uploads at once only one is accepted.
    const [user] = await tx.$queryRaw<{ erasingAt: Date | null }[]>`
      select "erasingAt" from "User" where id = ${userId} for update`
    if (!user || user.erasingAt) throw beingDeleted()
    const open = await tx.import.findFirst({
      where: { userId, state: { in: [...OPEN] }, OR: [...NOT_UPLOADING, { heldUntil: { gt: now() } }] },
      select: { heldBy: true },
    })
    if (open) throw alreadyOpen(open.heldBy === UPLOADER)
    await tx.import.create({ data: { ...known, id, userId } })
  })
  return id
}

async function renew(id: string): Promise<void> {
  await db()
    .import.updateMany({
      where: { id, heldBy: UPLOADER },
      data: { heldUntil: new Date(now().getTime() + LEASE_MS) },
    })
    .catch(() => undefined)
}

/** Makes the import ready to be read. @throws Refused if the listener's data was deleted meanwhile */
async function queue(tx: Prisma.TransactionClient, id: string, { names, digests }: Written): Promise<void> {
  const { count } = await tx.import.updateMany({
    where: { id, heldBy: UPLOADER },
    data: { names, digests, heldBy: null, heldUntil: null },
  })
  if (count === 0) throw beingDeleted()
}

/** Counts what other uploads have announced, as if none of it had arrived yet. @throws Refused 507 */
async function requireSpace(importId: string, bytes: number): Promise<void> {
  const others = await db().import.aggregate({
    where: { id: { not: importId }, heldBy: UPLOADER, heldUntil: { gt: now() } },
    _sum: { bytes: true },
  })
  if ((await freeBytes()) < bytes + Number(others._sum.bytes ?? 0) + RESERVE_BYTES) throw diskFull()
}

/** Names and digests of the files, in the order of their numbers in the spool. */
export interface Written {
  names: string[]
  digests: string[]
}

async function writeFiles(
  id: string,
  request: Request,
  { contentType, own }: { contentType: string; own: string[] },
): Promise<Written> {
  if (!request.body) throw noFiles()
  const names: string[] = []
  const writes: Promise<string>[] = []
  const failed = new AbortController()
  const parser = new Busboy({
    headers: { 'content-type': contentType },
    limits: { files: MAX_UPLOAD.files, fields: 10, fieldSize: MB, parts: MAX_UPLOAD.files + 10, headerPairs: 50 },
  })
  const fail = (error: Error) => void parser.destroy(error)
  parser.on('file', (field, stream, name) => {
    if (field !== FIELD) {
      stream.resume()
      fail(wrongField(field))
      return
    }
    const index = names.push(nameOf(name, own)) - 1
    const write = writeFile(spooledFile(id, index), stream, failed.signal)
    write.catch(fail)
    writes.push(write)
  })
  for (const limit of ['filesLimit', 'partsLimit'] as const) parser.on(limit, () => fail(tooMany()))
  let received = 0
  const body = Readable.fromWeb(request.body as ReadableStream<Uint8Array>)
  body.on('data', (chunk: Uint8Array) => {
    received += chunk.length
    // The request gate refuses such uploads by their length; this covers servers that run without it.
    if (received > MAX_UPLOAD.megabytes * MB) body.destroy(tooLarge())
  })
  let digests: string[]
  try {
    await pipeline(body, parser)
    digests = await Promise.all(writes)
  } catch (error) {
    // The parser doesn't end the file that it is in.
    failed.abort()
    await Promise.allSettled(writes)
    throw refusalOf(error)
  }
  if (names.length === 0) throw noFiles()
  return { names, digests }
}

/** @returns its digest */
async function writeFile(path: string, stream: BusboyFileStream, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  stream.on('data', (chunk: Uint8Array) => hash.update(chunk))
  await pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal })
  return `${READER_VERSION}:${hash.digest('hex')}`
}

/** The names of the account, which the files of some exporters are named after. */
export async function ownNames(userId: string): Promise<string[]> {
  const user = await db().user.findUnique({ where: { id: userId }, select: { name: true, spotifyUserId: true } })
  return [user?.name, user?.spotifyUserId].filter((name) => typeof name === 'string')
}

/** A name to show: never used as a path. */
export function nameOf(name: string | undefined, own: string[]): string {
  const base = (name ?? '').split(/[\\/]/).at(-1) ?? ''
  const shown = toStorable(base)
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
  return withoutPerson(shown.slice(0, MAX_NAME), own) || 'unnamed'
}

/** What went wrong, for the sender: whatever isn't explained yet comes from the parser, so the form is incomplete. */
function refusalOf(error: unknown): unknown {
  if (error instanceof Refused) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull()
  if (code.startsWith('E') && code !== 'ECONNRESET' && !code.startsWith('ERR_')) return error
  return new Refused(400, 'cut-upload', 'The upload was cut off', 'Check your connection, then upload the files again.')
}

const notMultipart = () =>
  new Refused(
    415,
    'not-multipart',
    'The upload isn’t a form with files',
    `Send multipart/form-data with the files in "${FIELD}".`,
  )

const noFiles = () => new Refused(400, 'no-files', 'The upload has no files', `Send the files in the field "${FIELD}".`)

const wrongField = (field: string) =>
  new Refused(
    400,
    'no-files',
    `The field "${field.slice(0, MAX_NAME)}" is unknown`,
    `Send the files in the field "${FIELD}".`,
  )

const tooMany = () =>
  new Refused(
    400,
    'too-many-files',
    `An upload can have at most ${MAX_UPLOAD.files} files`,
    'Upload the original zip, or fewer files at a time.',
  )

const tooLarge = () =>
  new Refused(
    413,
    'too-large',
    `An upload can have at most ${MAX_UPLOAD.megabytes} MB`,
    'Upload fewer files at a time.',
  )

const alreadyOpen = (isUploading: boolean) =>
  new Refused(
    409,
    'import-open',
    isUploading ? 'Another of your uploads is still running' : 'Your last import isn’t finished',
    isUploading ? 'Wait until it has finished, or stop it.' : 'Wait until it has finished, or cancel it.',
  )

const beingDeleted = () => new Refused(409, 'being-deleted', 'This account is being deleted', 'Nothing was imported.')

const diskFull = () =>
  new Refused(
    507,
    'disk-full',
    'This instance’s disk is too full for these files',
    'Ask the operator to free some space, then upload them again.',
  )
