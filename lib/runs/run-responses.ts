import type { RunState, StreamRunState, Trigger } from '#lib/api/lists.ts'
import type {
  Run,
  RunDetailResponse,
  RunProgressResponse,
  RunsProgressResponse,
  RunsResponse,
  StreamRun,
} from '#lib/api/runs.ts'
import { now, toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import {
  db,
  type Prisma,
  type Run as RunRow,
  type RunState as StoredState,
  type RunTrigger as StoredTrigger,
  type StreamRun as StreamRunRow,
} from '#lib/db.ts'
import { titleOf } from '#lib/streams/index.ts'
import { pastDaysOf, percentOf, phaseOf, readsOf, runPercent, secondsLeft } from './progress.ts'
import { isUnresolved } from './runs.ts'

/** The signed-in person. Listeners see their own runs, admins all of them. */
export interface Viewer {
  id: string
  isAdmin: boolean
}

const STATE_LABELS: Record<StoredState, StreamRunState> = {
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

const TRIGGER_LABELS: Record<StoredTrigger, Trigger> = {
  sign_in: 'sign-in',
  schedule: 'schedule',
  manual: 'manual',
  rerun: 're-run',
}

export function runStateLabel(state: StoredState): RunState {
  const label = STATE_LABELS[state]
  return label === 'skipped' ? 'incomplete' : label
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
const rejectedOf = ({ rejected }: StreamRunRow) => (rejected ?? {}) as Record<string, number>

type RunWithStreams = RunRow & { streamRuns: StreamRunRow[] }

export function runResponse(run: RunWithStreams, names: Map<string, string | null>): Run {
  const total = (pick: (streamRun: StreamRunRow) => number) =>
    run.streamRuns.reduce((all, streamRun) => all + pick(streamRun), 0)
  return {
    id: run.id,
    listener: run.userId,
    kind: run.kind,
    trigger: TRIGGER_LABELS[run.trigger],
    rerunOf: run.rerunOf,
    by: run.byUserId ? (names.get(run.byUserId) ?? null) : null,
    state: runStateLabel(run.state),
    queuedAt: run.queuedAt.toISOString(),
    startedAt: toIso(run.startedAt),
    endedAt: toIso(run.endedAt),
    waitingUntil: toIso(run.waitingUntil),
    totals: {
      new: total(({ rowsNew }) => rowsNew),
      changed: total(({ rowsChanged }) => rowsChanged),
      unchanged: total(({ rowsUnchanged }) => rowsUnchanged),
      removed: total(({ rowsRemoved }) => rowsRemoved),
      rejected: total((streamRun) => sum(rejectedOf(streamRun))),
      duplicates: total(({ duplicates }) => duplicates),
      withheld: total(({ withheld }) => withheld),
      requests: total(({ requests }) => requests),
    },
    problem: run.problem,
    remedy: run.remedy,
    failed: run.streamRuns.filter(isUnresolved).map(({ stream }) => stream),
  }
}

function streamRunResponse(streamRun: StreamRunRow): StreamRun {
  return {
    stream: streamRun.stream,
    state: STATE_LABELS[streamRun.state],
    attempt: streamRun.attempt,
    whole: streamRun.whole,
    pages: streamRun.pages,
    items: streamRun.items,
    new: streamRun.rowsNew,
    changed: streamRun.rowsChanged,
    unchanged: streamRun.rowsUnchanged,
    removed: streamRun.rowsRemoved,
    rejected: rejectedOf(streamRun),
    duplicates: streamRun.duplicates,
    withheld: streamRun.withheld,
    bytes: streamRun.bytes,
    requests: streamRun.requests,
    startedAt: toIso(streamRun.startedAt),
    endedAt: toIso(streamRun.endedAt),
    waitingUntil: toIso(streamRun.waitingUntil),
    recoveredAt: toIso(streamRun.recoveredAt),
    problem: streamRun.problem,
    remedy: streamRun.remedy,
  }
}

export async function namesOf(runs: RunRow[]): Promise<Map<string, string | null>> {
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
): Promise<RunsResponse> {
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
    runs: shown.map((run) => runResponse(run, names)),
    next: runs.length > limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

/** @throws Refused 404 for a run that doesn't exist or isn't the viewer's; the response doesn't tell which */
export async function visibleRun(viewer: Viewer, id: string): Promise<RunWithStreams> {
  const run = await db().run.findUnique({ where: { id }, include: { streamRuns: { orderBy: { position: 'asc' } } } })
  if (run && (viewer.isAdmin || run.userId === viewer.id)) return run
  throw new Refused(404, 'unknown-run', 'This sync does not exist', 'Open Sync and choose one from the list.')
}

/** For the run page: null for a run that doesn't exist or isn't the viewer's. */
export async function findRun(viewer: Viewer, id: string): Promise<RunDetailResponse | null> {
  return runDetail(viewer, id).catch((error) => {
    if (error instanceof Refused) return null
    throw error
  })
}

/** A run with its streams. @throws Refused 404 */
export async function runDetail(viewer: Viewer, id: string): Promise<RunDetailResponse> {
  const run = await visibleRun(viewer, id)
  return { ...runResponse(run, await namesOf([run])), streams: run.streamRuns.map(streamRunResponse) }
}

/** How many streams of each run have ended. */
export async function runsProgress(viewer: Viewer, ids: string[]): Promise<RunsProgressResponse> {
  const streamRuns = await db().streamRun.findMany({
    where: { runId: { in: ids }, ...(viewer.isAdmin ? {} : { userId: viewer.id }) },
    select: { runId: true, endedAt: true },
  })
  const progress: RunsProgressResponse['progress'] = {}
  for (const { runId, endedAt } of streamRuns) {
    progress[runId] ??= { done: 0, total: 0 }
    progress[runId].total++
    if (endedAt) progress[runId].done++
  }
  return { progress }
}

const MAX_LINES = 200

export async function runProgress(viewer: Viewer, id: string): Promise<RunProgressResponse> {
  const run = await visibleRun(viewer, id)
  const lines = await db().streamRunLine.findMany({
    where: { streamRun: { runId: id } },
    orderBy: { id: 'desc' },
    take: MAX_LINES,
    include: { streamRun: { select: { stream: true } } },
  })
  const reads = await readsOf(run.streamRuns)
  const streams = run.streamRuns.map((streamRun) => ({
    streamRun,
    percent: percentOf(streamRun, reads.get(streamRun.id)),
  }))
  const percent = run.endedAt ? 100 : runPercent(streams.map((one) => one.percent))
  return {
    streams: Object.fromEntries(
      streams.map((one) => [
        one.streamRun.stream,
        {
          title: titleOf(one.streamRun.stream),
          state: STATE_LABELS[one.streamRun.state],
          phase: phaseOf(one.streamRun),
          percent: one.percent,
          expectedItems: one.streamRun.expected,
          landedItems: one.streamRun.items,
          pastDays: pastDaysOf(one.streamRun, reads.get(one.streamRun.id)),
        },
      ]),
    ),
    percent,
    secondsLeft: run.state === 'running' ? secondsLeft(run.startedAt, percent, now()) : null,
    lines: lines.reverse().map(({ streamRun, at, level, message }) => ({
      stream: streamRun.stream,
      at: at.toISOString(),
      level: level === 'warn' ? 'warn' : 'info',
      message,
    })),
  }
}

/** The filter of the admin's run list. @throws Refused 400 for an unknown state */
export function runFilter({ listener, state }: { listener?: string; state?: string }): Prisma.RunWhereInput {
  const found = Object.entries(STATE_LABELS).find(([, label]) => label === state)
  if (state && !found)
    throw new Refused(
      400,
      'unknown-state',
      `"${state}" is not a run state`,
      `Valid states: ${Object.values(STATE_LABELS).join(', ')}.`,
    )
  return { ...(listener ? { userId: listener } : {}), ...(found ? { state: found[0] as StoredState } : {}) }
}
