import { MINUTE } from '../clock.ts'
import { db, type StreamRun } from '../db.ts'
import { Failure, Reconnect, Skip, Transient, Wait } from '../errors.ts'
import { instanceApp } from '../listener/spotify-app.ts'
import { log } from '../log.ts'
import { kindOf } from '../sources/spotify/failures.ts'
import { streamNamed } from '../streams/index.ts'
import { noteRefused } from './access-token.ts'
import { noteLapse, requireWell } from './app-trouble.ts'
import { servingConnections, servingKind } from './destinations.ts'
import { extractList, type Progress } from './extract-list.ts'
import { extractParts } from './extract-parts.ts'
import { backOff } from './growing-pauses.ts'
import { inWords } from './in-words.ts'
import { finishStreamRun } from './load-outcome.ts'
import { pollPlays } from './poll-plays.ts'
import { type Attempt, endStreamRun, note, type StreamRequest, settleRun, takeStartable } from './runs.ts'
import { Budget, chargeRequests, type Slice, Superseded } from './slice.ts'

/** How a slice ended, for the job that asked for it. Ids and times only. */
export interface SliceEnd {
  /** Another slice is needed. */
  more: boolean
  /** Not before this instant, ISO 8601. */
  resumeAt?: string
  /** Other listeners have something under way: they come before the next slice. */
  giveWay?: boolean
  /** Destinations that have something to load now. */
  connections: string[]
  /** Streams of the run that may start now. */
  followers: StreamRequest[]
  /** The run, when it ended with this slice. */
  endedRun?: string
}

/** Longer waits leave the job: the plan takes the stream run up again. */
const LONGEST_SLEEP_MS = MINUTE
const DONE: SliceEnd = { more: false, connections: [], followers: [] }
const MORE: SliceEnd = { ...DONE, more: true }

/**
 * One bounded piece of a stream run; repeating it asks only for what is missing.
 * @throws Transient, for the job to repeat; every other failure becomes a state of the stream run with its remedy
 */
export function extractSlice(request: Attempt): Promise<SliceEnd> {
  return inWords({ streamRunId: request.streamRunId }, () => sliceOnce(request))
}

async function sliceOnce(request: Attempt): Promise<SliceEnd> {
  const budget = new Budget()
  const connections = new Set<string>()
  for (;;) {
    const { again, ...end } = await extractOnce(request, budget)
    for (const id of end.connections) connections.add(id)
    if (!again || !budget.take()) return { ...end, connections: [...connections] }
  }
}

/** `again`: what comes next is one more past instant, which costs one request. */
async function extractOnce(request: Attempt, budget: Budget): Promise<SliceEnd & { again?: boolean }> {
  const streamRun = await start(request)
  if (!streamRun) return DONE
  const slice = await sliceOf(streamRun, budget)
  try {
    const progress = (await readBefore(slice)) ? 'complete' : await extract(slice)
    await chargeRequests(slice)
    return await proceed(slice, progress)
  } catch (thrown) {
    await chargeRequests(slice)
    return recover(slice, thrown)
  }
}

let lastMark = 0

/** The present, in this process never the same twice in a row. */
function newMark(): Date {
  const now = Date.now()
  lastMark = now === lastMark ? now + 1 : now
  return new Date(lastMark)
}

/** Marks the stream run as running, unless it ended, was cancelled, has a newer attempt, or its listener may not go on. */
async function start({ streamRunId, attempt }: Attempt): Promise<StreamRun | null> {
  const [streamRun] = await db().streamRun.updateManyAndReturn({
    where: {
      id: streamRunId,
      attempt,
      state: { in: ['queued', 'running', 'waiting'] },
      run: { cancelledAt: null, user: { suspendedAt: null, erasingAt: null } },
    },
    // The time is a sign of life: plan takes up what gave none for long. It is the slice's mark too, see whileCurrent.
    data: { state: 'running', sentAt: newMark(), waitingUntil: null, waitReason: null, problem: null, remedy: null },
  })
  if (!streamRun) return null
  if (!streamRun.startedAt) {
    await db().streamRun.update({ where: { id: streamRunId }, data: { startedAt: new Date(), phase: 'extracting' } })
    await note(streamRunId, 'info', `Started reading ${streamNamed(streamRun.stream).title}.`)
  }
  await settleRun(streamRun.runId)
  return streamRun
}

async function sliceOf(streamRun: StreamRun, budget: Budget): Promise<Slice> {
  const user = await db().user.findUniqueOrThrow({ where: { id: streamRun.userId } })
  const [oldest] = streamRun.instants
  return {
    streamRun,
    stream: streamNamed(streamRun.stream),
    listener: { spotifyUserId: user.spotifyUserId ?? '' },
    app: await appOf(streamRun.userId),
    instant: streamRun.extractedAt && oldest ? oldest : null,
    budget,
    asked: 0,
  }
}

/** The app that issued the listener's tokens: its limits are the ones that count. */
async function appOf(userId: string) {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify' },
    include: { spotifyApp: true },
  })
  return account?.spotifyApp ?? instanceApp()
}

/** A crash may have come between the end of the read and the end of its slice. */
async function readBefore({ streamRun, instant }: Slice): Promise<boolean> {
  if (streamRun.extractedAt && !instant) return true
  const complete = await db().streamRead.count({
    where: { streamRunId: streamRun.id, state: 'complete', ...(instant ? { syncedAt: instant } : {}) },
  })
  return complete > 0
}

