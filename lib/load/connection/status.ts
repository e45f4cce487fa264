import type { SnowflakeState, WarehouseState } from '#lib/api/lists.ts'
import type { SnowflakeFields, SnowflakeLoad, SnowflakeResponse, SnowflakeTable } from '#lib/api/warehouse.ts'
import { DAY, SECOND, toIso } from '#lib/core/clock.ts'
import { db, Prisma, type WarehouseConnection } from '#lib/db.ts'
import { instanceId } from '#lib/instance-id.ts'
import { hasCustomMethod, methodChoices, methodOf } from '#lib/load/external/load-method.ts'
import { lastComparison } from '#lib/load/external/reconciliation.ts'
import { runStateLabel } from '#lib/runs/run-responses.ts'
import { streams, tableGroups } from '#lib/streams/index.ts'
import { warehouseFacts } from '#lib/warehouse/facts.ts'
import { creditsOf } from '#lib/warehouse/snowflake/setup/cost.ts'
import { readPrivateKey } from '#lib/warehouse/snowflake/setup/keys.ts'
import { apiCadence } from './change.ts'
import { snowflakeOf } from './connect.ts'
import { keyResponse, listenerKeys } from './keys.ts'
import { credentialOf, savedFields } from './saved.ts'

/** What the form shows while nothing is saved. */
const DEFAULT_FIELDS: SnowflakeFields = {
  account: '',
  user: 'TRACKLAKE',
  method: 'key pair',
  role: 'TRACKLAKE_ROLE',
  warehouse: 'TRACKLAKE_WH',
  database: 'TRACKLAKE',
  schema: 'RAW',
  tokenEndsOn: null,
}

/** How long a load keeps the warehouse busy, before any was measured: 59 statements, models included, of half a second. */
const ESTIMATED_SECONDS = 30
const MAX_LOADS = 20
const MAX_DAYS = 30

/** The API's name of a connection's state. */
export function snowflakeState({
  state,
  loadingUntil,
}: Pick<WarehouseConnection, 'state' | 'loadingUntil'>): SnowflakeState {
  if (state === 'failed') return 'needs you'
  if (loadingUntil && loadingUntil > new Date()) return 'loading'
  return state === 'waiting' ? 'waiting' : 'ready'
}

/** The API's name of the state of any destination. */
export function warehouseState(connection: WarehouseConnection): WarehouseState {
  const { kind, state } = connection
  if (!warehouseFacts[kind].embedded) return snowflakeState(connection)
  return state === 'failed' || state === 'waiting' ? state : 'ready'
}

/** Everything that /connections/snowflake shows, without secrets. */
export async function snowflakeStatus(userId: string): Promise<SnowflakeResponse> {
  const connection = await snowflakeOf(userId)
  const { key, next } = await listenerKeys(userId)
  const unconnected = { state: null, problem: null, remedy: null, waitingUntil: null, secret: null, comparedAt: null }
  const base = { instanceId: await instanceId(), key: keyResponse(key), nextKey: next && keyResponse(next) }
  if (!connection) {
    return {
      ...unconnected,
      ...base,
      connected: false,
      fields: DEFAULT_FIELDS,
      cadence: 'daily',
      nextLoadAt: null,
      secondsPerLoad: ESTIMATED_SECONDS,
      addRecordMetadata: false,
      methods: methodsOf({ methods: {} }),
      waitingReads: 0,
      models: { state: 'none', builtOn: null, problem: null, remedy: null },
      tables: [],
      loads: [],
      days: [],
    }
  }
  const waiting = await waitingByStream(connection.id)
  const loads = await loadsOf(connection.id)
  return {
    ...base,
    connected: true,
    state: snowflakeState(connection),
    problem: connection.problem,
    remedy: connection.remedy,
    waitingUntil: connection.state === 'waiting' ? toIso(connection.loadAfter) : null,
    fields: savedFields(connection) ?? DEFAULT_FIELDS,
    secret: await secretOf(connection, key.fingerprint),
    cadence: apiCadence(connection.cadence),
    nextLoadAt: connection.state === 'failed' ? null : toIso(connection.loadAfter),
    secondsPerLoad: secondsPerLoad(loads),
    addRecordMetadata: connection.addRecordMetadata,
    methods: methodsOf(connection),
    waitingReads: [...waiting.values()].reduce((sum, count) => sum + count, 0),
    models: modelsStatus(connection),
    tables: tableStatuses(connection, waiting),
    comparedAt: toIso(connection.comparedAt),
    loads,
    days: await daysOf(connection.id),
  }
}

function modelsStatus({
  modelsState,
  modelsDay,
  modelsProblem: problem,
  modelsRemedy: remedy,
}: WarehouseConnection): SnowflakeResponse['models'] {
  const built = modelsState === 'fresh' ? ('built' as const) : ('waiting' as const)
  const state = problem ? ('failed' as const) : modelsDay ? built : ('none' as const)
  return { state, builtOn: modelsDay, problem, remedy }
}

