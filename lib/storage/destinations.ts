import { Cron } from 'croner'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { type Cadence, db, Prisma, type StreamRead, type WarehouseConnection } from '#lib/db.ts'
import {
  EMBEDDED_KIND,
  EXTERNAL_KINDS,
  SERVING_KINDS,
  type WarehouseKind,
  warehouseFacts,
} from '#lib/warehouse/facts.ts'

/** The layout of a warehouse's tables. Raised when existing tables have to change; lib/load/upgrade.ts then changes them. */
export const TABLES_VERSION = 2

/** Whether this instance keeps an embedded copy for every listener. Pages then query it; otherwise they query the external warehouse. */
export function keepsEmbeddedCopies(): boolean {
  return settings().SERVE_FROM === 'embedded'
}

/** The kind of warehouse that pages query. */
export function servingKind(): WarehouseKind {
  return SERVING_KINDS[settings().SERVE_FROM]
}

/** Whether pages show results that are prepared right after a load of this kind of warehouse. */
export function preparesResults(kind: WarehouseKind): boolean {
  return kind === servingKind() && warehouseFacts[kind].costsToWake
}

/**
 * Lets every destination of the listener wait for a read that is complete now: without the embedded copy where pages
 * don't query it.
 */
export async function queueLoads(
  tx: Prisma.TransactionClient,
  { id, userId }: Pick<StreamRead, 'id' | 'userId'>,
): Promise<void> {
  const connections = await tx.warehouseConnection.findMany({
    where: { userId, ...(keepsEmbeddedCopies() ? {} : { kind: { in: EXTERNAL_KINDS } }) },
    select: { id: true },
  })
  await tx.loadLedger.createMany({
    data: connections.map((connection) => ({ readId: id, connectionId: connection.id })),
    skipDuplicates: true,
  })
}

/**
 * When each cadence loads, in the listener's zone. Daily streams are read around 5:00, so that one load at 6:00 has them
 * all. Null: whenever a run ends.
 */
const PATTERNS: Record<Cadence, ((minute: number) => string) | null> = {
  daily: (minute) => `${minute} 6 * * *`,
  six_hourly: (minute) => `${minute} 0,6,12,18 * * *`,
  hourly: (minute) => `${minute} * * * *`,
  every_extract: null,
}

/** The time of the next load; null means at once. */
export function nextLoadAt(
  cadence: Cadence,
  { zone, listenerId, after }: { zone: string; listenerId: string; after: Date },
): Date | null {
  const pattern = PATTERNS[cadence]?.(jitterOf(listenerId))
  return pattern ? new Cron(pattern, { timezone: zone, paused: true }).nextRun(after) : null
}

const FIRST_WAIT_MS = 5 * MINUTE
const LONGEST_WAIT_MS = 2 * HOUR

/** When to retry a warehouse that is unavailable: the longer it has been so, the later. */
export function retryAt(since: Date, now: Date): Date {
  const unavailableMs = now.getTime() - since.getTime()
  return new Date(now.getTime() + Math.min(Math.max(FIRST_WAIT_MS, unavailableMs / 2), LONGEST_WAIT_MS))
}

const HAS_WAITING_READS: Prisma.WarehouseConnectionWhereInput = { ledger: { some: { state: 'waiting' } } }

const EMBEDDED_DUE: Prisma.WarehouseConnectionWhereInput = {
  kind: EMBEDDED_KIND,
  OR: [
    HAS_WAITING_READS,
    { ledger: { some: { state: 'loaded', music: { not: null } } } },
    {
      OR: [{ tablesVersion: { lt: TABLES_VERSION } }, { modelsState: { not: 'fresh' } }],
      ledger: { some: { state: 'loaded' } },
    },
    // Loaded, but the loader died before it could end the stream run.
    { user: { runs: { some: { kind: 'extract', endedAt: null, streamRuns: { some: { phase: 'loading' } } } } } },
  ],
}

/** Models that changed data or settings are waiting for. A build that failed waits for the next load. */
const HAS_STALE_MODELS: Prisma.WarehouseConnectionWhereInput = {
  modelsState: { not: 'fresh' },
  modelsProblem: null,
  ledger: { some: { state: 'loaded' } },
}

function externalDueAt(now: Date): Prisma.WarehouseConnectionWhereInput {
  const isTime = [{ loadAfter: null }, { loadAfter: { lte: now } }]
  const hasWork = {
    OR: [
      HAS_WAITING_READS,
      { copyStreams: { isEmpty: false } },
      { loads: { some: { run: { endedAt: null } } } },
      HAS_STALE_MODELS,
    ],
  }
  return {
    kind: { in: EXTERNAL_KINDS },
    state: { not: 'failed' },
    OR: [
      { AND: [{ OR: isTime }, hasWork] },
      // A page waits for a result: ignore the cadence, but not an unavailable warehouse.
      {
        AND: [
          { OR: [{ state: 'ready' }, ...isTime] },
          { user: { prepared: { some: { preparedAt: null } } } },
          mayQueryAt(now),
        ],
      },
    ],
  }
}

