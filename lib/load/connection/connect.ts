import type { SnowflakeCheck, SnowflakeCheckProgress, SnowflakeCheckResult, SnowflakeForm } from '#lib/api/warehouse.ts'
import { recordAudit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Refused, Stop } from '#lib/core/errors.ts'
import { db, type Prisma, type WarehouseConnection } from '#lib/db.ts'
import { hasCustomMethod } from '#lib/load/external/load-method.ts'
import { findOrCreateLoadRun } from '#lib/load/external/load-run.ts'
import { RUNS, STREAM_RUNS } from '#lib/load/external/run-log.ts'
import { SOURCES } from '#lib/models/sources.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { landedKinds, streams, tableGroups } from '#lib/streams/index.ts'
import type { LandedKind } from '#lib/streams/stream.ts'
import { EMBEDDED_KIND, type WarehouseKind } from '#lib/warehouse/facts.ts'
import { checkConnection } from '#lib/warehouse/snowflake/check/check.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { claimSchema } from '#lib/warehouse/snowflake/schema/owner.ts'
import { CHECK_SECONDS } from '#lib/warehouse/snowflake/setup/limits.ts'
import { type CheckedForm, checkForm } from './form.ts'
import { adoptKey, listenerKeys } from './keys.ts'
import { ownerOf, savedFields, sealCredential } from './saved.ts'

/** Every listener has at most one connection of a kind. */
const KIND = 'snowflake' as const satisfies WarehouseKind

export const NOT_SAVED: SnowflakeCheckResult = { fieldProblems: {}, checks: [], saved: false }

/** The listener's Snowflake, or null. */
export function snowflakeOf(userId: string): Promise<WarehouseConnection | null> {
  return db().warehouseConnection.findUnique({ where: { userId_kind: { userId, kind: KIND } } })
}

/** The listener's Snowflake. @throws Refused 409 while there is none */
export async function requireSnowflake(userId: string): Promise<WarehouseConnection> {
  const connection = await snowflakeOf(userId)
  if (connection) return connection
  throw new Refused(409, 'not-connected', 'No Snowflake is connected', 'Connect one on Connections, Snowflake, first.')
}

type ValidForm = Extract<CheckedForm, { problems: null }>

/** Options to check a connection that is not saved. */
export async function checkOptions(
  userId: string,
  { fields, credential }: Pick<ValidForm, 'fields' | 'credential'>,
): Promise<SnowflakeOptions> {
  return {
    address: fields,
    credential,
    owner: await ownerOf(userId),
    memory: {},
    tables: [...tableGroups.flatMap(({ tables }) => tables), ...SOURCES, RUNS, STREAM_RUNS].map(({ name }) => name),
    tag: { app: 'tracklake', for: 'check' },
    endpoint: settings().SNOWFLAKE_ENDPOINT,
  }
}

// One check per listener at a time, because Snowflake locks a user after five refused sign-ins. Results so far are kept
// in this process, where the waiting page polls them.
const CHECKING = Symbol.for('tracklake.snowflake.checks')
const holder = globalThis as typeof globalThis & { [CHECKING]?: Map<string, SnowflakeCheck[]> }

/** The results so far of the listener's check that is running in this process. */
export function checkProgress(userId: string): SnowflakeCheckProgress {
  const checks = holder[CHECKING]?.get(userId)
  return { running: checks !== undefined, checks: [...(checks ?? [])] }
}

/** @throws Refused 409 while another check of this listener is running */
export async function oneCheckAtATime<T>(
  userId: string,
  check: (onCheck: (check: SnowflakeCheck) => void) => Promise<T>,
): Promise<T> {
  holder[CHECKING] ??= new Map()
  const checking = holder[CHECKING]
  if (checking.has(userId))
    throw new Refused(
      409,
      'check-under-way',
      'A check is already running',
      `Wait for it to finish; it takes up to ${CHECK_SECONDS} seconds.`,
    )
  const done: SnowflakeCheck[] = []
  checking.set(userId, done)
  try {
    return await check((one) => done.push(one))
  } finally {
    checking.delete(userId)
  }
}

/** "Test connection": validates the form, then checks the connection step by step. Saves nothing. */
export async function testSnowflake(userId: string, form: SnowflakeForm): Promise<SnowflakeCheckResult> {
  const checked = await checkForm(userId, form, await snowflakeOf(userId))
  if (checked.problems) return { ...NOT_SAVED, fieldProblems: checked.problems }
  return oneCheckAtATime(userId, async (onCheck) => ({
    ...NOT_SAVED,
    checks: await checkConnection(await checkOptions(userId, checked), onCheck),
  }))
}

/**
 * "Save": runs the same checks, saves the connection unless one failed, and starts a load. An unconfirmed check doesn't
 * prevent saving: the load waits and claims the schema.
 */
