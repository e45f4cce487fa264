import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import type { LoadCounts, Table } from '#lib/core/table.ts'
import { toFailure } from '#lib/core/to-failure.ts'
import { db, type Prisma, type Run, type User, type WarehouseConnection } from '#lib/db.ts'
import { appliedCounting, settingsOf, today, UNCHANGED } from '#lib/load/build.ts'
import { buildExternalModels } from '#lib/models/build-external.ts'
import { SOURCES } from '#lib/models/sources.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { SETTINGS } from '#lib/streams/decisions.ts'
import { landedKinds, MODELS } from '#lib/streams/index.ts'
import { type LandedKind, tablesOf } from '#lib/streams/stream.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { methodOf } from './load-method.ts'
import { failStream } from './load-run.ts'

/**
 * The models of an external warehouse are built at the end of a load, in its session, if anything that they read has
 * changed or a new day has begun. A build that fails leaves the last one and what was loaded; the next load repeats it.
 */

const READ_BY_MODELS = new Set(SOURCES.map(({ name }) => name))

/** Lets the models be built again if a load changed a table that they read. */
export async function markExternalStale(
  tx: Prisma.TransactionClient,
  { id }: Pick<WarehouseConnection, 'id'>,
  tables: Table[],
  { new: added, changed, removed }: Pick<LoadCounts, 'new' | 'changed' | 'removed'>,
): Promise<void> {
  if (added + changed + removed === 0 || !tables.some(({ name }) => READ_BY_MODELS.has(name))) return
  await tx.warehouseConnection.updateMany({
    where: { id, modelsState: { in: [...UNCHANGED] } },
    data: { modelsState: 'stale' },
  })
}

/** Builds the models if that is necessary. Never throws: what was loaded stays loaded. */
export async function buildExternal(
  { id }: WarehouseConnection,
  run: Run,
  warehouse: ExternalWarehouse,
): Promise<void> {
  const connection = await db().warehouseConnection.findUnique({ where: { id }, include: { user: true } })
  if (!connection) return
  const { user, modelsState, modelsDay, copy } = connection
  // Before the build: one that ends after midnight still says yesterday.
  const day = today(user)
  if (modelsState === 'fresh' && modelsDay === day) return
  const update = (data: Prisma.WarehouseConnectionUpdateManyMutationInput) =>
    db().warehouseConnection.updateMany({ where: { id, copy }, data })
  const appended = landedKinds.find((kind) => isAppended(connection, kind))
  if (appended) {
    await update({
      modelsState: 'stale',
      modelsProblem: `${appended.title} is loaded by "append", so its table repeats rows that the models would count twice`,
      modelsRemedy: 'Choose another load method for it if you want models.',
    })
    return
  }
  // What changes while the models are built makes them stale again, and after a crash they still aren't fresh.
  await update({ modelsState: 'building' })
  const started = performance.now()
  try {
    await loadSettings(warehouse, run, user)
    await buildExternalModels(warehouse)
    const { countingApplied } = appliedCounting(user)
    await update({ modelsDay: day, modelsProblem: null, modelsRemedy: null, countingApplied })
    await db().warehouseConnection.updateMany({
      where: { id, copy, modelsState: 'building' },
      data: { modelsState: 'fresh' },
    })
    // An earlier step of the same load may have failed.
    await db().streamRun.deleteMany({ where: { runId: run.id, stream: MODELS } })
    if (connection.kind === servingKind())
      await db().user.update({ where: { id: user.id }, data: { dataVersion: { increment: 1 } } })
    log.info('models are built', { connectionId: id, ms: Math.round(performance.now() - started) })
  } catch (error) {
    const failure = await toFailure({ connectionId: id }, () => Promise.reject(error)).catch((reason) => reason)
    const details = { problem: messageOf(failure), remedy: failure.remedy ?? 'The next load tries again.' }
    await update({ modelsState: 'stale', modelsProblem: details.problem, modelsRemedy: details.remedy })
    // The run's page has one line for it.
    const isScript = details.remedy.includes('\n')
    const remedy = isScript
      ? 'Run the script on Connections, Snowflake. The next load builds the models.'
      : details.remedy
    await failStream(run, MODELS, { problem: details.problem, remedy })
    log.error('models could not be built', { connectionId: id, ...details, cause: messageOf(failure.cause) })
  }
}

/** Whether the table that models read has each row as often as it was read. */
function isAppended(connection: WarehouseConnection, kind: LandedKind): boolean {
  const [table] = tablesOf(kind)
  return table !== undefined && READ_BY_MODELS.has(table.name) && methodOf(connection, kind) === 'append'
}

/** The settings rule the models too. */
async function loadSettings(warehouse: ExternalWarehouse, { id: runId }: Run, user: User): Promise<void> {
  await warehouse.load({
    // Never repeated, so it needs no ledger entry.
    readId: `${SETTINGS.name} ${runId} ${Date.now()}`,
    runId,
    stream: SETTINGS.name,
    table: SETTINGS,
    mode: 'overwrite',
    rows: (async function* () {
      yield [{ id: 1, ...settingsOf(user) }]
    })(),
  })
}