async function secretOf(connection: WarehouseConnection, fingerprint: string): Promise<SnowflakeResponse['secret']> {
  const savedAt = toIso(connection.savedAt)
  if (!savedAt) return null
  if (!connection.secrets) return { savedAt, fingerprint }
  const credential = await credentialOf(connection)
  if (credential.method !== 'key pair') return { savedAt, fingerprint: null }
  const key = readPrivateKey(credential.privateKey, credential.passphrase)
  return { savedAt, fingerprint: key.ok ? key.fingerprint : null }
}

function methodsOf(connection: Pick<WarehouseConnection, 'methods'>): SnowflakeResponse['methods'] {
  return streams.map((stream) => ({
    stream: stream.name,
    title: stream.title,
    method: methodOf(connection, stream),
    choices: methodChoices(stream),
  }))
}

async function waitingByStream(connectionId: string): Promise<Map<string, number>> {
  const waiting = await db().$queryRaw<{ stream: string; reads: bigint }[]>(Prisma.sql`
    select r.stream, count(*) as reads from "LoadLedger" l join "StreamRead" r on r.id = l."readId"
    where l."connectionId" = ${connectionId} and l.state <> 'loaded' group by r.stream`)
  return new Map(waiting.map(({ stream, reads }) => [stream, Number(reads)]))
}

function tableStatuses(connection: WarehouseConnection, waiting: Map<string, number>): SnowflakeTable[] {
  const compared = lastComparison(connection)
  return tableGroups.flatMap(({ kind, name: group, title, tables }) => {
    const waitingReads = waiting.get(group) ?? 0
    const behind = waitingReads > 0 || connection.copyStreams.includes(group)
    return tables.flatMap(({ name }, index) => {
      const comparison = compared[name]
      if (!comparison && !behind) return []
      const alike = comparison?.alike ?? null
      const state = behind
        ? 'behind'
        : kind && hasCustomMethod(connection, kind)
          ? 'own method'
          : alike === null
            ? 'loaded'
            : alike
              ? 'in step'
              : 'differs'
      return {
        table: name.toUpperCase(),
        title: kind ? (index === 0 ? title : `${title}, history`) : `${title}: ${name}`,
        rows: comparison?.rows ?? null,
        state: comparison || waitingReads > 0 ? state : 'not loaded',
        waitingReads,
      }
    })
  })
}

async function loadsOf(connectionId: string): Promise<SnowflakeLoad[]> {
  const loads = await db().warehouseLoad.findMany({
    where: { connectionId },
    orderBy: { runId: 'desc' },
    take: MAX_LOADS,
    include: { run: { include: { streamRuns: true } } },
  })
  return loads.map(({ run, bytes, warehouseMs, ...load }) => {
    const total = (name: 'rowsNew' | 'rowsChanged' | 'rowsRemoved') =>
      run.streamRuns.reduce((sum, streamRun) => sum + streamRun[name], 0)
    return {
      id: run.id,
      state: runStateLabel(run.state),
      startedAt: toIso(run.startedAt),
      endedAt: toIso(run.endedAt),
      reads: load.reads,
      new: total('rowsNew'),
      changed: total('rowsChanged'),
      removed: total('rowsRemoved'),
      statements: load.statements,
      roundTrips: load.roundTrips,
      bytes: Number(bytes),
      seconds: warehouseMs / SECOND,
      credits: creditsOf(warehouseMs),
      problem: run.problem,
      remedy: run.remedy,
    }
  })
}

/** The average of the last loads. */
function secondsPerLoad(loads: SnowflakeLoad[]): number {
  const measured = loads.filter(({ endedAt, seconds }) => endedAt && seconds > 0)
  if (measured.length === 0) return ESTIMATED_SECONDS
  return measured.reduce((sum, { seconds }) => sum + seconds, 0) / measured.length
}

async function daysOf(connectionId: string): Promise<SnowflakeResponse['days']> {
  const since = new Date(Date.now() - MAX_DAYS * DAY)
  const loads = await db().warehouseLoad.findMany({
    where: { connectionId, run: { startedAt: { gt: since } } },
    orderBy: { runId: 'desc' },
    take: MAX_DAYS * 48,
    include: { run: { select: { startedAt: true } } },
  })
  const days = Map.groupBy(loads, ({ run }) => toIso(run.startedAt)?.slice(0, 10) ?? '')
  return [...days].slice(0, MAX_DAYS).map(([day, dayLoads]) => ({
    day,
    loads: dayLoads.length,
    statements: dayLoads.reduce((sum, { statements }) => sum + statements, 0),
    seconds: dayLoads.reduce((sum, { warehouseMs }) => sum + warehouseMs, 0) / SECOND,
    credits: dayLoads.reduce((sum, { warehouseMs }) => sum + creditsOf(warehouseMs), 0),
  }))
}
