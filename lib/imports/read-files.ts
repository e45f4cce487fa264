import { db, type Prisma, type StreamRead } from '#lib/db.ts'
import { landPage, removeLanded } from './land-import.ts'
import type { Hold } from './lease.ts'
import type { Answers, Question, ReaderMessage } from './reader/messages.ts'
import { readUpload } from './reader/reader.ts'
import { spooledFile } from './spool.ts'

/** Reads the uploaded files of an import in a child process, and lands what it finds in them. */

/** How often the row says how far it is. */
const REPORT_EVERY_MS = 500
const MAX_REJECTIONS_AT_ONCE = 1_000

type Rejection = Prisma.ImportRejectionCreateManyInput

/** @returns what has to be answered before the rest can be read, or null if everything has landed */
export async function readFiles(hold: Hold, read: StreamRead): Promise<Question | null> {
  const { row, signal, write } = hold
  const files = row.names.map((name, index) => ({ path: spooledFile(row.id, index), name }))
  const before = await db().importMember.findMany({ where: { importId: row.id, state: 'read' } })
  const skip = new Set(before.map(({ position }) => position))
  const landing = new MemberLanding(row.id, read)
  let reportedAt = 0
  for await (const message of readUpload(files, { answers: row.answers as Answers, signal, skip })) {
    if (message.type === 'question') return message.question
    if (message.type !== 'progress') await landing.take(message)
    else if (Date.now() - reportedAt > REPORT_EVERY_MS) {
      // Also finds out whether the import was canceled.
      await write({ done: message.done, total: message.total })
      reportedAt = Date.now()
    }
  }
  return null
}

/** Lands the pages of files, and records what became of each. */
class MemberLanding {
  readonly #importId: string
  readonly #read: StreamRead
  #rejections: Rejection[] = []

  constructor(importId: string, read: StreamRead) {
    this.#importId = importId
    this.#read = read
  }

  async take(message: Exclude<ReaderMessage, { type: 'question' | 'progress' }>): Promise<void> {
    switch (message.type) {
      case 'member':
        return this.#member(message)
      case 'page': {
        const { position, number, page } = message
        if (page.source === 'charts' || page.source === 'audio-features') return
        return landPage(this.#read, { member: position, number }, { source: page.source, items: page.items })
      }
      case 'rejected': {
        const { position, row, reason, values } = message
        this.#rejections.push({ importId: this.#importId, member: position, row, reason, values })
        if (this.#rejections.length >= MAX_REJECTIONS_AT_ONCE) await this.#flush()
        return
      }
      case 'member-done':
        await this.#flush()
        await db().importMember.update({
          where: { importId_position: { importId: this.#importId, position: message.position } },
          data: { state: 'read', read: message.read, rejected: message.rejected },
        })
        return
      case 'done':
        return this.#flush()
    }
  }

  async #member({
    position,
    file,
    name,
    bytes,
    kind,
    state,
    problem,
  }: ReaderMessage & { type: 'member' }): Promise<void> {
    const known = { file, name, bytes, kind, state: state === 'reading' ? 'pending' : state, problem: problem ?? null }
    await db().importMember.upsert({
      where: { importId_position: { importId: this.#importId, position } },
      create: { importId: this.#importId, position, ...known },
      update: known,
    })
    if (state !== 'refused') return
    // It was refused while it was read.
    await removeLanded(this.#read.id, position)
    this.#rejections = this.#rejections.filter(({ member }) => member !== position)
    await db().importRejection.deleteMany({ where: { importId: this.#importId, member: position } })
  }

  async #flush(): Promise<void> {
    if (this.#rejections.length === 0) return
    await db().importRejection.createMany({ data: this.#rejections, skipDuplicates: true })
    this.#rejections = []
  }
}
