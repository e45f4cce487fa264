import { memberProblems } from '#lib/api/import-labels.ts'
import type {
  ImportDetails,
  ImportMember,
  ImportOverview,
  ImportQuestion,
  ImportReply,
  ImportsResponse,
} from '#lib/api/imports.ts'
import type { ExportKind, ImportMemberState, MemberProblem } from '#lib/api/lists.ts'
import { now, SECOND, toIso } from '#lib/core/clock.ts'
import { BYTE_ORDER_MARK, csvLine } from '#lib/core/csv.ts'
import { Refused } from '#lib/core/errors.ts'
import type { Cell } from '#lib/core/table.ts'
import { isZone } from '#lib/core/zones.ts'
import { db, type Import, type ImportRejection, type Prisma, type ImportMember as StoredMember } from '#lib/db.ts'
import { isOpen, STATE_NAMES } from './states.ts'
import { NOT_UPLOADING, requireCopies } from './upload.ts'

/** What listeners see of their imports, and what they can do with them. */

const MAX_LISTED = 50
const MAX_MEMBERS = 1_000

/** Uploads that are still arriving are not shown: the browser that sends them shows its own progress. */
const UPLOADED: Prisma.ImportWhereInput = { OR: NOT_UPLOADING }

/** The listener's last imports, newest first. */
export async function listImports({ id: userId }: { id: string }): Promise<ImportsResponse> {
  const imports = await db().import.findMany({
    where: { userId, ...UPLOADED },
    orderBy: { createdAt: 'desc' },
    take: MAX_LISTED,
  })
  return { imports: imports.map(overviewOf) }
}

/** @throws Refused 404 */
export async function importDetails({ id: userId }: { id: string }, id: string): Promise<ImportDetails> {
  const found = await db().import.findFirst({
    where: { id, userId, ...UPLOADED },
    include: { members: { orderBy: { position: 'asc' }, take: MAX_MEMBERS } },
  })
  if (!found) throw unknownImport()
  return { ...overviewOf(found), members: found.members.map(memberOf) }
}

function overviewOf(row: Import): ImportOverview {
  const { id, names, state, question, read, paired, duplicate, rejected, problem, remedy, createdAt, endedAt } = row
  return {
    id,
    names,
    state: STATE_NAMES[state],
    question: state === 'needs_answer' ? (question as ImportQuestion | null) : null,
    removing: isOpen(state) && (row.cancelledAt ?? row.undoneAt) !== null,
    progress: progressOf(row),
    read,
    new: row.new,
    paired,
    duplicate,
    rejected: rejected as Record<string, number>,
    problem,
    remedy,
    createdAt: createdAt.toISOString(),
    endedAt: toIso(endedAt),
  }
}

function progressOf({ state, done, total, startedAt }: Import): ImportOverview['progress'] {
  const elapsed = startedAt ? now().getTime() - startedAt.getTime() : 0
  const isKnown = state === 'reading' && done > 0 && elapsed > SECOND
  return {
    done: Number(done),
    total: Number(total),
    secondsLeft: isKnown ? Math.ceil(((Number(total) - Number(done)) * elapsed) / Number(done) / SECOND) : null,
  }
}

function memberOf(row: StoredMember): ImportMember {
  const { file, name, kind, state, read, paired, duplicate, rejected, problem } = row
  return {
    file,
    name,
    kind: kind as ExportKind | null,
    state: state as ImportMemberState,
    read,
    new: row.new,
    paired,
    duplicate,
    rejected: rejected as Record<string, number>,
    problem: problem === null ? null : memberProblems[problem as MemberProblem],
  }
}

/** Answers the question of an import, which then continues. @throws Refused 404, 409 when it has another one or none */
export async function replyToImport(listener: { id: string }, id: string, reply: ImportReply): Promise<ImportDetails> {
  const { question } = await importDetails(listener, id)
  if (question?.kind !== reply.kind) throw noQuestion()
  if (reply.kind === 'zone' && !isZone(reply.zone))
    throw new Refused(400, 'bad-request', `"${reply.zone}" isn’t a time zone`, 'Choose one such as Europe/Berlin.', {
      zone: 'isn’t a time zone',
    })
  await db().$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ answers: Prisma.JsonObject }[]>`
      select answers from "Import" where id = ${id} and state = 'needs_answer' for update`
    if (!row) throw noQuestion()
    await tx.import.update({
      where: { id },
      data: { state: 'queued', answers: { ...row.answers, ...answered(row.answers, reply) } },
    })
  })
  return importDetails(listener, id)
}

