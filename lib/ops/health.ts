import { statfs } from 'node:fs/promises'
import { z } from 'zod'
import type { HealthResponse } from '#lib/api/instance.ts'
import { DAY, MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { isS3Address } from '#lib/core/s3-address.ts'
import { VERSION } from '#lib/core/version.ts'
import { db } from '#lib/db.ts'
import { plannedAt, planningStalledAfterMs, sentAt } from '#lib/planning.ts'
import { hasLostJob } from '#lib/runs/lost-jobs.ts'
import { landing, UPLOADS } from '#lib/storage/places.ts'

type Check = HealthResponse['checks'][number]
/** The result of a check. `cause` is for the log only, because the response is public. */
type Finding = Pick<Check, 'status' | 'detail'> & { cause?: string }

const DEADLINE_MS = 2 * SECOND
const LOW_DISK_BYTES = 500 * 1024 * 1024
/** An engine that has been silent, or without its database, for this long plans nothing. */
const STALLED_MS = MINUTE

let checking: Promise<HealthResponse> | undefined

/**
 * The state of each part of the instance, as fixed values. Returns within seconds even if a part hangs. Anyone may
 * request it, so concurrent requests share one round of checks.
 */
export function health(): Promise<HealthResponse> {
  checking ??= checkAll().finally(() => {
    checking = undefined
  })
  return checking
}

async function checkAll(): Promise<HealthResponse> {
  const checks = await Promise.all([
    check('postgres', postgres),
    check('background functions', engine),
    check('planning', planning),
    check('disk', disk),
    check('stream runs', runs),
    ...(isS3Address(settings().LANDING_URL) ? [check('landing zone', bucket)] : []),
  ])
  const worst = (['down', 'degraded'] as const).find((status) => checks.some((one) => one.status === status))
  return { status: worst ?? 'ok', bootId: settings().TRACKLAKE_BOOT_ID, version: VERSION, checks }
}

// The parts of an instance start one after another, so one that isn't ready yet is no reason to warn. The start waits
// this long, then prints what is missing.
const STARTING_SECONDS = 120
const worked = new Set<string>()

// The last logged cause of each check, so that frequent requests don't fill the log.
const logged = new Map<string, string | undefined>()

async function check(name: string, find: () => Promise<Finding>): Promise<Check> {
  const { cause, status, detail } = await find()
  if (status === 'ok') worked.add(name)
  if (cause !== undefined && cause !== logged.get(name)) {
    const isStarting = !worked.has(name) && process.uptime() < STARTING_SECONDS
    const write = isStarting ? log.info : log.warn
    write('a health check failed', { name, cause })
  }
  logged.set(name, cause)
  return { name, status, detail }
}

async function postgres(): Promise<Finding> {
  try {
    await within(db().$queryRaw`select 1`)
    return { status: 'ok', detail: 'responding' }
  } catch (error) {
    return { status: 'down', detail: 'not responding', cause: messageOf(error) }
  }
}

/** The embedded engine's own report. An Inngest server responds with something else, and with 200 if it's healthy. */
const EngineHealth = z.object({
  ok: z.boolean(),
  lastTickAt: z.iso.datetime().nullable(),
  problem: z.string().nullable(),
})

/** When this process last lost contact with the engine, ms. */
let silentSince: number | null = null

async function engine(): Promise<Finding> {
  const { INNGEST_BASE_URL } = settings()
  if (!INNGEST_BASE_URL) return { status: 'ok', detail: 'run by Inngest Cloud, not checked' }
  try {
    const response = await fetch(`${INNGEST_BASE_URL}/health`, { signal: AbortSignal.timeout(DEADLINE_MS) })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return engineFinding(EngineHealth.safeParse(await response.json().catch(() => null)).data)
  } catch (error) {
    return silentFinding('not responding: runs wait until they are back', messageOf(error))
  }
}

function engineFinding(report: z.infer<typeof EngineHealth> | undefined): Finding {
  const { ok, lastTickAt, problem } = report ?? { ok: true, lastTickAt: null, problem: null }
  const detail = problem === null ? 'not ready yet' : 'reporting a problem, see the engine log'
  const cause = problem ?? `last tick ${lastTickAt}`
  if (!ok && lastTickAt === null) return silentFinding(detail, cause)
  silentSince = null
  if (ok) return { status: 'ok', detail: 'responding' }
  return isLong(Date.parse(lastTickAt ?? '')) ? { ...STALLED, cause } : { status: 'degraded', detail, cause }
}

/** Only a warning for the first minute, because the engine may be starting or restarting. */
function silentFinding(detail: string, cause: string): Finding {
  silentSince ??= now().getTime()
  return isLong(silentSince) ? { ...STALLED, cause } : { status: 'degraded', detail, cause }
}

const STALLED: Finding = { status: 'down', detail: 'stalled: nothing new is planned' }
const isLong = (since: number) => now().getTime() - since > STALLED_MS

async function planning(): Promise<Finding> {
  try {
    const [planned, sent] = await within(Promise.all([plannedAt(), sentAt()]))
    if (!isOverdue(planned) && !isOverdue(sent)) return { status: 'ok', detail: 'working' }
    const detail = isOverdue(planned)
      ? 'stalled: nothing is synced automatically'
      : 'working, but its events cannot be sent: nothing is synced automatically'
    const at = (instant: Date | null) => instant?.toISOString() ?? 'never'
    return { status: 'down', detail, cause: `last planned ${at(planned)}, last sent ${at(sent)}` }
  } catch (error) {
    return { status: 'degraded', detail: 'cannot be checked', cause: messageOf(error) }
  }
}

/** Whether something hasn't happened for several ticks, not counting the time before this process started. */
function isOverdue(last: Date | null): boolean {
  const started = now().getTime() - process.uptime() * SECOND
  return now().getTime() - Math.max(started, last?.getTime() ?? 0) > planningStalledAfterMs()
}

async function disk(): Promise<Finding> {
  try {
    const { bavail, bsize } = await within(statfs(settings().DATA_DIR))
    const free = bavail * bsize
    const detail = `${Math.round(free / 1024 / 1024)} MB free`
    return { status: free < LOW_DISK_BYTES ? 'degraded' : 'ok', detail }
  } catch (error) {
    return { status: 'degraded', detail: 'cannot be checked', cause: messageOf(error) }
  }
}

/** Each look at the bucket is a request that costs money. */
const BUCKET_CHECKED_MS = { ok: 5 * MINUTE, degraded: MINUTE }
const UNUSABLE: Finding = { status: 'degraded', detail: 'its bucket cannot be used: syncs wait until it can' }

let bucketFinding: { at: number; finding: Finding } | undefined
let lookingAtBucket: Promise<Finding> | undefined

/** As it was at the last look. */
async function bucket(): Promise<Finding> {
  const { at = 0, finding } = bucketFinding ?? {}
  const maxAgeMs = finding?.status === 'ok' ? BUCKET_CHECKED_MS.ok : BUCKET_CHECKED_MS.degraded
  if (finding && now().getTime() - at < maxAgeMs) return finding
  lookingAtBucket ??= lookAtBucket().finally(() => {
    lookingAtBucket = undefined
  })
  // The SDK tries for longer than a request to this address may take.
  return within(lookingAtBucket).catch(() => ({ ...UNUSABLE, cause: 'no response in time' }))
}

async function lookAtBucket(): Promise<Finding> {
  let finding: Finding = { status: 'ok', detail: 'its bucket responds' }
  try {
    for await (const _ of landing().list(UPLOADS.toProcess)) break
  } catch (error) {
    finding = { ...UNUSABLE, cause: messageOf(error) }
  }
  bucketFinding = { at: now().getTime(), finding }
  return finding
}

async function runs(): Promise<Finding> {
  try {
    const since = new Date(now().getTime() - DAY)
    const failed = await within(db().streamRun.count({ where: { state: 'failed', endedAt: { gt: since } } }))
    const unclaimed = await within(oldestUnclaimed())
    if (unclaimed) return { status: 'down', detail: 'queued but not picked up: nothing is synced', cause: unclaimed }
    const lost = await within(hasLostJob(now()).then((where) => db().streamRun.count({ where })))
    if (lost > 0) return { status: 'degraded', detail: `${lost} stopped halfway; planning will resume them` }
    return { status: 'ok', detail: `${failed} failed in the last 24 hours` }
  } catch (error) {
    return { status: 'degraded', detail: 'cannot be counted', cause: messageOf(error) }
  }
}

/**
 * The oldest stream run that was sent long ago, if no job takes any: then events go elsewhere, for example with the key of
 * another environment.
 * @returns a sentence for the log
 */
async function oldestUnclaimed(): Promise<string | null> {
  const since = new Date(now().getTime() - planningStalledAfterMs())
  const oldest = await db().streamRun.findFirst({
    where: { state: 'queued', sentAt: { not: null }, startedAt: null, queuedAt: { lt: since } },
    orderBy: { queuedAt: 'asc' },
  })
  if (!oldest || !isOverdue(null)) return null
  // Every slice updates sentAt when it starts.
  const taken = { state: { not: 'queued' as const }, startedAt: { not: null }, sentAt: { gt: since } }
  if (await db().streamRun.findFirst({ where: taken, select: { id: true } })) return null
  return `stream run ${oldest.id} was queued at ${oldest.queuedAt.toISOString()}`
}

function within<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no response in time')), DEADLINE_MS).unref()
    }),
  ])
}
