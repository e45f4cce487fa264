import { toIso } from '#lib/core/clock.ts'
import type { Cell, ColumnType, Row, Table } from '#lib/core/table.ts'
import { db, type Run, type StreamRun, type WarehouseConnection } from '#lib/db.ts'
import { finalState } from '#lib/runs/runs.ts'
import type { ExternalWarehouse, Load } from '#lib/warehouse/warehouse.ts'

/** The run log in the external warehouse: what ran, when, and what it did, for people who only have SQL. */

/** The columns of a table, each with its type and how to get its value. */
type LogColumns<Item> = Record<string, [ColumnType, (item: Item) => Cell]>

const SOURCE = 'spotify'

const RUN_COLUMNS: LogColumns<Run> = {
  run_id: ['text', (run) => run.id],
  kind: ['text', (run) => run.kind],
  trigger_name: ['text', (run) => run.trigger],
  state: ['text', (run) => run.state],
  queued_at: ['timestamp', (run) => toIso(run.queuedAt)],
  started_at: ['timestamp', (run) => toIso(run.startedAt)],
  ended_at: ['timestamp', (run) => toIso(run.endedAt)],
  problem: ['text', (run) => run.problem],
  source: ['text', () => SOURCE],
}

const STREAM_RUN_COLUMNS: LogColumns<StreamRun> = {
  run_id: ['text', (streamRun) => streamRun.runId],
  stream: ['text', (streamRun) => streamRun.stream],
  state: ['text', (streamRun) => streamRun.state],
  attempt: ['integer', (streamRun) => streamRun.attempt],
  requests: ['integer', (streamRun) => streamRun.requests],
  pages: ['integer', (streamRun) => streamRun.pages],
  items: ['integer', (streamRun) => streamRun.items],
  rows_new: ['integer', (streamRun) => streamRun.rowsNew],
  rows_changed: ['integer', (streamRun) => streamRun.rowsChanged],
  rows_unchanged: ['integer', (streamRun) => streamRun.rowsUnchanged],
  rows_removed: ['integer', (streamRun) => streamRun.rowsRemoved],
  bytes: ['integer', (streamRun) => streamRun.bytes],
  started_at: ['timestamp', (streamRun) => toIso(streamRun.startedAt)],
  ended_at: ['timestamp', (streamRun) => toIso(streamRun.endedAt)],
  problem: ['text', (streamRun) => streamRun.problem],
  source: ['text', () => SOURCE],
}

export const RUNS = tableOf('tracklake_runs', RUN_COLUMNS, ['run_id'])
export const STREAM_RUNS = tableOf('tracklake_stream_runs', STREAM_RUN_COLUMNS, ['run_id', 'stream'])

function tableOf<Item>(name: string, columns: LogColumns<Item>, key: string[]): Table {
  const types = Object.entries(columns).map(([column, [type]]) => [column, type] as const)
  return { schema: 'raw', name, columns: Object.fromEntries(types), key }
}

function rowOf<Item>(columns: LogColumns<Item>, item: Item): Row {
  return Object.fromEntries(Object.entries(columns).map(([name, [, cell]]) => [name, cell(item)]))
}

const MAX_RUNS = 500

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
  const streamRuns = runs.flatMap((run) => run.streamRuns)
  await warehouse.load(logLoad(RUNS, RUN_COLUMNS, current, runs))
  // No flush: these two loads are never repeated, so they need no ledger entry.
  await warehouse.load(logLoad(STREAM_RUNS, STREAM_RUN_COLUMNS, current, streamRuns))
  const last = ended.at(-1)?.endedAt
  const { id, copy } = connection
  if (last) await db().warehouseConnection.updateMany({ where: { id, copy }, data: { loggedUntil: last } })
}

function logLoad<Item>(table: Table, columns: LogColumns<Item>, { id }: Run, items: Item[]): Load {
  return {
    // The time makes a repeated step write the newer state.
    readId: `log ${id} ${Date.now()}`,
    runId: id,
    stream: table.name,
    table,
    mode: 'merge',
    rows: inOneBatch(items.map((item) => rowOf(columns, item))),
  }
}

async function* inOneBatch(rows: Row[]): AsyncGenerator<Row[]> {
  yield rows
}