async function extract(slice: Slice): Promise<Progress> {
  requireWell(slice.app, new Date())
  if (slice.stream.polled) return pollPlays(slice)
  if (slice.stream.partsOf) return extractParts(slice)
  return extractList(slice)
}

async function proceed(slice: Slice, progress: Progress): Promise<SliceEnd & { again?: boolean }> {
  const { streamRun, stream, instant } = slice
  if (progress === 'more') return { ...MORE, giveWay: await othersWait(streamRun) }
  if (progress === 'unsettled') {
    return endWith(slice, {
      state: 'incomplete',
      problem: 'The list changed each of the three times it was read',
      remedy: 'Its rows stay as they were; the next run tries again.',
    })
  }
  if (stream.capability && progress === 'complete') await learnCapability(slice.app.id, stream.capability, true)
  const left = instant ? streamRun.instants.slice(1) : streamRun.instants
  if (progress === 'nothing new' && left.length === 0) return endWith(slice, { state: 'nothing_new' })
  const stepsBack = !instant && left.length > 0
  const { count } = await db().streamRun.updateMany({
    where: { id: streamRun.id, state: 'running', ...markOf(streamRun) },
    data: {
      extractedAt: streamRun.extractedAt ?? new Date(),
      instants: left,
      phase: left.length > 0 ? 'extracting' : 'loading',
      // What is on the pages already lets the streams go first that are not.
      ...(stepsBack ? { state: 'queued', sentAt: null } : {}),
    },
  })
  const connections = progress === 'complete' ? await servingConnections(streamRun.userId) : []
  // Cancelled or taken over meanwhile: it stays so, but what was read whole is loaded.
  if (count === 0) return { ...DONE, connections }
  if (!instant) await note(streamRun.id, 'info', `Read ${stream.title} whole; it waits to be loaded.`)
  // A connected warehouse is loaded when its time has come; no stream run waits for that.
  const endedRun = servingKind() === 'snowflake' ? await finishStreamRun(streamRun.id) : null
  return {
    more: left.length > 0 && !stepsBack,
    again: instant !== null && left.length > 0,
    connections,
    followers: instant ? [] : await takeStartable(streamRun.runId),
    ...(endedRun ? { endedRun } : {}),
  }
}

/** What a stream run has only while its slice is the last one that began: a slice that was taken over changes nothing. */
const markOf = ({ attempt, sentAt }: StreamRun) => ({ attempt, sentAt })

/** Whether anybody else's stream asks for a slot, or shares them. */
async function othersWait({ userId }: StreamRun): Promise<boolean> {
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
  const ended = await endStreamRun(streamRun.id, outcome, markOf(streamRun))
  return { ...DONE, followers: await takeStartable(streamRun.runId), ...(ended ? { endedRun: streamRun.runId } : {}) }
}

async function recover(slice: Slice, thrown: unknown): Promise<SliceEnd> {
  const { streamRun, stream } = slice
  if (thrown instanceof Superseded) return DONE
  await noteLapse(slice.app.id, thrown, new Date())
  if (!(thrown instanceof Failure)) throw thrown
  log.warn('slice did not end well', {
    streamRunId: streamRun.id,
    stream: stream.name,
    problem: thrown.message,
    ...thrown.context,
  })
  const said = { problem: thrown.message, remedy: thrown.remedy }
  if (thrown instanceof Transient) {
    await note(streamRun.id, 'warn', `${thrown.message}. Trying again.`)
    throw thrown
  }
  if (thrown instanceof Wait) return wait(slice, thrown)
  if (thrown instanceof Skip) {
    // A scope that one listener did not give says nothing of the app.
    if (stream.capability && kindOf(thrown) === 'not-available')
      await learnCapability(slice.app.id, stream.capability, false)
    return endWith(slice, { state: 'skipped', ...said })
  }
  if (thrown instanceof Reconnect && kindOf(thrown) === 'token' && slice.token)
    await noteRefused(streamRun.userId, slice.token, thrown.message)
  return endWith(slice, { state: 'failed', ...said })
}

async function wait({ streamRun }: Slice, thrown: Wait): Promise<SliceEnd> {
  const { message, remedy, reason } = thrown
  const until = kindOf(thrown) === 'rate' ? await backOff(streamRun, thrown) : thrown.until
  if (until.getTime() - Date.now() <= LONGEST_SLEEP_MS) return { ...MORE, resumeAt: until.toISOString() }
  const { count } = await db().streamRun.updateMany({
    where: { id: streamRun.id, state: 'running', ...markOf(streamRun) },
    data: { state: 'waiting', waitingUntil: until, waitReason: reason, problem: message, remedy },
  })
  if (count === 0) return DONE
  await note(streamRun.id, 'warn', `${message}. Waiting until ${until.toISOString()}.`)
  await settleRun(streamRun.runId)
  return DONE
}

/** Keeps what an answer told about the Spotify app, so that later runs leave out what it cannot have. */
async function learnCapability(appId: string, capability: string, available: boolean): Promise<void> {
  await db().$executeRaw`
    update "SpotifyApp" set "probedAt" = ${new Date()},
      capabilities = coalesce(capabilities, '{}') || jsonb_build_object(${capability}::text, ${available}::boolean)
    where id = ${appId}`
}
