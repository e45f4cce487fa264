import { MINUTE } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Failure, Reconnect, Skip, Stop, Transient, Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { toFailure } from '#lib/core/to-failure.ts'
import { db, type StreamRun } from '#lib/db.ts'
import { finishStreamRun } from '#lib/load/outcome.ts'
import { refuseToken } from '#lib/quota/access-token.ts'
import { recordAvailable, recordDenied } from '#lib/quota/capabilities.ts'
import { pauseIfLapsed, requireNotPaused } from '#lib/quota/paused-apps.ts'
import { withinLimits } from '#lib/quota/request-limits.ts'
import {
  type Attempt,
  addLogLine,
  endStreamRun,
  refreshRunState,
  type StreamRequest,
  takeStartable,
} from '#lib/runs/runs.ts'
import { kindOf } from '#lib/spotify/failures.ts'
import { readProfile } from '#lib/spotify/profile.ts'
import { servingConnections, servingKind } from '#lib/storage/destinations.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { backOff } from './backoff.ts'
import { extractList, type Progress } from './list.ts'
import { chargeRequests } from './page.ts'
import { extractParts } from './parts.ts'
import { pollPlays } from './poll-plays.ts'
import { Budget, type Slice, Superseded, sliceMark, startSlice } from './slice.ts'

/** How a slice ended, for its job. Holds only ids and times. */
export interface SliceEnd {
  /** Another slice is needed. */
  more: boolean
  /** Not before this instant, ISO 8601. */
  resumeAt?: string
  /** Other listeners are waiting: yield before the next slice. */
  giveWay?: boolean
  /** Connections of destinations that have something to load now. */
  connections: string[]
  /** Streams of the run that may start now. */
  followers: StreamRequest[]
  /** The run, if this slice ended it. */
  endedRun?: string
}

/** For longer waits the job ends, and the plan starts the stream run again in time. */
const MAX_SLEEP_MS = MINUTE
const DONE: SliceEnd = { more: false, connections: [], followers: [] }
const MORE: SliceEnd = { ...DONE, more: true }

/**
 * Runs one slice of a stream run. Repeating it requests only what is missing.
 * @throws Transient, for the job to repeat; every other failure becomes a state of the stream run, with a remedy
 */
export function extractSlice(request: Attempt): Promise<SliceEnd> {
  return toFailure({ streamRunId: request.streamRunId }, () => extractWithinBudget(request))
}

async function extractWithinBudget(request: Attempt): Promise<SliceEnd> {
  const budget = new Budget()
  const connections = new Set<string>()
  for (;;) {
    const { again, ...end } = await extractOnce(request, budget)
    for (const id of end.connections) connections.add(id)
    if (!again || !budget.take()) return { ...end, connections: [...connections] }
  }
}

/** `again`: another past instant is next, which costs one request. */
async function extractOnce(request: Attempt, budget: Budget): Promise<SliceEnd & { again?: boolean }> {
  const slice = await startSlice(request, budget)
  if (!slice) return DONE
  try {
    const progress = (await isAlreadyRead(slice)) ? 'complete' : await extract(slice)
    await chargeRequests(slice)
    return await proceed(slice, progress)
  } catch (error) {
    await chargeRequests(slice)
    return recover(slice, error)
  }
}

/** True if an earlier slice completed the read but crashed before recording it. */
async function isAlreadyRead({ streamRun, instant }: Slice): Promise<boolean> {
  if (streamRun.extractedAt && !instant) return true
  const complete = await db().streamRead.count({
    where: { streamRunId: streamRun.id, state: 'complete', ...(instant ? { syncedAt: instant } : {}) },
  })
  return complete > 0
}

async function extract(slice: Slice): Promise<Progress> {
  requireNotPaused(slice.app, new Date())
  if (slice.stream.polled) return pollPlays(slice)
  if (slice.stream.partsOf) return extractParts(slice)
  return extractList(slice)
}

