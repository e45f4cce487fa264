import type { SnowflakeCheckResult, SnowflakeForm } from '#lib/api/warehouse.ts'
import { audit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Refused, Stop } from '#lib/core/errors.ts'
import { db, type Prisma, type WarehouseConnection } from '#lib/db.ts'
import { isOwnMethod } from '#lib/load/external/load-method.ts'
import { takeLoadRun } from '#lib/load/external/load-run.ts'
import { tablesOf } from '#lib/load/external/reconciliation.ts'
import { RUNS, STREAM_RUNS } from '#lib/load/external/run-log.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { streams } from '#lib/streams/index.ts'
import { checkConnection } from '#lib/warehouse/snowflake/check.ts'
import type { SnowflakeCredential, SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { claimSchema } from '#lib/warehouse/snowflake/owner.ts'
import { type CheckedForm, checkForm } from './form.ts'
import { adoptKey, listenerKeys } from './keys.ts'
import { addressOf, ownerOf, savedFields, sealCredential } from './saved.ts'

/** The listener's Snowflake, or null. */
export function snowflakeOf(userId: string): Promise<WarehouseConnection | null> {
  return db().warehouseConnection.findUnique({ where: { userId_kind: { userId, kind: 'snowflake' } } })
}

/** The listener's Snowflake. @throws Refused 409 while there is none */
export async function connectedSnowflake(userId: string): Promise<WarehouseConnection> {
  const connection = await snowflakeOf(userId)
  if (connection) return connection
  throw new Refused(409, 'not-connected', 'No Snowflake is connected', 'Connect it on Connections, Snowflake, first.')
}

type Sound = Extract<CheckedForm, { problems: null }>

/** What the door needs to look at a connection that is not saved. */
export async function trialOptions(
  userId: string,
  { fields, credential }: Pick<Sound, 'fields' | 'credential'>,
): Promise<SnowflakeOptions> {
  return {
    address: addressOf(fields),
    credential,
    owner: await ownerOf(userId),
    memory: {},
    tables: [...streams.flatMap(tablesOf), RUNS, STREAM_RUNS].map(({ name }) => name),
    tag: { app: 'tracklake', for: 'check' },
    endpoint: settings().SNOWFLAKE_ENDPOINT,
  }
}

// One check of a listener at a time: Snowflake locks a user after five refused sign-ins.
const CHECKING = Symbol.for('tracklake.snowflake.checking')
const holder = globalThis as typeof globalThis & { [CHECKING]?: Set<string> }

/** @throws Refused 409 while a check of this listener is under way */
export async function oneCheckAtATime<T>(userId: string, check: () => Promise<T>): Promise<T> {
  holder[CHECKING] ??= new Set()
  const checking = holder[CHECKING]
  if (checking.has(userId))
    throw new Refused(409, 'check-under-way', 'A check is under way', 'Wait until it is done; it takes up to 20 s.')
  checking.add(userId)
  try {
    return await check()
  } finally {
    checking.delete(userId)
  }
}

/** "Test connection": looks at the fields, then checks the connection step by step; saves nothing. */
export async function testSnowflake(userId: string, form: SnowflakeForm): Promise<SnowflakeCheckResult> {
  const checked = await checkForm(userId, form, await snowflakeOf(userId))
  if (checked.problems) return { fieldProblems: checked.problems, checks: [], saved: false }
  return oneCheckAtATime(userId, async () => {
    const checks = await checkConnection(await trialOptions(userId, checked))
    return { fieldProblems: {}, checks, saved: false }
  })
}

/** "Save": the same checks; a connection that passes them is kept, and the first load begins. */
export async function saveSnowflake(
  userId: string,
  form: SnowflakeForm,
): Promise<SnowflakeCheckResult & { connectionId?: string }> {
  const before = await snowflakeOf(userId)
  const checked = await checkForm(userId, form, before)
  if (checked.problems) return { fieldProblems: checked.problems, checks: [], saved: false }
  return oneCheckAtATime(userId, async () => {
    const options = await trialOptions(userId, checked)
    const checks = await checkConnection(options)
    if (checks.some(({ state }) => state === 'failed')) return { fieldProblems: {}, checks, saved: false }
    try {
      await claimSchema(options)
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown
      const claim = { name: 'schema', state: 'failed' as const, message: thrown.message, remedy: thrown.remedy, ms: 0 }
      const others = checks.filter(({ name }) => name !== 'schema')
      return { fieldProblems: {}, checks: [claim, ...others], saved: false }
    }
    const connection = await keep(userId, checked, before)
    const { key } = await listenerKeys(userId)
    // A key that is in use already stays so, and beside it the one that waits to take over.
    if (checked.fields.method === 'key pair' && !key.usedAt) await adoptKey(userId, key.id)
    await takeLoadRun(connection, { trigger: 'manual', byUserId: userId })
    await audit(userId, 'connected Snowflake', userId)
    return { fieldProblems: {}, checks, saved: true, connectionId: connection.id }
  })
}

/** Another place knows nothing of what was loaded into the one before. */
function isSamePlace(before: WarehouseConnection | null, { fields }: Sound): boolean {
  const saved = before && savedFields(before)
  return saved?.account === fields.account && saved.database === fields.database && saved.schema === fields.schema
}

async function keep(userId: string, checked: Sound, before: WarehouseConnection | null): Promise<WarehouseConnection> {
  const samePlace = isSamePlace(before, checked)
  const sound = { state: 'ready', problem: null, remedy: null, problemSince: null, loadAfter: null }
  return db().$transaction(async (tx) => {
    const connection = await tx.warehouseConnection.upsert({
      where: { userId_kind: { userId, kind: 'snowflake' } },
      create: { userId, kind: 'snowflake' },
      update: {},
    })
    if (!samePlace) await beginAnew(tx, connection)
    return tx.warehouseConnection.update({
      where: { id: connection.id },
      data: {
        ...sound,
        // A load that is under way began with what was saved before: neither its progress nor its failure counts now.
        copy: { increment: 1 },
        settings: { ...checked.fields },
        secrets: secretsOf(connection.id, checked.credential, checked.fields.method),
        savedAt: now(),
      },
    })
  })
}

function secretsOf(connectionId: string, credential: SnowflakeCredential, method: string): string | null {
  // The key that was made here has a row of its own.
  return method === 'key pair' ? null : sealCredential(connectionId, credential)
}

/**
 * Everything that the serving copy holds is loaded first; without such a copy, everything that was ever landed.
 * @param keeps leaves the tables that hold more than the copy, by methods of the listener's own, as they are
 */
export async function beginAnew(
  tx: Prisma.TransactionClient,
  connection: WarehouseConnection,
  { keeps = false } = {},
): Promise<void> {
  const { id, userId } = connection
  const copied = keeps ? streams.filter((stream) => !isOwnMethod(connection, stream)) : streams
  const copies = servingKind() === 'duckdb'
  await tx.warehouseConnection.update({
    where: { id },
    data: {
      copyStreams: copies ? copied.map(({ name }) => name) : [],
      copy: { increment: 1 },
      memory: {},
      compared: {},
      comparedAt: null,
      loggedUntil: null,
    },
  })
  await tx.loadLedger.updateMany({
    where: { connectionId: id, read: { stream: { in: copied.map(({ name }) => name) } } },
    data: { state: 'waiting', loadedAt: null },
  })
  // With a copy, what the copy lacks; each stream's copy takes what the serving copy got meanwhile off this list.
  const reads = await tx.streamRead.findMany({
    where: {
      userId,
      state: 'complete',
      ...(copies ? { ledger: { some: { connection: { kind: 'duckdb' }, state: 'waiting' } } } : {}),
    },
    select: { id: true },
  })
  await tx.loadLedger.createMany({
    data: reads.map((read) => ({ readId: read.id, connectionId: id })),
    skipDuplicates: true,
  })
}
