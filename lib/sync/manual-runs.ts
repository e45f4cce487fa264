import { DAY, MINUTE, now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, Prisma, type Run } from '#lib/db.ts'
import { type RunOrder, writeRun } from '#lib/runs/runs.ts'

/** A stream that was read so recently has nothing to say that is worth a request. */
const READ_LATELY_MS = 10 * MINUTE
/** Runs a day that a listener orders by hand; the plan's are not counted, nor are re-runs of what went wrong. */
const MOST_A_DAY = 12

export interface HandOrder extends Omit<RunOrder, 'trigger'> {
  trigger: 'manual' | 'rerun'
  /** Who presses the button; an admin may press as often as they like. */
  by: { id: string; isAdmin: boolean }
}

export interface HandOrdered {
  run: Run | null
  /** Names of the streams that were left out because they were read a moment ago. */
  lately: string[]
}

/**
 * "Run now": everything that was not read a moment ago.
 * @returns the run, null when all of it is being read already; and what was left out
 * @throws Refused 409 when nothing is left to read, 429 when the day's runs are used up
 */
export async function orderRunNow(by: HandOrder['by'], asked: string[]): Promise<HandOrdered> {
  const lately = await readLately(by.id, asked)
  const streams = asked.filter((name) => !lately.has(name))
  if (streams.length === 0) throw allReadLately(lately)
  const run = await orderByHand({ userId: by.id, trigger: 'manual', by, streams })
  return { run, lately: asked.filter((name) => lately.has(name)) }
}

/**
 * "Re-run". What went wrong may always be run again, without what was read a moment ago; anything else counts.
 * @returns as of orderRunNow
 * @throws Refused 429
 */
export async function orderRerun(order: HandOrder & { streams: string[] }): Promise<HandOrdered> {
  const wrong = (order.whole ?? []).length === 0 ? await wentWrong(order.userId, order.streams) : new Set<string>()
  const isFree = wrong.size > 0 && !order.by.isAdmin
  const others = order.streams.filter((name) => !wrong.has(name))
  const lately = isFree ? await readLately(order.userId, others) : new Map<string, Date>()
  const streams = order.streams.filter((name) => !lately.has(name))
  const run = await orderByHand({ ...order, streams }, isFree)
  return { run, lately: order.streams.filter((name) => lately.has(name)) }
}

/**
 * Orders a run by a button.
 * @param isFree it does not count towards the day's runs
 * @returns the run, or null when all of it is being read already
 * @throws Refused 429
 */
export function orderByHand({ by, ...order }: HandOrder, isFree = false): Promise<Run | null> {
  return db().$transaction(async (tx) => {
    if (!isFree && !by.isAdmin) await requireRunLeft(tx, by.id)
    return writeRun(tx, { ...order, byUserId: by.id })
  })
}

/** Those of the streams whose newest end was a bad one. A stream that was skipped would be skipped again. */
async function wentWrong(userId: string, names: string[]): Promise<Set<string>> {
  const wrong = await db().$queryRaw<{ stream: string }[]>(Prisma.sql`
    select asked.stream from unnest(${names}::text[]) as asked(stream)
    where ${endedBadly(Prisma.sql`${userId}`, Prisma.sql`asked.stream`, Prisma.sql`${now()}::timestamptz`)}`)
  return new Set(wrong.map(({ stream }) => stream))
}

/** Whether the newest stream run that had ended by then went wrong. */
function endedBadly(userId: Prisma.Sql, stream: Prisma.Sql, by: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(
    select p.state in ('failed', 'incomplete') from "StreamRun" p
    where p."userId" = ${userId} and p.stream = ${stream} and p."endedAt" <= ${by}
    order by p."endedAt" desc limit 1)`
}

/** When each of the streams was read, of those that were read a moment ago. */
async function readLately(userId: string, names: string[]): Promise<Map<string, Date>> {
  // Nothing was read later than now: a clock was put back.
  const since = { gt: new Date(now().getTime() - READ_LATELY_MS), lte: now() }
  const found = await db().streamRun.findMany({
    where: {
      userId,
      stream: { in: names },
      AND: [
        { OR: [{ state: { in: ['succeeded', 'nothing_new'] } }, { phase: 'loading' }] },
        { OR: [{ extractedAt: since }, { extractedAt: null, endedAt: since }] },
      ],
    },
    select: { stream: true, extractedAt: true, endedAt: true },
  })
  return new Map(found.map(({ stream, extractedAt, endedAt }) => [stream, extractedAt ?? endedAt ?? now()]))
}

function allReadLately(lately: Map<string, Date>): Refused {
  const first = Math.min(...[...lately.values()].map((at) => at.getTime())) + READ_LATELY_MS
  const minutes = Math.max(1, Math.ceil((first - now().getTime()) / MINUTE))
  return new Refused(
    409,
    'read-lately',
    'All of this was read within the last 10 minutes',
    `Run it again in ${minutes} min, or press "Read whole" at a stream of the last run.`,
  )
}

/** The listener's row is locked, so that two presses at once are counted one after the other. */
async function requireRunLeft(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.$queryRaw(Prisma.sql`select 1 from "User" where id = ${userId} for no key update`)
  const counted = await tx.$queryRaw<{ queuedAt: Date }[]>(Prisma.sql`
    select r."queuedAt" from "Run" r
    where r."userId" = ${userId} and r."byUserId" = ${userId} and r.kind = 'extract'
      and r."queuedAt" > ${new Date(now().getTime() - DAY)}
      and (r.trigger = 'manual' or r.trigger = 'rerun' and (
        exists (select 1 from "StreamRun" s where s."runId" = r.id and s.whole)
        or not exists (
          select 1 from "StreamRun" s where s."runId" = r.id
            and ${endedBadly(Prisma.sql`s."userId"`, Prisma.sql`s.stream`, Prisma.sql`r."queuedAt"`)})))
    order by r."queuedAt" desc limit ${MOST_A_DAY}`)
  const oldest = counted[MOST_A_DAY - 1]
  if (!oldest) return
  const at = new Date(oldest.queuedAt.getTime() + DAY).toISOString().slice(0, 16).replace('T', ' ')
  throw new Refused(
    429,
    'runs-used-up',
    `You ordered ${MOST_A_DAY} runs within 24 hours, which is all of them`,
    `Scheduled runs go on by themselves, and what went wrong may be run again. You can order the next one at ${at} UTC.`,
  )
}
