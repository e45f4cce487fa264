import { toIso } from '#lib/core/clock.ts'
import type { Columns, Row, Table } from '#lib/core/table.ts'
import { db, type Run, type StreamRun, type WarehouseConnection } from '#lib/db.ts'
import { finalState } from '#lib/runs/runs.ts'
import type { ExternalWarehouse, Load } from '#lib/warehouse/warehouse.ts'

/** The run log in the external warehouse: what ran, when, and what it did, for people who only have SQL. */

const runColumns: Columns = {
  run_id: 'text',
  kind: 'text',
  trigger_name: 'text',
  state: 'text',
  queued_at: 'timestamp',
  started_at: 'timestamp',
  ended_at: 'timestamp',
  problem: 'text',
  source: 'text',
}

export const RUNS: Table = { schema: 'raw', name: 'tracklake_runs', columns: runColumns, key: ['run_id'] }

const streamRunColumns: Columns = {
  run_id: 'text',
  stream: 'text',
  state: 'text',
  attempt: 'integer',
  requests: 'integer',
  pages: 'integer',
  items: 'integer',
  rows_new: 'integer',
  rows_changed: 'integer',
  rows_unchanged: 'integer',
  rows_removed: 'integer',
  bytes: 'integer',
  started_at: 'timestamp',
  ended_at: 'timestamp',
  problem: 'text',
  source: 'text',
}

export const STREAM_RUNS: Table = {
  schema: 'raw',
  name: 'tracklake_stream_runs',
  columns: streamRunColumns,
  key: ['run_id', 'stream'],
}

const MAX_RUNS = 500
const SOURCE = 'spotify'

type RunWithStreams = Run & { streamRuns: StreamRun[] }

/** Writes the runs that ended since the last load, and this load as it is about to end. */
export async function writeRunLog(
  connection: WarehouseConnection,
  current: Run,
  warehouse: ExternalWarehouse,
): Promise<void> {
  const ended = await db().run.findMany({
    where: {
      userId: connection.userId,
      ...(connection.loggedUntil ? { endedAt: { gt: connection.loggedUntil } } : { endedAt: { not: null } }),
    },
    orderBy: { endedAt: 'asc' },
    take: MAX_RUNS,
    include: { streamRuns: true },
  })
  const loaded = await db().run.findUniqueOrThrow({ where: { id: current.id }, include: { streamRuns: true } })
  const runs = [...ended, { ...loaded, ...finalState(loaded), endedAt: new Date() }]
  await warehouse.load(logLoad(RUNS, current, runs.map(runRow)))
  // No flush: these two loads are never repeated, so they need no ledger entry.
  await warehouse.load(logLoad(STREAM_RUNS, current, runs.flatMap(streamRunRows)))
  const last = ended.at(-1)?.endedAt
  const { id, copy } = connection
  if (last) await db().warehouseConnection.updateMany({ where: { id, copy }, data: { loggedUntil: last } })
}

function logLoad(table: Table, { id }: Run, rows: Row[]): Load {
  return {
    // The time makes a repeated step write the newer state.
    readId: `log ${id} ${Date.now()}`,
    runId: id,
    stream: table.name,
    table,
    mode: 'merge',
    rows: inOneBatch(rows),
  }
}

async function* inOneBatch(rows: Row[]): AsyncGenerator<Row[]> {
  yield rows
}

function runRow(run: RunWithStreams): Row {
  return {
    run_id: run.id,
    kind: run.kind,
    trigger_name: run.trigger,
    state: run.state,
    queued_at: toIso(run.queuedAt),
    started_at: toIso(run.startedAt),
    ended_at: toIso(run.endedAt),
    problem: run.problem,
    source: SOURCE,
  }
}

function streamRunRows({ streamRuns }: RunWithStreams): Row[] {
  return streamRuns.map((streamRun) => ({
    run_id: streamRun.runId,
    stream: streamRun.stream,
    state: streamRun.state,
    attempt: streamRun.attempt,
    requests: streamRun.requests,
    pages: streamRun.pages,
    items: streamRun.items,
    rows_new: streamRun.rowsNew,
    rows_changed: streamRun.rowsChanged,
    rows_unchanged: streamRun.rowsUnchanged,
    rows_removed: streamRun.rowsRemoved,
    bytes: streamRun.bytes,
    started_at: toIso(streamRun.startedAt),
    ended_at: toIso(streamRun.endedAt),
    problem: streamRun.problem,
    source: SOURCE,
  }))
}