/** What an answer adds to those so far; its shape is that of Answers in reader/messages.ts. */
function answered(before: Prisma.JsonObject, reply: ImportReply): Prisma.JsonObject {
  if (reply.kind === 'zone') return { zone: reply.zone }
  if (reply.kind === 'owner') return { owner: true }
  const { position, chart, day } = reply
  return { chart: { ...(before.chart as Prisma.JsonObject | undefined), [position]: { chart, day } } }
}

/** Lets an import be stopped; a job removes what it has brought so far. @throws Refused 404, 409 when it has ended */
export async function cancelImport(listener: { id: string }, id: string): Promise<ImportDetails> {
  await importDetails(listener, id)
  const { count } = await db().import.updateMany({
    where: { id, endedAt: null, undoneAt: null },
    data: { cancelledAt: now() },
  })
  if (count === 0) throw new Refused(409, 'import-over', 'This import has ended', 'Undo it to remove its plays.')
  return importDetails(listener, id)
}

/**
 * Lets an import be undone by a job.
 * @throws Refused 404, 409 when it is not done, another one is open, or there is no embedded copy
 */
export async function undoImport(listener: { id: string }, id: string): Promise<ImportDetails> {
  const { state } = await importDetails(listener, id)
  if (state === 'undone') return importDetails(listener, id)
  // Synced plays that are paired with its plays would stay hidden, because nothing would pair again.
  requireCopies()
  await db().$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from "User" where id = ${listener.id} for update`
    const others = await tx.import.findMany({
      where: { userId: listener.id, id: { not: id } },
      select: { state: true },
    })
    if (others.some((other) => isOpen(other.state)))
      throw new Refused(
        409,
        'import-open',
        'Another import isn’t finished',
        'Wait until it has finished, then try again.',
      )
    const { count } = await tx.import.updateMany({
      where: { id, state: 'done' },
      data: { state: 'loading', undoneAt: now(), endedAt: null, startedAt: now(), done: 0, total: 0 },
    })
    if (count === 0) throw new Refused(409, 'not-imported', 'This import added no plays', 'There is nothing to undo.')
  })
  return importDetails(listener, id)
}

/** The columns of the file with rejected rows, beside its place and reason. */
const REJECTED_VALUES = ['playedAt', 'track', 'artist', 'album', 'uri', 'msPlayed'] as const
const REJECTED_BATCH = 1_000

/** A file of rejected rows. @throws Refused 404 */
export async function rejectedRows(listener: { id: string }, id: string) {
  const { members: _, ...known } = await importDetails(listener, id)
  return { name: `rejected-${known.id}.csv`, mediaType: 'text/csv; charset=utf-8', bytes: csvOfRejections(known.id) }
}

async function* csvOfRejections(importId: string): AsyncGenerator<Uint8Array, void> {
  const members = await db().importMember.findMany({ where: { importId }, take: MAX_MEMBERS })
  const names = new Map(members.map(({ position, name }) => [position, name]))
  yield Buffer.from(BYTE_ORDER_MARK + csvLine(['file', 'row', 'reason', ...REJECTED_VALUES]))
  let after: { member: number; row: number } | null = null
  for (;;) {
    const rows: ImportRejection[] = await db().importRejection.findMany({
      where: { importId },
      orderBy: [{ member: 'asc' }, { row: 'asc' }],
      take: REJECTED_BATCH,
      ...(after ? { cursor: { importId_member_row: { importId, ...after } }, skip: 1 } : {}),
    })
    const text = rows.map(({ member, row, reason, values }) => {
      const known = values as Record<string, Cell>
      return csvLine([names.get(member) ?? '', row, reason, ...REJECTED_VALUES.map((name) => known[name] ?? null)])
    })
    if (text.length > 0) yield Buffer.from(text.join(''))
    const last = rows.at(-1)
    if (rows.length < REJECTED_BATCH || !last) return
    after = { member: last.member, row: last.row }
  }
}

const unknownImport = () =>
  new Refused(404, 'unknown-import', 'This import does not exist', 'Open Import and choose one from the list.')

const noQuestion = () =>
  new Refused(
    409,
    'no-question',
    'This import isn’t waiting for that answer',
    'Reload the page to see what it is waiting for.',
  )
