import type {
  RunAnswer,
  RunDetailAnswer,
  RunProgressAnswer,
  RunStateWord,
  RunsAnswer,
  RunsProgressAnswer,
  StreamRunAnswer,
  StreamRunStateWord,
  TriggerWord,
} from '../answers.ts'
import { db, type Prisma, type Run, type RunState, type RunTrigger, type StreamRun } from '../db.ts'
import { Refused } from '../errors.ts'
import { moveOn } from '../pipeline/connected/load-session.ts'
import { retryFailedLoads } from '../pipeline/load-failure.ts'
import { orderByHand, orderRunNow } from '../pipeline/order-by-hand.ts'
import { cancelRun, type StreamRequest, takeStartable } from '../pipeline/runs.ts'
import { streams, titleOf } from '../streams/index.ts'
import { audit } from './audit.ts'
import { orderLoad } from './snowflake/change.ts'
import { connectedSnowflake, snowflakeOf } from './snowflake/connect.ts'

/** Who asks: a listener sees own runs, an admin all. */
export interface Viewer {
  id: string
  isAdmin: boolean
}

const STATE_WORDS: Record<RunState, StreamRunStateWord> = {
  queued: 'queued',
  running: 'running',
  waiting: 'waiting',
  succeeded: 'succeeded',
  nothing_new: 'nothing new',
  incomplete: 'incomplete',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'skipped',
}

const TRIGGER_WORDS: Record<RunTrigger, TriggerWord> = {
  sign_in: 'sign-in',
  schedule: 'schedule',
  manual: 'manual',
  rerun: 're-run',
  upload: 'upload',
}

export function stateWord(state: RunState): RunStateWord {
  const word = STATE_WORDS[state]
  return word === 'skipped' ? 'incomplete' : word
}

const iso = (date: Date | null) => date?.toISOString() ?? null
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
const rejectedOf = ({ rejected }: StreamRun) => (rejected ?? {}) as Record<string, number>

type RunWithStreams = Run & { streamRuns: StreamRun[] }

function runAnswer(run: RunWithStreams, names: Map<string, string | null>): RunAnswer {
  const total = (pick: (streamRun: StreamRun) => number) =>
    run.streamRuns.reduce((all, streamRun) => all + pick(streamRun), 0)
  return {
    id: run.id,
    listener: run.userId,
    kind: run.kind,
    trigger: TRIGGER_WORDS[run.trigger],
    rerunOf: run.rerunOf,
    by: run.byUserId ? (names.get(run.byUserId) ?? null) : null,
    state: stateWord(run.state),
    queuedAt: run.queuedAt.toISOString(),
    startedAt: iso(run.startedAt),
    endedAt: iso(run.endedAt),
    waitingUntil: iso(run.waitingUntil),
    totals: {
      new: total(({ rowsNew }) => rowsNew),
      changed: total(({ rowsChanged }) => rowsChanged),
      unchanged: total(({ rowsUnchanged }) => rowsUnchanged),
      removed: total(({ rowsRemoved }) => rowsRemoved),
      rejected: total((streamRun) => sum(rejectedOf(streamRun))),
      requests: total(({ requests }) => requests),
    },
    problem: run.problem,
    remedy: run.remedy,
  }
}

/** A stream of an older version may be gone; its name says enough. */

function streamRunAnswer(streamRun: StreamRun): StreamRunAnswer {
  return {
    stream: streamRun.stream,
    state: STATE_WORDS[streamRun.state],
    attempt: streamRun.attempt,
    whole: streamRun.whole,
    pages: streamRun.pages,
    items: streamRun.items,
    new: streamRun.rowsNew,
    changed: streamRun.rowsChanged,
    unchanged: streamRun.rowsUnchanged,
    removed: streamRun.rowsRemoved,
    rejected: rejectedOf(streamRun),
    bytes: streamRun.bytes,
    requests: streamRun.requests,
    startedAt: iso(streamRun.startedAt),
    endedAt: iso(streamRun.endedAt),
    waitingUntil: iso(streamRun.waitingUntil),
    problem: streamRun.problem,
    remedy: streamRun.remedy,
  }
}

async function namesOf(runs: Run[]): Promise<Map<string, string | null>> {
  const ids = [...new Set(runs.flatMap(({ byUserId }) => byUserId ?? []))]
  const users = await db().user.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } })
  return new Map(users.map(({ id, name }) => [id, name]))
}

/**
 * A page of runs, newest first.
 * @param limit at most 100
 */
