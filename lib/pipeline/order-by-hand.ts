import { DAY, MINUTE, now } from '../clock.ts'
import { db, Prisma, type Run } from '../db.ts'
import { Refused } from '../errors.ts'
import { titleOf } from '../streams/index.ts'
import { streamsOf } from './plan.ts'
import { type RunOrder, writeRun } from './runs.ts'

/** A stream that was read so recently has nothing to say that is worth a request. */
const READ_LATELY_MS = 10 * MINUTE
/** Runs a day that a listener orders by hand; the plan's and re-runs are not counted. */
const MOST_A_DAY = 12

export interface HandOrder extends Omit<RunOrder, 'trigger'> {
  trigger: 'manual' | 'rerun'
  /** Who presses the button; an admin may press as often as they like. */
  by: { id: string; isAdmin: boolean }
}

/**
 * "Run now": everything that was not read a moment ago.
 * @returns the run, null when all of it is being read already; and the titles of what was left out
 * @throws Refused 409 when nothing is left to read, 429 when the day's runs are used up
 */
export async function orderRunNow(
  by: HandOrder['by'],
  names?: string[],
): Promise<{ run: Run | null; leftOut: string[] }> {
  const asked = names ?? (await streamsOf(by.id))
  const lately = await readLately(by.id, asked)
  const streams = asked.filter((name) => !lately.has(name))
  if (streams.length === 0) throw allReadLately(lately)
  const run = await orderByHand({ userId: by.id, trigger: 'manual', by, streams })
  return { run, leftOut: asked.filter((name) => lately.has(name)).map(titleOf) }
}

/**
 * Orders a run by a button. What reads anew counts towards the day's runs: "Run now" and backfills.
 * @returns the run, or null when all of it is being read already
 * @throws Refused 429
 */
export function orderByHand({ by, ...order }: HandOrder): Promise<Run | null> {
  const counts = order.trigger === 'manual' || (order.whole ?? []).length > 0
  return db().$transaction(async (tx) => {
    if (counts && !by.isAdmin) await requireRunLeft(tx, by.id)
    return writeRun(tx, { ...order, byUserId: by.id })
  })
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
  const counted = await tx.run.findMany({
    where: {
      byUserId: userId,
      kind: 'extract',
      queuedAt: { gt: new Date(now().getTime() - DAY) },
      OR: [{ trigger: 'manual' }, { trigger: 'rerun', streamRuns: { some: { whole: true } } }],
    },
    orderBy: { queuedAt: 'desc' },
    take: MOST_A_DAY,
    select: { queuedAt: true },
  })
  const oldest = counted[MOST_A_DAY - 1]
  if (!oldest) return
  const at = new Date(oldest.queuedAt.getTime() + DAY).toISOString().slice(0, 16).replace('T', ' ')
  throw new Refused(
    429,
    'runs-used-up',
    `You ordered ${MOST_A_DAY} runs within 24 hours, which is all of them`,
    `Scheduled runs go on by themselves. You can order the next one at ${at} UTC.`,
  )
}