async function proceed(slice: Slice, progress: Progress): Promise<SliceEnd & { again?: boolean }> {
  const { streamRun, stream, instant } = slice
  if (progress === 'more') return { ...MORE, giveWay: await othersAreWaiting(streamRun) }
  if (typeof progress === 'object') return endWith(slice, { state: 'incomplete', ...progress })
  if (stream.capability && progress === 'complete') await recordAvailable(slice.app.id, stream.capability, new Date())
  const left = instant ? streamRun.instants.slice(1) : streamRun.instants
  if (progress === 'nothing new' && left.length === 0) return endWith(slice, { state: 'nothing_new' })
  const stepsBack = !instant && left.length > 0
  const { count } = await db().streamRun.updateMany({
    where: { id: streamRun.id, state: 'running', ...sliceMark(streamRun) },
    data: {
      extractedAt: streamRun.extractedAt ?? new Date(),
      instants: left,
      phase: left.length > 0 ? 'extracting' : 'loading',
      // The current data of this stream is read; let other streams read theirs before fetching past days.
      ...(stepsBack ? { state: 'queued', sentAt: null } : {}),
    },
  })
  const connections = progress === 'complete' ? await servingConnections(streamRun.userId) : []
  // The stream run was cancelled or superseded meanwhile, but its complete read is still loaded.
  if (count === 0) return { ...DONE, connections }
  if (!instant) await addLogLine(streamRun.id, 'info', `Finished reading ${stream.title}; it waits to be loaded.`)
  // An external warehouse is loaded by its cadence; no stream run waits for that.
  const endedRun = warehouseFacts[servingKind()].loadsOnCadence ? await finishStreamRun(streamRun.id) : null
  return {
    more: left.length > 0 && !stepsBack,
    again: instant !== null && left.length > 0,
    connections,
    followers: instant ? [] : await takeStartable(streamRun.runId),
    ...(endedRun ? { endedRun } : {}),
  }
}

/** True if a stream of another listener waits for a slot or has one. */
async function othersAreWaiting({ userId }: StreamRun): Promise<boolean> {
  const other = await db().streamRun.findFirst({
    where: {
      userId: { not: userId },
      OR: [
        { state: 'queued', sentAt: { not: null } },
        { state: 'running', phase: 'extracting' },
      ],
    },
    select: { id: true },
  })
  return other !== null
}

async function endWith({ streamRun }: Slice, outcome: Parameters<typeof endStreamRun>[1]): Promise<SliceEnd> {
  const ended = await endStreamRun(streamRun.id, outcome, sliceMark(streamRun))
  return { ...DONE, followers: await takeStartable(streamRun.runId), ...(ended ? { endedRun: streamRun.runId } : {}) }
}

async function recover(slice: Slice, cause: unknown): Promise<SliceEnd> {
  const { streamRun, stream } = slice
  const error = cause instanceof Reconnect && kindOf(cause) === 'token' ? await refusedToken(slice, cause) : cause
  if (error instanceof Superseded) return DONE
  await pauseIfLapsed(slice.app.id, error, new Date())
  if (!(error instanceof Failure)) throw error
  log.warn('slice failed', {
    streamRunId: streamRun.id,
    stream: stream.name,
    problem: error.message,
    ...error.context,
  })
  const details = { problem: error.message, remedy: error.remedy }
  if (error instanceof Transient) {
    await addLogLine(streamRun.id, 'warn', `${error.message}. Trying again.`)
    throw error
  }
  if (error instanceof Wait) return wait(slice, error)
  if (error instanceof Skip) {
    // A scope that one listener did not grant says nothing about the app.
    const denied = kindOf(error) === 'not-available' ? stream.capability : undefined
    if (denied) await recordDenied(slice.app.id, denied, new Date())
    return endWith(slice, { state: 'skipped', ...details, unavailable: denied !== undefined })
  }
  return endWith(slice, { state: 'failed', ...details })
}

/**
 * Decides what a refusal right after a token refresh means. If Spotify accepts the same token for the profile, only
 * this request was refused and the other streams continue.
 */
async function refusedToken({ app, streamRun, token }: Slice, refusal: Reconnect): Promise<unknown> {
  // The refresh itself was refused, which has already been recorded.
  if (!token || refusal.context.endpoint === '/api/token') return refusal
  try {
    await withinLimits(app, 'account', () => readProfile(spotifyUrls().api, token))
    return new Stop('Spotify refused the request (401)', {
      remedy: 'Press "Re-run" to try again. If it keeps happening, report it with "Copy for a bug report".',
      context: refusal.context,
    })
  } catch (error) {
    if (kindOf(error) !== 'token') return error
  }
  const failure = await refuseToken(streamRun.userId, token, refusal)
  return (
    failure ?? new Transient('The Spotify sign-in was renewed in the meantime', { remedy: 'Tracklake will try again.' })
  )
}

async function wait({ streamRun }: Slice, failure: Wait): Promise<SliceEnd> {
  const { message, remedy, reason } = failure
  const until = kindOf(failure) === 'rate' ? await backOff(streamRun, failure) : failure.until
  if (until.getTime() - Date.now() <= MAX_SLEEP_MS) return { ...MORE, resumeAt: until.toISOString() }
  const { count } = await db().streamRun.updateMany({
    where: { id: streamRun.id, state: 'running', ...sliceMark(streamRun) },
    data: { state: 'waiting', waitingUntil: until, waitReason: reason, problem: message, remedy },
  })
  if (count === 0) return DONE
  await addLogLine(streamRun.id, 'warn', `${message}. Waiting until ${until.toISOString()}.`)
  await refreshRunState(streamRun.runId)
  return DONE
}