export async function listRuns(
  where: Prisma.RunWhereInput,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<RunsAnswer> {
  const runs = await db().run.findMany({
    // Ids are ULIDs: they sort by time, so the id alone is the cursor.
    where: { ...where, ...(cursor ? { id: { lt: cursor } } : {}) },
    orderBy: { id: 'desc' },
    take: limit + 1,
    include: { streamRuns: true },
  })
  const shown = runs.slice(0, limit)
  const names = await namesOf(shown)
  return {
    runs: shown.map((run) => runAnswer(run, names)),
    next: runs.length > limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

/** @throws Refused 404 for a run that is not there or not the viewer's: a stranger learns no difference */
async function visibleRun(viewer: Viewer, id: string): Promise<RunWithStreams> {
  const run = await db().run.findUnique({ where: { id }, include: { streamRuns: { orderBy: { position: 'asc' } } } })
  if (run && (viewer.isAdmin || run.userId === viewer.id)) return run
  throw new Refused(404, 'unknown-run', 'There is no such run', 'Open Runs and pick one of the list.')
}

/** For the page of a run: null for a run that is not there or not the viewer's. */
export async function findRun(viewer: Viewer, id: string): Promise<RunDetailAnswer | null> {
  return runDetail(viewer, id).catch((thrown) => {
    if (thrown instanceof Refused) return null
    throw thrown
  })
}

/** A run with its streams. @throws Refused 404 */
export async function runDetail(viewer: Viewer, id: string): Promise<RunDetailAnswer> {
  const run = await visibleRun(viewer, id)
  return { ...runAnswer(run, await namesOf([run])), streams: run.streamRuns.map(streamRunAnswer) }
}

/** How many streams of each run ended. */
export async function runsProgress(viewer: Viewer, ids: string[]): Promise<RunsProgressAnswer> {
  const streamRuns = await db().streamRun.findMany({
    where: { runId: { in: ids }, ...(viewer.isAdmin ? {} : { userId: viewer.id }) },
    select: { runId: true, endedAt: true },
  })
  const progress: RunsProgressAnswer['progress'] = {}
  for (const { runId, endedAt } of streamRuns) {
    progress[runId] ??= { done: 0, total: 0 }
    progress[runId].total++
    if (endedAt) progress[runId].done++
  }
  return { progress }
}

const MOST_LINES = 200

export async function runProgress(viewer: Viewer, id: string): Promise<RunProgressAnswer> {
  const run = await visibleRun(viewer, id)
  const lines = await db().streamRunLine.findMany({
    where: { streamRun: { runId: id } },
    orderBy: { id: 'desc' },
    take: MOST_LINES,
    include: { streamRun: { select: { stream: true } } },
  })
  const phaseOf = ({ endedAt, startedAt, phase }: StreamRun) =>
    endedAt ? 'done' : !startedAt ? 'queued' : phase === 'loading' ? 'loading' : 'extracting'
  return {
    streams: Object.fromEntries(
      run.streamRuns.map((streamRun) => [
        streamRun.stream,
        {
          title: titleOf(streamRun.stream),
          phase: phaseOf(streamRun),
          expectedItems: streamRun.expected,
          landedItems: streamRun.items,
        },
      ]),
    ),
    lines: lines
      .reverse()
      .map(({ streamRun, at, level, message }) => ({ stream: streamRun.stream, at: at.toISOString(), level, message })),
  }
}

/** What an ordered run needs next: its answer, and what to send. */
export interface OrderedRun {
  run: RunAnswer
  requests: StreamRequest[]
  /** Connections that shall be loaded. */
  connections: string[]
}

/** Which streams a button is for. */
export interface RunChoice {
  /** Names; all of them when left out. */
  streams?: string[] | undefined
  /** A backfill: the one stream is read whole, whatever its head says. */
  whole?: boolean | undefined
}

async function ordered(run: Run): Promise<OrderedRun> {
  const requests = await takeStartable(run.id)
  const full = await db().run.findUniqueOrThrow({ where: { id: run.id }, include: { streamRuns: true } })
  return { run: runAnswer(full, await namesOf([full])), requests, connections: [] }
}

/**
 * "Run now": everything that was not read a moment ago, or the named streams; `whole` reads one stream whole.
 * @returns also the titles of the streams that were left out
 * @throws Refused 400 unknown stream, 409 when nothing is left to read, 429 when the day's runs are used up
 */
export async function runNow(viewer: Viewer, choice: RunChoice = {}): Promise<OrderedRun & { leftOut: string[] }> {
  requireKnown(
    choice,
    streams.map(({ name }) => name),
  )
  await requireConsent(viewer.id)
  const { streams: names, whole } = choice
  const { run, leftOut } =
    whole && names ? { run: await backfill(viewer, names), leftOut: [] } : await orderRunNow(viewer, names)
  if (!run) throw alreadyActive()
  await audit(viewer.id, whole ? 'started a backfill' : 'started a run', run.id)
  return { ...(await ordered(run)), leftOut }
}

function backfill(viewer: Viewer, names: string[]): Promise<Run | null> {
  return orderByHand({ userId: viewer.id, trigger: 'manual', by: viewer, streams: names, whole: names })
}

/** @throws Refused 400 for a stream that is not there, and for a backfill of anything but one stream */
function requireKnown({ streams: names, whole }: RunChoice, known: string[]): void {
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Refused(
      400,
      'unknown-stream',
      `There is no stream "${unknown}"`,
      'Leave "streams" out to run all of them.',
    )
  if (whole && names?.length !== 1)
    throw new Refused(400, 'one-stream', 'A backfill reads one stream', 'Name it: {"streams": ["…"], "whole": true}.')
}

/**
 * The streams of an earlier run again, or some of them. Streams that could not be loaded are read anew; a backfill
 * stays one. A load again is "Load now".
 * @throws Refused 400 for a stream that the run had not, 404, 409 while they are being read already, 429
 */
export async function rerun(viewer: Viewer, id: string, choice: RunChoice = {}): Promise<OrderedRun> {
  const before = await visibleRun(viewer, id)
  if (before.kind === 'load') return reload(viewer, before)
  await requireConsent(before.userId)
  const known = before.streamRuns
    .map(({ stream }) => stream)
    .filter((name) => streams.some((stream) => stream.name === name))
  requireKnown(choice, known)
  const names = choice.streams ?? known
  const backfilled = before.streamRuns.filter(({ whole }) => whole).map(({ stream }) => stream)
  const run = await orderByHand({
    userId: before.userId,
    trigger: 'rerun',
    by: viewer,
    rerunOf: id,
    streams: names,
    whole: choice.whole ? names : names.filter((name) => backfilled.includes(name)),
  })
  if (!run) throw alreadyActive()
  await retryFailedLoads(before.userId, names)
  await audit(viewer.id, 're-ran a run', id, { newRun: run.id })
  return ordered(run)
}

async function reload(viewer: Viewer, { id, userId }: Run): Promise<OrderedRun> {
  const connection = await connectedSnowflake(userId)
  const run = await orderLoad(connection, { byUserId: viewer.id, rerunOf: id })
  return { ...(await ordered(run)), connections: [connection.id] }
}

/**
 * "Load now": what waits for the listener's own warehouse is loaded at once.
 * @param everything copies all tables again
 */
export async function loadNow(viewer: Viewer, everything: boolean): Promise<OrderedRun> {
  const connection = await connectedSnowflake(viewer.id)
  const run = await orderLoad(connection, { byUserId: viewer.id, everything })
  return { ...(await ordered(run)), connections: [connection.id] }
}

/** Stops a run; one that ended already stays as it is. @throws Refused 404 */
export async function cancel(viewer: Viewer, id: string): Promise<RunAnswer> {
  const before = await visibleRun(viewer, id)
  await cancelRun(id)
  const connection = before.kind === 'load' && !before.endedAt ? await snowflakeOf(before.userId) : null
  if (connection) await moveOn(connection)
  await audit(viewer.id, 'cancelled a run', id)
  const run = await visibleRun(viewer, id)
  return runAnswer(run, await namesOf([run]))
}

function alreadyActive(): Refused {
  return new Refused(
    409,
    'already-running',
    'All of this is being read right now',
    'Open Runs and watch the run that is under way.',
  )
}

async function requireConsent(userId: string): Promise<void> {
  if (await db().user.count({ where: { id: userId, suspendedAt: { not: null } } }))
    throw new Refused(409, 'suspended', 'The listener is suspended', 'Resume them on Admin first.')
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify', consent: 'given' } })
  if (!account)
    throw new Refused(409, 'no-consent', 'Spotify is not connected', 'Press "Reconnect" on Connections first.')
}

/** What an admin filters by. @throws Refused 400 for a state that no run has */
export function runFilter({ listener, state }: { listener?: string; state?: string }): Prisma.RunWhereInput {
  const found = Object.entries(STATE_WORDS).find(([, word]) => word === state)
  if (state && !found)
    throw new Refused(
      400,
      'unknown-state',
      `No run has the state "${state}"`,
      `States are: ${Object.values(STATE_WORDS).join(', ')}.`,
    )
  return { ...(listener ? { userId: listener } : {}), ...(found ? { state: found[0] as RunState } : {}) }
}
