import { ulid } from 'ulid'
import type { BuildTrigger } from '#lib/api/lists.ts'
import { now } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'
import { dayIn } from '#lib/core/period.ts'
import { db } from '#lib/db.ts'
import type { BuildResult } from '#lib/models/build.ts'
import { type CheckResult, describedChecks, runChecks, touchedDays } from '#lib/models/checks.ts'
import { dropAlert, openAlert, resolveAlert } from '#lib/notifications/alerts.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'

/** What builds of a listener's models ended with, and what the checks after them found. Rows stay in the warehouse. */

const MAX_BUILDS = 50

const ALERTS = {
  build: { kind: 'other', stream: 'models' },
  checks: { kind: 'other', stream: 'checks' },
} as const

interface Listener {
  id: string
  zone: string | null
}

export interface FinishedBuild {
  trigger: BuildTrigger
  startedAt: Date
}

/** Records a successful build. @returns its id */
export async function recordBuild(
  { id: userId }: Listener,
  { trigger, startedAt }: FinishedBuild,
  { full, models }: BuildResult,
): Promise<string> {
  const id = ulid()
  const written = models.map(({ name, rows, ms }) => ({ name, rows, ms: Math.round(ms) }))
  await db().modelBuild.create({
    data: { id, userId, trigger, full, startedAt, endedAt: now(), models: written },
  })
  await removeOld(userId)
  await resolveAlert(userId, ALERTS.build)
  return id
}

/** Records a build that failed. It is repeated at each planning tick, so attempts that failed alike share a row. */
export async function recordFailedBuild(
  { id: userId }: Listener,
  { trigger, startedAt }: FinishedBuild,
  problem: string,
): Promise<void> {
  const last = await db().modelBuild.findFirst({ where: { userId }, orderBy: { startedAt: 'desc' } })
  if (last?.problem === problem)
    await db().modelBuild.updateMany({
      where: { id: last.id },
      data: { attempts: { increment: 1 }, endedAt: now() },
    })
  else {
    await db().modelBuild.create({ data: { id: ulid(), userId, trigger, startedAt, endedAt: now(), problem } })
    await removeOld(userId)
  }
  await openAlert(userId, ALERTS.build, {
    problem,
    remedy: 'Charts show the last successful build. Tracklake tries again every few minutes.',
  })
}

async function removeOld(userId: string): Promise<void> {
  const [oldest] = await db().modelBuild.findMany({
    where: { userId },
    orderBy: { startedAt: 'desc' },
    skip: MAX_BUILDS,
    take: 1,
    select: { startedAt: true },
  })
  if (oldest) await db().modelBuild.deleteMany({ where: { userId, startedAt: { lte: oldest.startedAt } } })
}

/**
 * Runs the checks after a build and records what they found: those about single rows for the days that it touched, and
 * all of them after a full build and once on each of the listener's days. A check that has not passed last time is
 * repeated in any case, so that it can pass again.
 * @returns whether a check failed that had not failed before, and that a full build may repair
 */
export async function checkBuild(
  listener: Listener,
  warehouse: EmbeddedWarehouse,
  { buildId, full }: { buildId: string; full: boolean },
): Promise<boolean> {
  const { id: userId, zone } = listener
  const known = new Map((await db().modelCheck.findMany({ where: { userId } })).map((check) => [check.name, check]))
  const wholeAt = [...known.values()].flatMap((check) => check.wholeAt ?? []).sort((one, other) => +other - +one)[0]
  const today = dayIn(zone ?? 'UTC', now())
  const isWhole = full || !wholeAt || dayIn(zone ?? 'UTC', wholeAt) !== today
  const repeated = new Set([...known.values()].filter(({ state }) => state !== 'passed').map(({ name }) => name))
  const results = await runChecks(warehouse, {
    whole: repeated,
    ...(isWhole ? {} : { range: await touchedDays(warehouse) }),
  })
  const notPassed = results.filter(({ state }) => state !== 'passed')
  if (notPassed.length > 0)
    log.warn('checks did not pass', { buildId, checks: namesOf(notPassed).slice(0, MAX_LOGGED) })
  const at = now()
  const changed = (result: CheckResult) => known.get(result.name)?.state !== result.state
  const written = results.filter((result) => changed(result) || result.state !== 'passed')
  await db().$transaction(async (tx) => {
    await tx.modelCheck.deleteMany({ where: { userId, name: { in: namesOf(written) } } })
    await tx.modelCheck.createMany({
      data: written.map((result) => ({
        ...result,
        userId,
        since: (changed(result) ? null : known.get(result.name)?.since) ?? at,
        checkedAt: at,
        wholeAt: known.get(result.name)?.wholeAt ?? null,
      })),
    })
    await tx.modelCheck.updateMany({
      where: { userId, name: { in: namesOf(results) } },
      data: { checkedAt: at, ...(isWhole ? { wholeAt: at } : {}) },
    })
    // Those of an earlier version.
    if (isWhole) await tx.modelCheck.deleteMany({ where: { userId, name: { notIn: namesOf(results) } } })
    const count = (state: CheckResult['state']) => results.filter((result) => result.state === state).length
    await tx.modelBuild.updateMany({
      where: { id: buildId },
      data: {
        checked: isWhole ? 'all' : 'range',
        checksPassed: count('passed'),
        checksFailed: count('failed'),
        checksNotRun: count('could not run'),
      },
    })
  })
  const repairable = new Set(describedChecks().flatMap((check) => (check.isRepairable ? check.name : [])))
  return results.some((result) => result.state === 'failed' && changed(result) && repairable.has(result.name))
}

/** Checks in one line of the log. */
const MAX_LOGGED = 20

function namesOf(results: CheckResult[]): string[] {
  return results.map(({ name }) => name)
}

const MAX_NAMED = 3

/**
 * Opens an alert about the checks that fail, also if others fail already, and resolves it once all pass. Repeating it
 * notifies nobody again.
 */
export async function alertChecks({ id: userId }: Listener): Promise<void> {
  const bad = await db().modelCheck.findMany({
    where: { userId, state: { not: 'passed' } },
    orderBy: [{ since: 'desc' }, { name: 'asc' }],
  })
  const failing = bad.filter(({ state }) => state === 'failed')
  if (bad.length === 0) await resolveAlert(userId, ALERTS.checks)
  const [newest] = failing
  if (!newest) return
  const open = await db().alert.findFirst({ where: { userId, ...ALERTS.checks, endedAt: null } })
  if (open && open.beganAt >= newest.since) return
  if (open) await dropAlert(userId, ALERTS.checks)
  const texts = new Map(describedChecks().map((check) => [check.name, check]))
  const sentences = failing.map(({ name, failing }) => texts.get(name)?.failed(failing ?? 0) ?? name)
  const more = sentences.length - MAX_NAMED
  await openAlert(userId, ALERTS.checks, {
    event: 'check failed',
    problem: sentences.slice(0, MAX_NAMED).join('. ') + (more > 0 ? `. And ${more} more` : ''),
    remedy: texts.get(newest.name)?.remedy ?? null,
    path: '/data',
  })
}
