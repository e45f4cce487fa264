import { ulid } from 'ulid'
import type { NotificationEvent } from '#lib/api/lists.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { db, Prisma, type Run, type RunState, type StreamRun } from '#lib/db.ts'
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

type NotifiedRun = Run & { streamRuns: StreamRun[] }

/**
 * Notifies about a run: newly failed or incomplete streams, recovered streams, and success when it ends. Sends one
 * message per kind, however many streams it covers, and only one for a stream that fails in every run. It never repeats
 * a message, so a waiting run can be reported before it ends.
 */
export async function notifyRun(runId: string): Promise<void> {
  const run = await db().run.findUnique({
    where: { id: runId },
    include: { streamRuns: { orderBy: { position: 'asc' } } },
  })
  if (!run) return
  const hasOwnAlert = await hasKnownCause(run.userId)
  await db().$transaction(async (tx) => {
    await notifyRecovered(tx, run)
    if (!hasOwnAlert) {
      await notifyIncomplete(tx, run, 'failed')
      await notifyIncomplete(tx, run, 'incomplete')
    }
    if (run.endedAt && run.state === 'succeeded') await notifyIn(tx, run.userId, successNotification(run))
  })
}

/** If a run continues for this long after a stream ended, that stream is reported before the run ends. */
const SOON_MS = 5 * MINUTE
const MAX_RUNS = 100

/**
 * Reports streams that ended in runs that won't end soon because another stream waits or is slow. A quota can last a
 * day, and failures must not go unnoticed until then.
 */
export async function notifyOpenRuns(at: Date = now()): Promise<void> {
  const runs = await db().$queryRaw<{ id: string }[]>(Prisma.sql`
    select distinct r.id from "Run" r
    join "User" u on u.id = r."userId" and u."suspendedAt" is null and u."erasingAt" is null
    join "StreamRun" s on s."runId" = r.id
    where r.kind = 'extract' and r.state in ('queued', 'running', 'waiting')
      and (
        s."endedAt" < ${new Date(at.getTime() - SOON_MS)}
        or exists (select 1 from "StreamRun" w where w."runId" = r.id and w.state = 'waiting')
      )
      and (
        s.state in ('failed', 'incomplete', 'skipped') and not s.unavailable and s."recoveredAt" is null and not exists (
          select 1 from "Trouble" t where t."userId" = s."userId" and t.stream = s.stream
            and t.kind = (case when s.state = 'failed' then 'stream' else 'part' end)::"AlertKind"
            and (t."endedAt" is null or t."endedAt" >= s."endedAt")
        )
        or s.state in ('succeeded', 'nothing_new') and exists (
          select 1 from "Trouble" t where t."userId" = s."userId" and t.stream = s.stream and t.kind in ('stream', 'part')
            and t."endedAt" is null and t."beganAt" <= s."endedAt"
        )
      )
      and exists (
        select 1 from "Account" a left join "SpotifyApp" app on app.id = a."spotifyAppId"
        where a."userId" = u.id and a.provider = 'spotify' and a.consent = 'given' and a."retryAt" is null
          and app.problem is null
      )
    order by r.id limit ${MAX_RUNS}`)
  for (const { id } of runs) await notifyRun(id)
}

/** Whether a refused consent or a paused app explains the failures; both have their own alerts. */
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

async function notifyIncomplete(tx: Prisma.TransactionClient, run: NotifiedRun, event: 'failed' | 'incomplete') {
  const incomplete = run.streamRuns.filter(({ state, unavailable }) => INCOMPLETE[state] === event && !unavailable)
  if (incomplete.length === 0) return
  const fresh: StreamRun[] = []
  const alerts: string[] = []
  for (const streamRun of incomplete) {
    if (await hasRecovered(tx, streamRun)) continue
    const id = ulid()
    const { count } = await tx.alert.createMany({
      data: {
        id,
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
    if (count === 0) continue
    fresh.push(streamRun)
    alerts.push(id)
  }
  if (fresh.length === 0) return
  const notification = incompleteNotification(run, fresh, event)
  const subject = subjectOf(run, alerts)
  await tx.alert.updateMany({ where: { id: { in: alerts } }, data: { notifiedAs: subject } })
  await notifyIn(tx, run.userId, { ...notification, subject })
}

/** The subject of a message: an ended run, or the first alert of the message if the run is still in progress. */
function subjectOf({ id, endedAt }: NotifiedRun, [first]: string[]): string {
  return endedAt || first === undefined ? id : first
}

/** Whether the stream succeeded later: ends are announced by events, which may arrive late. */
async function hasRecovered(tx: Prisma.TransactionClient, { userId, stream, endedAt }: StreamRun): Promise<boolean> {
  const where = { userId, stream, state: { in: GOOD }, endedAt: { gt: endedAt ?? now() } }
  return (await tx.streamRun.findFirst({ where, select: { id: true } })) !== null
}

function incompleteNotification(run: NotifiedRun, fresh: StreamRun[], event: 'failed' | 'incomplete'): Notification {
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

async function notifyRecovered(tx: Prisma.TransactionClient, run: NotifiedRun): Promise<void> {
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
    subject: subjectOf(run, [first.id]),
    title: titles.length === 1 ? `${titles[0]} is syncing again` : `${titles.length} streams are syncing again`,
    facts: {
      Run: formatRun(run),
      [titles.length === 1 ? 'Stream' : 'Streams']: titles.join(', '),
      'Earlier problem': [...new Set(open.map(({ problem }) => problem))].join(' · '),
    },
    since: first.beganAt,
    // An alert may have been sent together with others. Older alerts don't say so; their subject was the run.
    onlyAfter: open.flatMap(({ id, kind, runId, notifiedAs }) => {
      const together = notifiedAs ?? runId
      const event = kind === 'part' ? 'incomplete' : 'failed'
      return [{ subject: id }, ...(together ? [{ subject: together, event } as const] : [])]
    }),
  })
}

function successNotification(run: NotifiedRun): Notification {
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

function base(run: NotifiedRun, event: NotificationEvent) {
  return { event, subject: run.id, path: `/runs/${run.id}` }
}
