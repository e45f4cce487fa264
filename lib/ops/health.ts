import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { z } from 'zod'
import type { HealthResponse } from '#lib/api/instance.ts'
import { DAY, MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'
import { plannedAt, planningStandsAfterMs, sentAt } from '#lib/planning.ts'

type Check = HealthResponse['checks'][number]
/** What a check found; `cause` is for the log only, because everybody may read the answer. */
type Finding = Pick<Check, 'status' | 'detail'> & { cause?: string }

export const VERSION = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version
const DEADLINE_MS = 2 * SECOND
const LOW_DISK_BYTES = 500 * 1024 * 1024
/** An engine that has not seen its database, or was not heard of, for so long plans nothing. */
const STANDS_STILL_MS = MINUTE

/** How the parts of the instance are, in fixed words; answers within a few seconds whatever hangs. */
export async function health(): Promise<HealthResponse> {
  const checks = await Promise.all([
    check('postgres', postgres),
    check('background functions', engine),
    check('planning', planning),
    check('disk', disk),
    check('stream runs', runs),
  ])
  const worst = (['down', 'degraded'] as const).find((status) => checks.some((one) => one.status === status))
  return { status: worst ?? 'ok', bootId: settings().TRACKLAKE_BOOT_ID, version: VERSION, checks }
}

// The parts of an instance come up one after the other: what is missing in the first seconds is no warning.
const STARTING_SECONDS = 15

// The last cause of each check: who asks every second must not fill the log.
const logged = new Map<string, string | undefined>()

async function check(name: string, look: () => Promise<Finding>): Promise<Check> {
  const { cause, status, detail } = await look()
  if (cause !== undefined && cause !== logged.get(name)) {
    const say = process.uptime() < STARTING_SECONDS ? log.info : log.warn
    say('a part of the instance is not well', { name, cause })
  }
  logged.set(name, cause)
  return { name, status, detail }
}

async function postgres(): Promise<Finding> {
  try {
    await within(db().$queryRaw`select 1`)
    return { status: 'ok', detail: 'answers' }
  } catch (thrown) {
    return { status: 'down', detail: 'does not answer', cause: messageOf(thrown) }
  }
}

/** What the embedded engine says of itself; a server of Inngest says other things, and with 200 that it is well. */
const EngineHealth = z.object({
  ok: z.boolean(),
  lastTickAt: z.iso.datetime().nullable(),
  problem: z.string().nullable(),
})

/** Since when this process knows of no sign of life of the engine, ms; a dead one cannot say so itself. */
let silentSince: number | null = null

async function engine(): Promise<Finding> {
  const { INNGEST_BASE_URL } = settings()
  if (!INNGEST_BASE_URL) return { status: 'ok', detail: 'run by Inngest Cloud, which is not asked' }
  try {
    const response = await fetch(`${INNGEST_BASE_URL}/health`, { signal: AbortSignal.timeout(DEADLINE_MS) })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return ofEngine(EngineHealth.safeParse(await response.json().catch(() => null)).data)
  } catch (thrown) {
    return ofSilent('do not answer: runs wait until they are back', messageOf(thrown))
  }
}

function ofEngine(said: z.infer<typeof EngineHealth> | undefined): Finding {
  const { ok, lastTickAt, problem } = said ?? { ok: true, lastTickAt: null, problem: null }
  const detail = problem === null ? 'are not ready yet' : 'report a problem: the log of the engine names it'
  const cause = problem ?? `last tick ${lastTickAt}`
  if (!ok && lastTickAt === null) return ofSilent(detail, cause)
  silentSince = null
  if (ok) return { status: 'ok', detail: 'answer' }
  return isLong(Date.parse(lastTickAt ?? '')) ? { ...STANDS_STILL, cause } : { status: 'degraded', detail, cause }
}

/** It may be about to start, or be back in a moment: for a minute that is only a warning. */
function ofSilent(detail: string, cause: string): Finding {
  silentSince ??= now().getTime()
  return isLong(silentSince) ? { ...STANDS_STILL, cause } : { status: 'degraded', detail, cause }
}

const STANDS_STILL: Finding = { status: 'down', detail: 'stand still: nothing new is planned' }
const isLong = (since: number) => now().getTime() - since > STANDS_STILL_MS

async function planning(): Promise<Finding> {
  try {
    const [planned, sent] = await within(Promise.all([plannedAt(), sentAt()]))
    if (!isOver(planned) && !isOver(sent)) return { status: 'ok', detail: 'goes on' }
    const detail = isOver(planned)
      ? 'stands still: nothing is fetched by itself'
      : 'goes on, but what it plans cannot be sent: nothing is fetched by itself'
    const at = (instant: Date | null) => instant?.toISOString() ?? 'never'
    return { status: 'down', detail, cause: `last planned ${at(planned)}, last sent ${at(sent)}` }
  } catch (thrown) {
    return { status: 'degraded', detail: 'cannot be looked at', cause: messageOf(thrown) }
  }
}

/** Whether something has not happened for several ticks; whoever just started is given the time. */
function isOver(last: Date | null): boolean {
  const started = now().getTime() - process.uptime() * SECOND
  return now().getTime() - Math.max(started, last?.getTime() ?? 0) > planningStandsAfterMs()
}

async function disk(): Promise<Finding> {
  try {
    const { bavail, bsize } = await within(statfs(settings().DATA_DIR))
    const free = bavail * bsize
    const detail = `${Math.round(free / 1024 / 1024)} MB free`
    return { status: free < LOW_DISK_BYTES ? 'degraded' : 'ok', detail }
  } catch (thrown) {
    return { status: 'degraded', detail: 'cannot be looked at', cause: messageOf(thrown) }
  }
}

async function runs(): Promise<Finding> {
  try {
    const since = new Date(now().getTime() - DAY)
    const failed = await within(db().streamRun.count({ where: { state: 'failed', endedAt: { gt: since } } }))
    const left = await within(leftLying())
    if (left) return { status: 'down', detail: 'are sent and not taken up: nothing is fetched', cause: left }
    return { status: 'ok', detail: `${failed} failed in the last 24 hours` }
  } catch (thrown) {
    return { status: 'degraded', detail: 'cannot be counted', cause: messageOf(thrown) }
  }
}

/**
 * Whether stream runs were sent long ago and nothing gives a sign of life: events go elsewhere, for example with the key
 * of another environment. @returns the oldest, for the log
 */
async function leftLying(): Promise<string | null> {
  const since = new Date(now().getTime() - planningStandsAfterMs())
  const lying = await db().streamRun.findFirst({
    where: { state: 'queued', sentAt: { not: null }, startedAt: null, queuedAt: { lt: since } },
    orderBy: { queuedAt: 'asc' },
  })
  if (!lying || !isOver(null)) return null
  // Every slice notes when it was taken.
  const taken = { state: { not: 'queued' as const }, startedAt: { not: null }, sentAt: { gt: since } }
  if (await db().streamRun.findFirst({ where: taken, select: { id: true } })) return null
  return `stream run ${lying.id} was queued at ${lying.queuedAt.toISOString()}`
}

function within<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no answer in time')), DEADLINE_MS).unref()
    }),
  ])
}
