import { ulid } from 'ulid'
import type { NotificationEvent } from '#lib/api/lists.ts'
import { now } from '#lib/core/clock.ts'
import { db, type Prisma, type Run, type RunState, type StreamRun } from '#lib/db.ts'
import { titleOf } from '#lib/streams/index.ts'
import { type Telling, tellIn } from './alerts.ts'
import { tellConsentOver } from './consent-ended.ts'
import { formatRun } from './run-facts.ts'

/** What went wrong with a stream, and so what it is told as. */
const LACKING: Partial<Record<RunState, 'failed' | 'incomplete'>> = {
  failed: 'failed',
  incomplete: 'incomplete',
  skipped: 'incomplete',
}
const GOOD: RunState[] = ['succeeded', 'nothing_new']

type EndedRun = Run & { streamRuns: StreamRun[] }

/**
 * Tells what a run that ended means: streams that failed or lack something for the first time, streams that are well
 * again, and that it succeeded. However many streams it is about, each kind of news is one message; a stream that fails
 * at every run is told once. Repeating it tells nothing twice.
 */
export async function tellRun(runId: string): Promise<void> {
  const run = await db().run.findUnique({
    where: { id: runId },
    include: { streamRuns: { orderBy: { position: 'asc' } } },
  })
  if (!run?.endedAt) return
  const isCaused = await hasCause(run.userId)
  await db().$transaction(async (tx) => {
    await tellRecovered(tx, run)
    if (!isCaused) {
      await tellLacking(tx, run, 'failed')
      await tellLacking(tx, run, 'incomplete')
    }
    if (run.state === 'succeeded') await tellIn(tx, run.userId, successOf(run))
  })
}

/** Whether a consent that is over, or an app that is paused, is why everything fails: that is told instead. */
async function hasCause(userId: string): Promise<boolean> {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify' },
    select: { consent: true, consentProblem: true, spotifyApp: { select: { problem: true } } },
  })
  if (account?.consent === 'reconnect') await tellConsentOver(userId, account.consentProblem)
  return account?.consent === 'reconnect' || Boolean(account?.spotifyApp?.problem)
}

/** The kind of alert that stands for what went wrong with a stream. */
const KIND = { failed: 'stream', incomplete: 'part' } as const

async function tellLacking(tx: Prisma.TransactionClient, run: EndedRun, event: 'failed' | 'incomplete') {
  const lacking = run.streamRuns.filter(({ state }) => LACKING[state] === event)
  if (lacking.length === 0) return
  const fresh: StreamRun[] = []
  for (const streamRun of lacking) {
    if (await isOld(tx, streamRun)) continue
    const { count } = await tx.alert.createMany({
      data: {
        id: ulid(),
        userId: run.userId,
        kind: KIND[event],
        stream: streamRun.stream,
        problem: streamRun.problem ?? 'Nothing more is known',
        remedy: streamRun.remedy,
        runId: run.id,
        // When it failed and not when that is told: what ran well since then is to count.
        beganAt: streamRun.endedAt ?? now(),
      },
      skipDuplicates: true,
    })
    if (count > 0) fresh.push(streamRun)
  }
  if (fresh.length > 0) await tellIn(tx, run.userId, lackingNews(run, fresh, event))
}

/** Whether the stream was well later: ends are announced by events, which may come late. */
async function isOld(tx: Prisma.TransactionClient, { userId, stream, endedAt }: StreamRun): Promise<boolean> {
  const where = { userId, stream, state: { in: GOOD }, endedAt: { gt: endedAt ?? now() } }
  return (await tx.streamRun.findFirst({ where, select: { id: true } })) !== null
}

function lackingNews(run: EndedRun, fresh: StreamRun[], event: 'failed' | 'incomplete'): Telling {
  const [first] = fresh
  const titles = fresh.map(({ stream }) => titleOf(stream))
  const what = event === 'failed' ? 'could not be fetched' : 'came incomplete'
  const alike = fresh.every(({ problem, remedy }) => problem === first?.problem && remedy === first.remedy)
  return {
    ...base(run, event),
    title: titles.length === 1 ? `${titles[0]} ${what}` : `${titles.length} streams ${what}`,
    facts: {
      Run: formatRun(run),
      [titles.length === 1 ? 'Stream' : 'Streams']: titles.join(', '),
      // Of several problems each stands by its stream, with its own remedy.
      ...(alike ? {} : Object.fromEntries(fresh.map((one) => [titleOf(one.stream), problemWords(one)]))),
    },
    problem: alike ? (first?.problem ?? null) : `${fresh.length} streams, each for a reason of its own`,
    remedy: alike ? (first?.remedy ?? null) : null,
  }
}

function problemWords({ problem, remedy }: StreamRun): string {
  return [problem ?? 'Nothing more is known', remedy].filter(Boolean).join('. ')
}

async function tellRecovered(tx: Prisma.TransactionClient, run: EndedRun): Promise<void> {
  const good = run.streamRuns.filter(({ state }) => GOOD.includes(state))
  if (good.length === 0) return
  const open = await tx.alert.findMany({
    where: {
      userId: run.userId,
      endedAt: null,
      kind: { in: ['stream', 'part'] },
      // An end that is announced late says nothing of what went wrong after it.
      OR: good.map(({ stream, endedAt }) => ({ stream, beganAt: { lte: endedAt ?? run.queuedAt } })),
    },
    orderBy: { beganAt: 'asc' },
  })
  const [first] = open
  if (!first) return
  await tx.alert.updateMany({ where: { id: { in: open.map(({ id }) => id) } }, data: { endedAt: now() } })
  const titles = [...new Set(open.map(({ stream }) => titleOf(stream ?? '')))]
  await tellIn(tx, run.userId, {
    ...base(run, 'recovered'),
    title: titles.length === 1 ? `${titles[0]} is fetched again` : `${titles.length} streams are fetched again`,
    facts: {
      Run: formatRun(run),
      [titles.length === 1 ? 'Stream' : 'Streams']: titles.join(', '),
      'Was wrong': [...new Set(open.map(({ problem }) => problem))].join(' · '),
    },
    since: first.beganAt,
    // It was told with its run, or by itself while its run did not end.
    onlyAfter: open.flatMap(({ id, kind, runId }) => [
      { subject: id },
      ...(runId ? [{ subject: runId, event: kind === 'part' ? ('incomplete' as const) : ('failed' as const) }] : []),
    ]),
  })
}

function successOf(run: EndedRun): Telling {
  const rows = (pick: (streamRun: StreamRun) => number) =>
    String(run.streamRuns.reduce((sum, streamRun) => sum + pick(streamRun), 0))
  return {
    ...base(run, 'succeeded'),
    title: run.kind === 'load' ? 'Your Snowflake was loaded' : 'A run succeeded',
    facts: {
      Run: formatRun(run),
      ...(run.kind === 'load'
        ? {}
        : {
            Streams: run.streamRuns.map(({ stream }) => titleOf(stream)).join(', '),
            'Rows new': rows(({ rowsNew }) => rowsNew),
            'Rows changed': rows(({ rowsChanged }) => rowsChanged),
            'Rows removed': rows(({ rowsRemoved }) => rowsRemoved),
          }),
    },
  }
}

function base(run: EndedRun, event: NotificationEvent) {
  return { event, subject: run.id, path: `/runs/${run.id}` }
}