export async function saveSnowflake(
  userId: string,
  form: SnowflakeForm,
): Promise<SnowflakeCheckResult & { connectionId?: string }> {
  const before = await snowflakeOf(userId)
  const checked = await checkForm(userId, form, before)
  if (checked.problems) return { ...NOT_SAVED, fieldProblems: checked.problems }
  return oneCheckAtATime(userId, async (onCheck) => {
    const options = await checkOptions(userId, checked)
    const checks = await checkConnection(options, onCheck)
    if (checks.some(({ state }) => state === 'failed')) return { ...NOT_SAVED, checks }
    try {
      if (checks.every(({ state }) => state !== 'unconfirmed')) await claimSchema(options)
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      const claim = { name: 'schema', state: 'failed' as const, message: error.message, remedy: error.remedy, ms: 0 }
      const others = checks.filter(({ name }) => name !== 'schema')
      return { ...NOT_SAVED, checks: [claim, ...others] }
    }
    const connection = await saveConnection(userId, checked, before)
    const { key } = await listenerKeys(userId)
    // Adopting a key deletes the other one; if one is in use, the next one must stay too.
    if (checked.fields.method === 'key pair' && !key.usedAt) await adoptKey(userId, key.id)
    await findOrCreateLoadRun(connection, { trigger: 'manual', byUserId: userId })
    await recordAudit(userId, 'connected Snowflake', userId)
    return { fieldProblems: {}, checks, saved: true, connectionId: connection.id }
  })
}

async function saveConnection(
  userId: string,
  { fields, credential }: ValidForm,
  before: WarehouseConnection | null,
): Promise<WarehouseConnection> {
  const saved = before && savedFields(before)
  const { account, database, schema } = fields
  // What was loaded into the same schema counts.
  const isSameSchema = saved?.account === account && saved.database === database && saved.schema === schema
  const ready = { state: 'ready', problem: null, remedy: null, problemSince: null, loadAfter: null }
  return db().$transaction(async (tx) => {
    const connection = await tx.warehouseConnection.upsert({
      where: { userId_kind: { userId, kind: KIND } },
      create: { userId, kind: KIND },
      update: {},
    })
    if (!isSameSchema) await startOver(tx, connection)
    return tx.warehouseConnection.update({
      where: { id: connection.id },
      data: {
        ...ready,
        // Neither progress nor failure of a load that is still running with the old settings counts from now on.
        copy: { increment: 1 },
        settings: { ...fields },
        // A key pair made by Tracklake has a row of its own.
        secrets: fields.method === 'key pair' ? null : sealCredential(connection.id, credential),
        savedAt: now(),
      },
    })
  })
}

/**
 * Schedules everything to be loaded again: from the embedded copy or, without one, everything ever landed.
 * @param keepCustom leaves out tables with a custom method, which hold more than the copy
 */
export async function startOver(
  tx: Prisma.TransactionClient,
  connection: WarehouseConnection,
  { keepCustom = false } = {},
): Promise<void> {
  const { id, userId } = connection
  const copied = (await kindsToCopy(tx, userId)).filter((kind) => !keepCustom || !hasCustomMethod(connection, kind))
  const hasCopy = keepsEmbeddedCopies()
  await tx.warehouseConnection.update({
    where: { id },
    data: {
      copyStreams: hasCopy ? [...copied.map(({ name }) => name), ...SHARED_GROUPS] : [],
      copy: { increment: 1 },
      memory: {},
      modelsState: 'stale',
      modelsProblem: null,
      modelsRemedy: null,
      exclusionsUntil: null,
      countingApplied: null,
      recordingsUntil: null,
      genresLoaded: null,
      pairingLoaded: null,
      compared: {},
      comparedAt: null,
      loggedUntil: null,
    },
  })
  await tx.loadLedger.updateMany({
    where: { connectionId: id, read: { stream: { in: copied.map(({ name }) => name) } } },
    data: { state: 'waiting', loadedAt: null },
  })
  // With an embedded copy, only what the copy doesn't have yet; copying a stream later skips what has arrived by then.
  const reads = await tx.streamRead.findMany({
    where: {
      userId,
      state: 'complete',
      ...(hasCopy ? { ledger: { some: { connection: { kind: EMBEDDED_KIND }, state: 'waiting' } } } : {}),
    },
    select: { id: true },
  })
  await tx.loadLedger.createMany({
    data: reads.map((read) => ({ readId: read.id, connectionId: id })),
    skipDuplicates: true,
  })
}

/** Groups of tables that all loads fill. */
const SHARED_GROUPS = tableGroups.filter(({ kind, isCopied }) => kind === null && isCopied).map(({ name }) => name)

/** All streams, and imports if the listener has any. */
async function kindsToCopy(tx: Prisma.TransactionClient, userId: string): Promise<LandedKind[]> {
  const landed = await tx.streamRead.groupBy({ by: ['stream'], where: { userId, state: 'complete' } })
  const names = new Set([...streams.map(({ name }) => name), ...landed.map(({ stream }) => stream)])
  return landedKinds.filter(({ name }) => names.has(name))
}
