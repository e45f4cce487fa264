import { ulid } from 'ulid'
import type { NotificationEvent } from '#lib/api/lists.ts'
import { now } from '#lib/core/clock.ts'
import { db, type Prisma, type Run, type RunState, type StreamRun } from '#lib/db.ts'
import { titleOf } from '#lib/streams/index.ts'
import { type Notification, notifyIn } from './alerts.ts'
import { alertConsentEnded } from './consent-ended.ts'
import { formatRun } from './run-facts.ts'

/** The event to notify as, by the state of a stream run. */
const INCOMPLETE: Partial<Record<RunState, 'failed' | 'incomplete'>> = {
  failed: 'failed',
  incomplete: 'incomplete',
  skipped: 'incomplete',
}
const GOOD: RunState[] = ['succeeded', 'nothing_new']
const NO_DETAILS = 'No details are known'

type EndedRun = Run & { streamRuns: StreamRun[] }

/**
 * Notifies about an ended run: newly failed or incomplete streams, recovered streams, success. One message per kind,
 * however many streams it covers; a stream that fails in every run is notified once. Repeating it sends nothing twice.
 */
export async function notifyRun(runId: string): Promise<void> {
  const run = await db().run.findUnique({
    where: { id: runId },
    include: { streamRuns: { orderBy: { position: 'asc' } } },
  })
  if (!run?.endedAt) return
  const hasOwnAlert = await hasKnownCause(run.userId)
  await db().$transaction(async (tx) => {
    await notifyRecovered(tx, run)
    if (!hasOwnAlert) {
      await notifyIncomplete(tx, run, 'failed')
      await notifyIncomplete(tx, run, 'incomplete')
    }
    if (run.state === 'succeeded') await notifyIn(tx, run.userId, successNotification(run))
  })
}

/** Whether a refused consent or a paused app explains the failures; those have an alert of their own. */
async function hasKnownCause(userId: string): Promise<boolean> {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify' },
    select: { consent: true, consentProblem: true, retryAt: true, spotifyApp: { select: { problem: true } } },
  })
  if (account?.consent === 'reconnect') await alertConsentEnded(userId, account.consentProblem)
  return account?.consent === 'reconnect' || Boolean(account?.retryAt ?? account?.spotifyApp?.problem)
}

/** The alert to open for a stream. */
const ALERT_KINDS = { failed: 'stream', incomplete: 'part' } as const

async function notifyIncomplete(tx: Prisma.TransactionClient, run: EndedRun, event: 'failed' | 'incomplete') {
  const incomplete = run.streamRuns.filter(({ state }) => INCOMPLETE[state] === event)
  if (incomplete.length === 0) return
  const fresh: StreamRun[] = []
  for (const streamRun of incomplete) {
    if (await hasRecovered(tx, streamRun)) continue
    const { count } = await tx.alert.createMany({
      data: {
        id: ulid(),
        userId: run.userId,
        kind: ALERT_KINDS[event],
        stream: streamRun.stream,
        problem: streamRun.problem ?? NO_DETAILS,
        remedy: streamRun.remedy,
        runId: run.id,
        // When it failed, not now: successful runs since then must be able to resolve it.
        beganAt: streamRun.endedAt ?? now(),
      },
      skipDuplicates: true,
    })
    if (count > 0) fresh.push(streamRun)
  }
  if (fresh.length > 0) await notifyIn(tx, run.userId, incompleteNotification(run, fresh, event))
}

/** Whether the stream succeeded later: ends are announced by events, which may arrive late. */
async function hasRecovered(tx: Prisma.TransactionClient, { userId, stream, endedAt }: StreamRun): Promise<boolean> {
  const where = { userId, stream, state: { in: GOOD }, endedAt: { gt: endedAt ?? now() } }
  return (await tx.streamRun.findFirst({ where, select: { id: true } })) !== null
}

function incompleteNotification(run: EndedRun, fresh: StreamRun[], event: 'failed' | 'incomplete'): Notification {
  const [first] = fresh
  const titles = fresh.map(({ stream }) => titleOf(stream))
  const isOne = titles.length === 1
  const what = event === 'failed' ? 'could not be synced' : isOne ? 'is incomplete' : 'are incomplete'
  const alike = fresh.every(({ problem, remedy }) => problem === first?.problem && remedy === first.remedy)
  return {
    ...base(run, event),
    title: isOne ? `${titles[0]} ${what}` : `${titles.length} streams ${what}`,
    facts: {
      Run: formatRun(run),
      [titles.length === 1 ? 'Stream' : 'Streams']: titles.join(', '),
      // Different problems are listed by stream, each with its remedy.
      ...(alike ? {} : Object.fromEntries(fresh.map((one) => [titleOf(one.stream), formatProblem(one)]))),
    },
    problem: alike ? (first?.problem ?? null) : `${fresh.length} streams, for different reasons`,
    remedy: alike ? (first?.remedy ?? null) : null,
  }
}

function formatProblem({ problem, remedy }: StreamRun): string {
  return [problem ?? NO_DETAILS, remedy].filter(Boolean).join('. ')
}

async function notifyRecovered(tx: Prisma.TransactionClient, run: EndedRun): Promise<void> {
  const good = run.streamRuns.filter(({ state }) => GOOD.includes(state))
  if (good.length === 0) return
  const open = await tx.alert.findMany({
    where: {
      userId: run.userId,
      endedAt: null,
      kind: { in: ['stream', 'part'] },
      // An end that is announced late must not resolve a later problem.
      OR: good.map(({ stream, endedAt }) => ({ stream, beganAt: { lte: endedAt ?? run.queuedAt } })),
    },
    orderBy: { beganAt: 'asc' },
  })
  const [first] = open
  if (!first) return
  await tx.alert.updateMany({ where: { id: { in: open.map(({ id }) => id) } }, data: { endedAt: now() } })
  const titles = [...new Set(open.map(({ stream }) => titleOf(stream ?? '')))]
  await notifyIn(tx, run.userId, {
    ...base(run, 'recovered'),
    title: titles.length === 1 ? `${titles[0]} is syncing again` : `${titles.length} streams are syncing again`,
    facts: {
      Run: formatRun(run),
      [titles.length === 1 ? 'Stream' : 'Streams']: titles.join(', '),
      'Earlier problem': [...new Set(open.map(({ problem }) => problem))].join(' · '),
    },
    since: first.beganAt,
    // It was notified with its run, or by itself if its run didn't end.
    onlyAfter: open.flatMap(({ id, kind, runId }) => [
      { subject: id },
      ...(runId ? [{ subject: runId, event: kind === 'part' ? ('incomplete' as const) : ('failed' as const) }] : []),
    ]),
  })
}

function successNotification(run: EndedRun): Notification {
  const rows = (pick: (streamRun: StreamRun) => number) =>
    String(run.streamRuns.reduce((sum, streamRun) => sum + pick(streamRun), 0))
  return {
    ...base(run, 'succeeded'),
    title: run.kind === 'load' ? 'Your Snowflake was loaded' : 'Sync succeeded',
    facts: {
      Run: formatRun(run),
      ...(run.kind === 'load'
        ? {}
        : {
            Streams: run.streamRuns.map(({ stream }) => titleOf(stream)).join(', '),
            'New rows': rows(({ rowsNew }) => rowsNew),
            'Changed rows': rows(({ rowsChanged }) => rowsChanged),
            'Removed rows': rows(({ rowsRemoved }) => rowsRemoved),
          }),
    },
  }
}

function base(run: EndedRun, event: NotificationEvent) {
  return { event, subject: run.id, path: `/runs/${run.id}` }
}
