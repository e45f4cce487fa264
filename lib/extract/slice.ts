import { SECOND } from '#lib/core/clock.ts'
import { db, Prisma, type StreamRun } from '#lib/db.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'
import type { AppHealth } from '#lib/quota/paused-apps.ts'
import type { LimitedApp } from '#lib/quota/request-limits.ts'
import { type Attempt, addLogLine, refreshRunState } from '#lib/runs/runs.ts'
import { streamNamed } from '#lib/streams/index.ts'
import type { Stream } from '#lib/streams/stream.ts'

/** One bounded piece of a stream run: what it works on, and its budget. */
export interface Slice {
  /** As it was when the slice started. `attempt` and `sentAt` identify the slice: a later one writes its own. */
  streamRun: StreamRun
  stream: Stream
  listener: { spotifyUserId: string }
  app: LimitedApp & AppHealth
  /** The past instant to read, or null for the present. */
  instant: Date | null
  budget: Budget
  /** Requests not yet counted on the stream run. */
  unchargedRequests: number
  /** The access token, once a request needed it. */
  token?: string
}

const MAX_PAGES = 20
const MAX_MS = 10 * SECOND

/** At most 20 pages or 10 s, so that a crash repeats little and other streams get their turn. */
export class Budget {
  private pages = MAX_PAGES
  private readonly endsAt = Date.now() + MAX_MS

  /** Takes one page from the budget. @returns false when it is spent */
  take(): boolean {
    if (this.pages <= 0 || Date.now() > this.endsAt) return false
    this.pages--
    return true
  }
}

/**
 * Marks the stream run as running and makes the slice that works on it.
 * @returns null when the stream run has ended or has a newer attempt, or when its listener is suspended or being erased
 */
export async function startSlice({ streamRunId, attempt }: Attempt, budget: Budget): Promise<Slice | null> {
  const [streamRun] = await db().streamRun.updateManyAndReturn({
    where: {
      id: streamRunId,
      attempt,
      state: { in: ['queued', 'running', 'waiting'] },
      run: { cancelledAt: null, user: { suspendedAt: null, erasingAt: null } },
    },
    // The plan also reads this time as a sign of life.
    data: { state: 'running', sentAt: nextSentAt(), waitingUntil: null, waitReason: null, problem: null, remedy: null },
  })
  if (!streamRun) return null
  if (!streamRun.startedAt) {
    await db().streamRun.update({ where: { id: streamRunId }, data: { startedAt: new Date(), phase: 'extracting' } })
    await addLogLine(streamRunId, 'info', `Started reading ${streamNamed(streamRun.stream).title}.`)
  }
  await refreshRunState(streamRun.runId)
  const user = await db().user.findUniqueOrThrow({ where: { id: streamRun.userId } })
  const [oldest] = streamRun.instants
  return {
    streamRun,
    stream: streamNamed(streamRun.stream),
    listener: { spotifyUserId: user.spotifyUserId ?? '' },
    app: await appOf(streamRun.userId),
    instant: streamRun.extractedAt && oldest ? oldest : null,
    budget,
    unchargedRequests: 0,
  }
}

let lastSentAt = 0

/** Now; two slices that start in the same millisecond of this process still get different times. */
function nextSentAt(): Date {
  const now = Date.now()
  lastSentAt = now === lastSentAt ? now + 1 : now
  return new Date(lastSentAt)
}

/** The app that issued the listener's tokens, because its limits apply. */
async function appOf(userId: string) {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify' },
    include: { spotifyApp: true },
  })
  return account?.spotifyApp ?? instanceApp()
}

/**
 * Thrown inside a slice that was superseded: its stream run ended or was cancelled, or a later slice started. A killed
 * engine restarts fast and repeats a slice whose first call still runs here; the first one must not change anything.
 */
export class Superseded extends Error {
  constructor() {
    super('a later slice started, or the stream run has ended')
  }
}

/** What a stream run keeps until a later slice starts: a condition for updates that only the latest slice may make. */
export function sliceMark({ attempt, sentAt }: StreamRun): Pick<StreamRun, 'attempt' | 'sentAt'> {
  return { attempt, sentAt }
}

/** The same condition in SQL, for a stream run that is still running. */
export function isCurrent({ streamRun: { id, attempt, sentAt } }: Slice): Prisma.Sql {
  return Prisma.sql`id = ${id} and state = 'running' and attempt = ${attempt} and "sentAt" = ${sentAt}`
}

/** Runs `work` in a transaction that keeps later slices from starting. @throws Superseded */
export function whileCurrent<T>(slice: Slice, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
  return db().$transaction(async (tx) => {
    await requireCurrent(slice, tx, Prisma.sql`for share`)
    return work(tx)
  })
}

/** @param lock held until the transaction ends @throws Superseded */
export async function requireCurrent(slice: Slice, tx: Prisma.TransactionClient = db(), lock = Prisma.empty) {
  const current = await tx.$queryRaw<unknown[]>`select 1 from "StreamRun" where ${isCurrent(slice)} ${lock}`
  if (current.length === 0) throw new Superseded()
}
