import { MINUTE } from '../clock.ts'
import { db, type RunTrigger } from '../db.ts'
import { streams } from '../streams/index.ts'
import type { StreamGroup } from '../streams/stream.ts'
import { BUSY_AFTER_MS, BUSY_PLAYS, nextDue, PLANS, spreadOf } from './due.ts'
import { rebuildMissing, waitingConnections } from './load.ts'
import { tidyLimits } from './request-limits.ts'
import { createRun, markSent, requestOf, type StreamRequest, takeStartable } from './runs.ts'

/** What the planning tick found to do. */
export interface Planned {
  requests: StreamRequest[]
  connections: string[]
}

/** A queued stream run that nobody took for so long is sent again. */
const RESEND_AFTER_MS = MINUTE
const MOST_AT_ONCE = 500

const GROUPS = Object.keys(PLANS) as StreamGroup[]

/** The streams of a group that the listener's Spotify app can have, as far as it is known. */
async function streamsOf(userId: string, groups: StreamGroup[] = GROUPS): Promise<string[]> {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify' },
    include: { spotifyApp: true },
  })
  const capabilities = (account?.spotifyApp?.capabilities ?? {}) as Record<string, boolean>
  return streams
    .filter(({ group, capability }) => groups.includes(group) && !(capability && capabilities[capability] === false))
    .map(({ name }) => name)
}

/** Starts a run of everything the listener can have, or of the named streams. */
export async function orderRun(
  userId: string,
  trigger: RunTrigger,
  { byUserId, instants, names }: { byUserId?: string; instants?: Date[]; names?: string[] } = {},
) {
  return createRun({ userId, trigger, byUserId, instants, streams: names ?? (await streamsOf(userId)) })
}

/** Gives a listener a schedule for every group; the first run covers them, so all start at their next time. */
export async function scheduleListener(userId: string, zone: string, now: Date): Promise<void> {
  for (const group of GROUPS) {
    const nextAt = nextDue(group, { zone, spread: spreadOf(userId), after: now })
    await db().schedule.upsert({
      where: { userId_group: { userId, group } },
      create: { userId, group, nextAt },
      update: { nextAt },
    })
  }
}

/**
 * One planning tick: writes the runs that are due, takes up what waited or was lost, and says what to send.
 * Missed times are not made up; ticking twice at once writes nothing twice.
 */
export async function plan(now: Date): Promise<Planned> {
  const requests = [...(await runsDue(now)), ...(await takenUp(now))]
  await tidyLimits(now)
  await rebuildMissing()
  return { requests, connections: await waitingConnections() }
}

async function runsDue(now: Date): Promise<StreamRequest[]> {
  const due = await db().schedule.findMany({
    where: {
      nextAt: { lte: now },
      paused: false,
      user: { erasingAt: null, accounts: { some: { provider: 'spotify', consent: 'given' } } },
    },
    orderBy: { nextAt: 'asc' },
    take: MOST_AT_ONCE,
    include: { user: { select: { zone: true } } },
  })
  const groups = new Map<string, StreamGroup[]>()
  for (const { id, userId, group, nextAt, user } of due) {
    const name = group as StreamGroup
    const next = nextDue(name, { zone: user.zone ?? 'UTC', spread: spreadOf(userId), after: now })
    // Whoever moves the time on writes the run: of two ticks at once only one does.
    const { count } = await db().schedule.updateMany({ where: { id, nextAt }, data: { nextAt: next } })
    if (count === 1) groups.set(userId, [...(groups.get(userId) ?? []), name])
  }
  const requests: StreamRequest[] = []
  for (const [userId, names] of groups) {
    const run = await createRun({ userId, trigger: 'schedule', streams: await streamsOf(userId, names) })
    if (run) requests.push(...(await takeStartable(run.id)))
  }
  return requests
}

/** Queued stream runs whose event was lost, and waiting ones whose time has come. */
async function takenUp(now: Date): Promise<StreamRequest[]> {
  const lostSince = new Date(now.getTime() - RESEND_AFTER_MS)
  const unsent = await db().streamRun.findMany({
    where: { state: 'queued', sentAt: null, queuedAt: { lt: lostSince } },
    distinct: ['runId'],
    select: { runId: true },
    take: MOST_AT_ONCE,
  })
  const started: StreamRequest[] = []
  for (const { runId } of unsent) started.push(...(await takeStartable(runId)))

  const lost = await db().streamRun.findMany({
    where: {
      OR: [
        { state: 'queued', sentAt: { lt: lostSince } },
        { state: 'waiting', waitingUntil: { lte: now } },
      ],
    },
    select: { id: true, attempt: true, state: true, extractedAt: true },
    take: MOST_AT_ONCE,
  })
  const again = lost.map((streamRun) =>
    requestOf({ ...streamRun, attempt: streamRun.attempt + (streamRun.state === 'waiting' ? 1 : 0) }),
  )
  for (const { streamRunId, attempt } of again) {
    await db().streamRun.updateMany({
      where: { id: streamRunId, state: 'waiting', attempt: attempt - 1 },
      data: { state: 'queued', attempt, waitingUntil: null },
    })
  }
  await markSent(again)
  return [...started, ...again]
}

/** A busy hour: the next look at recently played comes sooner than planned. */
export async function bringForward(userId: string, newPlays: number, now: Date): Promise<void> {
  if (newPlays < BUSY_PLAYS) return
  const soon = new Date(now.getTime() + BUSY_AFTER_MS)
  await db().schedule.updateMany({
    where: { userId, group: 'recently played' satisfies StreamGroup, nextAt: { gt: soon } },
    data: { nextAt: soon },
  })
}
