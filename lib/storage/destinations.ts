import { Cron } from 'croner'
import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { jitterOf } from '#lib/core/jitter.ts'
import { type Cadence, db, type Prisma, type WarehouseKind } from '#lib/db.ts'

/** Which warehouse the pages of this instance ask. */
export function servingKind(): WarehouseKind {
  return settings().SERVE_FROM === 'connected' ? 'snowflake' : 'duckdb'
}

/** The destinations that a complete read is loaded into: no embedded copy where pages do not ask it. */
export function destinationsOfReads(): Prisma.WarehouseConnectionWhereInput {
  return servingKind() === 'duckdb' ? {} : { kind: 'snowflake' }
}

/**
 * When each cadence loads, in the listener's zone: a while after the daily streams were read around 5:00, so that one
 * start of the warehouse serves them all. Null: whenever a run ends.
 */
const PATTERNS: Record<Cadence, ((minute: number) => string) | null> = {
  daily: (minute) => `${minute} 6 * * *`,
  six_hourly: (minute) => `${minute} 0,6,12,18 * * *`,
  hourly: (minute) => `${minute} * * * *`,
  every_extract: null,
}

/** When what waits is loaded next; null: at once. */
export function nextLoadAt(
  cadence: Cadence,
  { zone, listenerId, after }: { zone: string; listenerId: string; after: Date },
): Date | null {
  const pattern = PATTERNS[cadence]?.(jitterOf(listenerId))
  return pattern ? new Cron(pattern, { timezone: zone, paused: true }).nextRun(after) : null
}

const FIRST_WAIT_MS = 5 * MINUTE
const LONGEST_WAIT_MS = 2 * HOUR

/** When a warehouse that is away is tried again: ever more rarely, the longer it is away. */
export function tryAgainAt(since: Date, now: Date): Date {
  const away = now.getTime() - since.getTime()
  return new Date(now.getTime() + Math.min(Math.max(FIRST_WAIT_MS, away / 2), LONGEST_WAIT_MS))
}

const READS_WAIT: Prisma.WarehouseConnectionWhereInput = { ledger: { some: { state: 'waiting' } } }

const EMBEDDED_DUE: Prisma.WarehouseConnectionWhereInput = {
  kind: 'duckdb',
  OR: [
    READS_WAIT,
    // Loaded, but the loader died before it could end the stream run.
    { user: { runs: { some: { kind: 'extract', endedAt: null, streamRuns: { some: { phase: 'loading' } } } } } },
  ],
}

function connectedDueAt(now: Date): Prisma.WarehouseConnectionWhereInput {
  const hasTime = [{ loadAfter: null }, { loadAfter: { lte: now } }]
  const hasWork = {
    OR: [READS_WAIT, { copyStreams: { isEmpty: false } }, { loads: { some: { run: { endedAt: null } } } }],
  }
  return {
    kind: 'snowflake',
    state: { not: 'failed' },
    OR: [
      { AND: [{ OR: hasTime }, hasWork] },
      // A page waits for an answer, which no cadence holds up, but a warehouse that is away does.
      { AND: [{ OR: [{ state: 'ready' }, ...hasTime] }, { user: { prepared: { some: { askedAt: null } } } }] },
    ],
  }
}

const MOST_CONNECTIONS = 1_000

async function idsOf(where: Prisma.WarehouseConnectionWhereInput): Promise<string[]> {
  const connections = await db().warehouseConnection.findMany({
    where: { AND: [where, { user: { erasingAt: null, suspendedAt: null } }] },
    select: { id: true },
    take: MOST_CONNECTIONS,
  })
  return connections.map(({ id }) => id)
}

/** The embedded warehouses that have something to load. */
export async function embeddedDue(): Promise<string[]> {
  return servingKind() === 'duckdb' ? idsOf(EMBEDDED_DUE) : []
}

/** The connected warehouses that have something to load and whose time has come, of one listener or of all. */
export function connectedDue(userId?: string): Promise<string[]> {
  return idsOf({ AND: [connectedDueAt(new Date()), userId ? { userId } : {}] })
}

/** The destination that a listener's pages wait for: it is loaded as soon as a stream is read. */
export async function servingConnections(userId: string): Promise<string[]> {
  const connections = await db().warehouseConnection.findMany({
    where: { userId, kind: 'duckdb' },
    select: { id: true },
  })
  return servingKind() === 'duckdb' ? connections.map(({ id }) => id) : []
}
