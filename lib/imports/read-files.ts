import { existsSync } from 'node:fs'
import { Stop } from '#lib/core/errors.ts'
import { db, type Import, type Prisma, type StreamRead } from '#lib/db.ts'
import { landOtherPage, landPage, removeLandedMember } from './land-import.ts'
import type { Hold } from './lease.ts'
import type { Answers, Question, ReaderMessage } from './reader/messages.ts'
import { readUpload } from './reader/reader.ts'
import { copyResults, knownFiles, type Repeated } from './repeats.ts'
import { spooledFile } from './spool.ts'

/** Reads the uploaded files of an import in a child process, and lands what it finds in them. */

/** How often the row says how far it is. */
const REPORT_EVERY_MS = 500
const MAX_REJECTIONS_AT_ONCE = 1_000

/** @returns what has to be answered before the rest can be read, or null if everything has landed */
export async function readFiles(hold: Hold, read: StreamRead): Promise<Question | null> {
  const { row, signal, write } = hold
  requireFiles(row)
  const known = await knownFiles(row)
  const files = row.names.map((name, index) => ({
    path: spooledFile(row.id, index),
    name,
    ...(known[index] ? { known: known[index].file } : {}),
  }))
  const before = await db().importMember.findMany({ where: { importId: row.id, state: 'read' } })
  const skip = new Set(before.map(({ position }) => position))
  const landing = new MemberLanding(row.id, read)
  const repeated: Repeated[] = []
  let reportedAt = 0
  for await (const message of readUpload(files, { answers: row.answers as Answers, signal, skip })) {
    if (message.type === 'question') return message.question
    if (message.type === 'member' && message.state === 'known')
      repeated.push({ ...message, from: known[message.fileIndex]?.from ?? null })
    if (message.type !== 'progress') await landing.take(message)
    else if (Date.now() - reportedAt > REPORT_EVERY_MS) {
      // Also finds out whether the import was canceled.
      await write({ done: message.done, total: message.total })
      reportedAt = Date.now()
    }
  }
  await copyResults(row.id, repeated)
  return null
}

/** @throws Stop if a file is not there, for example after a backup was restored */
function requireFiles({ id, names }: Import): void {
  if (names.every((_, index) => existsSync(spooledFile(id, index)))) return
  throw new Stop('The uploaded files are gone', { remedy: 'Upload them again.' })
}

type MemberMessage = Exclude<ReaderMessage, { type: 'question' | 'progress' | 'done' }>

/** Lands the pages of files, and records the result of each. */
class MemberLanding {
  readonly #importId: string
  readonly #read: StreamRead
  #rejections: Prisma.ImportRejectionCreateManyInput[] = []

  constructor(importId: string, read: StreamRead) {
    this.#importId = importId
    this.#read = read
  }

  async take(message: MemberMessage | { type: 'done' }): Promise<void> {
    if (message.type === 'done') return this.#flush()
    if (message.type === 'member') return this.#member(message)
    if (message.type === 'page') return this.#page(message)
    if (message.type === 'rejected') return this.#rejected(message)
    const { position, read, rejected } = message
    await this.#flush()
    await db().importMember.update({
      where: { importId_position: { importId: this.#importId, position } },
      data: { state: 'read', read, rejected },
    })
  }

  async #member(message: ReaderMessage & { type: 'member' }): Promise<void> {
    const { position, file, fileIndex, name, place, bytes, kind, problem = null } = message
    const state = message.state === 'reading' || message.state === 'known' ? 'pending' : message.state
    const known = { file, fileIndex, name, place, bytes, kind, state, problem }
    await db().importMember.upsert({
      where: { importId_position: { importId: this.#importId, position } },
      create: { importId: this.#importId, position, ...known },
      update: known,
    })
    if (state === 'refused') await this.#drop(position)
  }

  /** Forgets what was read of a file before it turned out to be damaged. */
  async #drop(position: number): Promise<void> {
    await removeLandedMember(this.#read.id, position)
    this.#rejections = this.#rejections.filter(({ member }) => member !== position)
    await db().importRejection.deleteMany({ where: { importId: this.#importId, member: position } })
  }

  async #page({ position, number, page }: ReaderMessage & { type: 'page' }): Promise<void> {
    const place = { member: position, number }
    if (page.source === 'charts' || page.source === 'audio-features') await landOtherPage(this.#read, place, page)
    else await landPage(this.#read, place, page)
  }

  async #rejected({ position, row, reason, values }: ReaderMessage & { type: 'rejected' }): Promise<void> {
    this.#rejections.push({ importId: this.#importId, member: position, row, reason, values })
    if (this.#rejections.length >= MAX_REJECTIONS_AT_ONCE) await this.#flush()
  }

  async #flush(): Promise<void> {
    if (this.#rejections.length === 0) return
    await db().importRejection.createMany({ data: this.#rejections, skipDuplicates: true })
    this.#rejections = []
  }
}
