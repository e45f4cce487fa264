import type { BuildTrigger } from '#lib/api/lists.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { messageOf, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { dayIn } from '#lib/core/period.ts'
import { db, Prisma, type User, type WarehouseConnection } from '#lib/db.ts'
import { buildModels } from '#lib/models/build.ts'
import { COUNTING_RULES } from '#lib/models/counting.ts'
import type { ModelSettings } from '#lib/models/settings.ts'
import { type Pairing, pairLoaded } from '#lib/pairing/pair-loaded.ts'
import { keepsEmbeddedCopies, servingKind } from '#lib/storage/destinations.ts'
import { hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { streams } from '#lib/streams/index.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { exclusionsSince, markApplied } from './exclusions.ts'
import { genreSources, queueArtists } from './genres.ts'
import { alertChecks, checkBuild, recordBuild, recordFailedBuild } from './model-results.ts'
import { recordingChoices } from './recordings.ts'

/**
 * The models of an embedded warehouse are built by the job that loads it, so there is one build at a time. `stale`: some
 * data or a setting has changed since the last build. `urgent`: pages are waiting, because plays arrived or one was
 * excluded. `building`: a build has started, and nothing has changed since; after a crash, the next job builds again.
 */
export type ModelsState = 'fresh' | 'stale' | 'urgent' | 'building'

/** The states in which nothing has changed since the last build began. */
export const UNCHANGED = ['fresh', 'building'] as const

/** For a run that waits longer, for example until Spotify accepts requests again tomorrow, models don't wait. */
const MAX_WAIT_MS = 5 * MINUTE

/** A first build waits no longer for top lists. */
const MAX_FIRST_WAIT_MS = MINUTE

/** Runs that will soon change what the models read. */
function activeRuns(userId: string): Promise<number> {
  const isActive = [
    { state: { not: 'waiting' as const } },
    { waitingUntil: { lt: new Date(now().getTime() + MAX_WAIT_MS) } },
  ]
  return db().run.count({ where: { kind: 'extract', userId, endedAt: null, OR: isActive } })
}

/** Top lists of a first sync that are about to be loaded for the first time: pages show them first. */
function firstTopLists({ id, userId }: Pick<WarehouseConnection, 'id' | 'userId'>): Promise<number> {
  const names = streams.filter(({ group }) => group === 'top lists').map(({ name }) => name)
  return db().streamRun.count({
    where: {
      userId,
      stream: { in: names },
      endedAt: null,
      state: { in: ['queued', 'running'] },
      run: { OR: [{ startedAt: null }, { startedAt: { gt: new Date(now().getTime() - MAX_FIRST_WAIT_MS) } }] },
      reads: { none: { ledger: { some: { connectionId: id, state: 'loaded' } } } },
    },
  })
}

/**
 * Builds the models if they are stale. Without new plays, it waits for the end of the run, because its other streams are
 * about to change the same models.
 * @returns whether it built them, so that charts have changed; otherwise the state in which they stay for now
 */
export async function buildIfStale({ id, userId }: WarehouseConnection): Promise<{ built: true } | { state: string }> {
  const connection = await db().warehouseConnection.findUnique({
    where: { id },
    select: { modelsState: true, modelsDay: true, countingApplied: true, recordingsUntil: true },
  })
  const state = connection?.modelsState ?? 'fresh'
  if (!connection || state === 'fresh' || !hasEmbeddedCopy(userId)) return { state }
  if (state === 'stale' && (await activeRuns(userId)) > 0) return { state }
  if (connection.modelsDay === null && (await firstTopLists({ id, userId })) > 0) return { state }
  // What changes from here on makes them stale again.
  await setState(id, 'building')
  const user = await db().user.findUniqueOrThrow({ where: { id: userId } })
  const trigger = triggerOf(connection, user)
  const startedAt = now()
  let finished: Finished
  try {
    finished = await build(id, user, { trigger })
  } catch (error) {
    // Not "stale": what waited for this build must not wait for the end of a run.
    const before = state === 'stale' ? state : 'urgent'
    await setState(id, before, 'building')
    if (error instanceof Transient) throw error
    const problem = messageOf(error)
    const cause = messageOf(error instanceof Error ? error.cause : undefined)
    log.error('models could not be built', { connectionId: id, problem, cause })
    await db().warehouseConnection.updateMany({ where: { id }, data: { modelsProblem: problem } })
    await recordFailedBuild(user, { trigger, startedAt }, problem)
    return { state: before }
  }
  await checkAndRepair(id, user, finished)
  return { built: true }
}

interface Finished {
  buildId: string
  full: boolean
}

async function build(
  connectionId: string,
  user: User,
  { full = false, trigger }: { full?: boolean; trigger: BuildTrigger },
): Promise<Finished> {
  const startedAt = now()
  const userId = user.id
  let pairing: Pairing | undefined
  const result = await buildModels(await openEmbeddedCopy({ userId }), {
    full,
    settings: settingsOf(user),
    exclusionsSince: (since) => exclusionsSince(userId, since),
    recordingChoices: () => recordingChoices(userId),
    genres: genreSources(userId),
    prepare: async (run) => {
      pairing = await pairLoaded(run, startedAt)
    },
  })
  log.info('models are built', { connectionId, full: result.full, ms: Math.round(result.ms) })
  await db().$transaction([
    db().warehouseConnection.updateMany({
      where: { id: connectionId },
      // Of when it started: one that ends after midnight still says yesterday.
      data: { modelsDay: today(user, startedAt), modelsProblem: null, ...appliedCounting(user) },
    }),
    ...(pairing?.changed ? [letExternalModelsFollow(userId)] : []),
    ...(result.exclusionsUntil ? [markApplied(userId, result.exclusionsUntil)] : []),
    db().user.update({ where: { id: userId }, data: { dataVersion: { increment: 1 } } }),
    setState(connectionId, 'fresh', 'building'),
  ])
  await queueArtists(userId, result.unknown)
  return { buildId: await recordBuild(user, { trigger, startedAt }, result), full: result.full !== null }
}

/** An external warehouse gets what was paired with its next load, which is due because its models are stale. */
function letExternalModelsFollow(userId: string) {
  return db().warehouseConnection.updateMany({
    where: { userId, kind: { not: EMBEDDED_KIND }, modelsState: { in: [...UNCHANGED] } },
    data: { modelsState: 'stale' },
  })
}

/** Pages show the build already, so nothing here may fail it. After a new failure that a full build may repair, there is one. */
async function checkAndRepair(connectionId: string, user: User, finished: Finished): Promise<void> {
  try {
    const warehouse = await openEmbeddedCopy({ userId: user.id })
    const isRepairable = await checkBuild(user, warehouse, finished)
    if (isRepairable && !finished.full)
      await checkBuild(user, warehouse, await build(connectionId, user, { full: true, trigger: 'failed check' }))
    await alertChecks(user)
  } catch (error) {
    log.error('models could not be checked', { connectionId, problem: messageOf(error) })
  }
}

/** Why models are built, as far as the state of the connection says. */
function triggerOf(connection: Pick<WarehouseConnection, 'modelsState' | 'modelsDay'> & AppliedCounting, user: User) {
  const { modelsState, modelsDay } = connection
  if (isCountingPending(connection, user)) return 'other changes'
  if (modelsState === 'urgent') return 'plays'
  return modelsDay !== null && modelsDay < today(user) ? 'new day' : 'other changes'
}

/** @param from only if it is still this */
function setState(id: string, modelsState: ModelsState, from?: ModelsState) {
  return db().warehouseConnection.updateMany({
    where: { id, ...(from ? { modelsState: from } : {}) },
    data: { modelsState },
  })
}

export const today = ({ zone }: Pick<User, 'zone'>, at = now()) => dayIn(zone ?? 'UTC', at)

type Counting = Pick<User, 'countingRule' | 'countsPrivate' | 'countsSkips' | 'countsOtherSources'>

/** The settings of a listener that rule the models. A rule of a newer version counts as the default. */
export function settingsOf(user: Pick<User, 'zone' | 'weekStart'> & Counting): ModelSettings {
  return {
    zone: user.zone ?? 'UTC',
    week_start: user.weekStart,
    counting_rule: COUNTING_RULES.find((rule) => rule === user.countingRule) ?? '30s',
    counts_private: user.countsPrivate,
    counts_skips: user.countsSkips,
    counts_other_sources: user.countsOtherSources,
  }
}

type AppliedCounting = Pick<WarehouseConnection, 'countingApplied' | 'recordingsUntil'>

const DEFAULT_COUNTING = '30s true true false'

const nameOf = ({ countingRule, countsPrivate, countsSkips, countsOtherSources }: Counting) =>
  `${countingRule} ${countsPrivate} ${countsSkips} ${countsOtherSources}`

/** Of a connection whose models are built with what the listener has chosen. */
export function appliedCounting(user: Counting & Pick<User, 'recordingsAt'>): AppliedCounting {
  return { countingApplied: nameOf(user), recordingsUntil: user.recordingsAt }
}

/** Whether the models still count as the listener had chosen before. */
export function isCountingPending(
  { countingApplied, recordingsUntil }: AppliedCounting,
  user: Counting & Pick<User, 'recordingsAt'>,
): boolean {
  return (countingApplied ?? DEFAULT_COUNTING) !== nameOf(user) || (user.recordingsAt ?? 0) > (recordingsUntil ?? 0)
}

/** Lets the models of a listener be built again, for example in another time zone. */
export async function markModelsStale(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.warehouseConnection.updateMany({
    where: { userId, modelsState: { in: [...UNCHANGED] } },
    data: { modelsState: 'stale' },
  })
  // Pages that are served from an external warehouse wait for it.
  if (!keepsEmbeddedCopies())
    await tx.warehouseConnection.updateMany({
      where: { userId, kind: servingKind(), state: 'ready' },
      data: { loadAfter: null },
    })
}

/**
 * Lets the models of a listener be built as soon as possible, because a page waits for what changed. An external warehouse
 * is not started for it: the next load brings the change and builds its models.
 */
export async function markModelsUrgent(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.warehouseConnection.updateMany({ where: { userId, kind: EMBEDDED_KIND }, data: { modelsState: 'urgent' } })
}

/**
 * Lets models that say "today" be built on each listener's new day, even if nothing was played. In a warehouse that costs
 * to wake, they wait for the next load.
 */
export async function markNewDays(now: Date): Promise<void> {
  await db().$executeRaw(Prisma.sql`
    update "WarehouseConnection" c set "modelsState" = 'stale' from "User" u
    where u.id = c."userId" and c.kind = ${EMBEDDED_KIND}::"WarehouseKind" and c."modelsState" in ('fresh', 'building')
      and c."modelsDay" < to_char(${now}::timestamptz at time zone coalesce(u.zone, 'UTC'), 'YYYY-MM-DD')`)
}