/** A warehouse that a page started keeps running for this long after the last query. */
const RUNS_ON_MS = MINUTE

const startOfDay = (now: Date) => new Date(now.toISOString().slice(0, 10))

/** Whether a page may query an external warehouse: it still runs from the last time, or wasn't started too often today (UTC). */
export function mayQuery(
  { pageStarts, pageQueriedAt }: Pick<WarehouseConnection, 'pageStarts' | 'pageQueriedAt'>,
  now = new Date(),
): boolean {
  return isRunning(pageQueriedAt, now) || startsToday({ pageStarts, pageQueriedAt }, now) < settings().PAGE_STARTS_A_DAY
}

function isRunning(pageQueriedAt: Date | null, now: Date): boolean {
  return pageQueriedAt !== null && now.getTime() - pageQueriedAt.getTime() < RUNS_ON_MS
}

function startsToday(
  { pageStarts, pageQueriedAt }: Pick<WarehouseConnection, 'pageStarts' | 'pageQueriedAt'>,
  now: Date,
): number {
  return pageQueriedAt && pageQueriedAt >= startOfDay(now) ? pageStarts : 0
}

/** Counts a session that a page started. */
export async function countPageStart(connection: WarehouseConnection, now = new Date()): Promise<void> {
  const more = isRunning(connection.pageQueriedAt, now) ? 0 : 1
  await db().warehouseConnection.updateMany({
    where: { id: connection.id },
    data: { pageStarts: startsToday(connection, now) + more, pageQueriedAt: now },
  })
}

function mayQueryAt(now: Date): Prisma.WarehouseConnectionWhereInput {
  const limit = settings().PAGE_STARTS_A_DAY
  const isRunning = { pageQueriedAt: { gt: new Date(now.getTime() - RUNS_ON_MS) } }
  const isNewDay = limit > 0 ? [{ pageQueriedAt: { lt: startOfDay(now) } }] : []
  return { OR: [isRunning, ...isNewDay, { pageStarts: { lt: limit } }] }
}

const MAX_CONNECTIONS = 1_000

async function idsOf(where: Prisma.WarehouseConnectionWhereInput): Promise<string[]> {
  const connections = await db().warehouseConnection.findMany({
    where: { AND: [where, { user: { erasingAt: null, suspendedAt: null } }] },
    select: { id: true },
    take: MAX_CONNECTIONS,
  })
  return connections.map(({ id }) => id)
}

/** The connections of embedded warehouses that have something to load. */
export async function embeddedDue(): Promise<string[]> {
  return keepsEmbeddedCopies() ? idsOf(EMBEDDED_DUE) : []
}

/** The connections of external warehouses that have something to load now, of one listener or of all. */
export function externalDue(userId?: string): Promise<string[]> {
  return idsOf({ AND: [externalDueAt(new Date()), userId ? { userId } : {}] })
}

/** Those of some connections that are of an embedded warehouse. */
export async function embeddedAmong(connectionIds: string[]): Promise<Set<string>> {
  const connections = await db().warehouseConnection.findMany({
    where: { id: { in: connectionIds }, kind: EMBEDDED_KIND },
    select: { id: true },
  })
  return new Set(connections.map(({ id }) => id))
}

/** The connection that a listener's pages wait for. It is loaded as soon as a stream is read. */
export async function servingConnections(userId: string): Promise<string[]> {
  const connections = await db().warehouseConnection.findMany({
    where: { userId, kind: EMBEDDED_KIND },
    select: { id: true },
  })
  return keepsEmbeddedCopies() ? connections.map(({ id }) => id) : []
}

/**
 * Gives an embedded copy to every listener who has none, for an instance that served from external warehouses before.
 * Everything that was read waits to be loaded into it.
 */
export async function ensureEmbeddedCopies(): Promise<void> {
  if (!keepsEmbeddedCopies()) return
  const without = await db().user.findMany({
    where: {
      erasingAt: null,
      connections: { none: { kind: EMBEDDED_KIND } },
      accounts: { some: { provider: 'spotify' } },
    },
    select: { id: true },
  })
  if (without.length === 0) return
  await db().warehouseConnection.createMany({
    data: without.map(({ id }) => ({ userId: id, kind: EMBEDDED_KIND })),
    skipDuplicates: true,
  })
  await db().$executeRaw(Prisma.sql`
    insert into "LoadLedger" ("readId", "connectionId")
    select r.id, c.id from "StreamRead" r join "WarehouseConnection" c on c."userId" = r."userId" and c.kind = ${EMBEDDED_KIND}::"WarehouseKind"
    where r.state = 'complete' and c."userId" in (${Prisma.join(without.map(({ id }) => id))})
    on conflict do nothing`)
}
