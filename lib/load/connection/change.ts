import type { KeyAction, LoadMethod } from '#lib/api/lists.ts'
import type { SnowflakeCheckResult, SnowflakeSettings } from '#lib/api/warehouse.ts'
import { audit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { type Cadence, db, type Run, type WarehouseConnection } from '#lib/db.ts'
import { methodChoices, methodOf } from '#lib/load/external/load-method.ts'
import { openLoadRun, takeLoadRun } from '#lib/load/external/load-run.ts'
import { moveOn } from '#lib/load/external/load-session.ts'
import { dropTrouble } from '#lib/notifications/alerts.ts'
import { cancelRun } from '#lib/runs/runs.ts'
import { servingKind } from '#lib/storage/destinations.ts'
import { streams } from '#lib/streams/index.ts'
import { checkConnection } from '#lib/warehouse/snowflake/check.ts'
import { beginAnew, connectedSnowflake, oneCheckAtATime, trialOptions } from './connect.ts'
import { adoptKey, dropNextKey, listenerKeys, makeNextKey, openKey } from './keys.ts'
import { savedFields } from './saved.ts'

/** What a listener does with a Snowflake that is connected. */

/**
 * "Load now": what waits is loaded at once, what failed is tried again, also after a trouble that needed the listener.
 * @param everything copies all tables again
 */
export async function orderLoad(
  connection: WarehouseConnection,
  { byUserId, everything = false, rerunOf }: { byUserId: string; everything?: boolean; rerunOf?: string },
): Promise<Run> {
  const { id } = connection
  if (everything && servingKind() === 'snowflake')
    throw new Refused(
      409,
      'no-copy',
      'This installation keeps no copy to load everything from',
      'Connect another schema: then all that was ever read is loaded there.',
    )
  await db().$transaction(async (tx) => {
    if (everything) await beginAnew(tx, connection, { keeps: true })
    await tx.loadLedger.updateMany({ where: { connectionId: id, state: 'failed' }, data: { state: 'waiting' } })
    await tx.warehouseConnection.update({
      where: { id },
      data: { loadAfter: null, ...(connection.state === 'failed' ? { state: 'waiting' } : {}) },
    })
  })
  const run = await takeLoadRun(connection, {
    trigger: rerunOf ? 'rerun' : 'manual',
    byUserId,
    ...(rerunOf ? { rerunOf } : {}),
  })
  await audit(byUserId, everything ? 'loaded everything into Snowflake again' : 'started a load into Snowflake', run.id)
  return run
}

const CADENCES: Record<NonNullable<SnowflakeSettings['cadence']>, Cadence> = {
  daily: 'daily',
  '6-hourly': 'six_hourly',
  hourly: 'hourly',
  'every extract': 'every_extract',
}

export function cadenceWord(cadence: Cadence): keyof typeof CADENCES {
  const found = Object.entries(CADENCES).find(([, value]) => value === cadence)
  return (found?.[0] ?? 'daily') as keyof typeof CADENCES
}

/** Cadence, load methods, record metadata. @throws Refused 400 for a method that a stream cannot have */
export async function changeSnowflake(userId: string, change: SnowflakeSettings): Promise<void> {
  const connection = await connectedSnowflake(userId)
  const { methods, toCopy } = changedMethods(connection, change.methods ?? {})
  const changed = await db().warehouseConnection.update({
    where: { id: connection.id },
    data: {
      ...(change.cadence ? { cadence: CADENCES[change.cadence] } : {}),
      ...(change.addRecordMetadata === undefined ? {} : { addRecordMetadata: change.addRecordMetadata }),
      ...(change.methods ? { methods } : {}),
      ...(toCopy.length > 0
        ? { copy: { increment: 1 }, copyStreams: [...new Set([...connection.copyStreams, ...toCopy])] }
        : {}),
    },
  })
  if (change.cadence && connection.state === 'ready') await moveOn(changed)
  await audit(userId, 'changed the Snowflake settings', userId)
}

function changedMethods(connection: WarehouseConnection, wanted: Record<string, LoadMethod>) {
  const methods: Record<string, LoadMethod> = { ...(connection.methods as Record<string, LoadMethod>) }
  const toCopy: string[] = []
  for (const [name, method] of Object.entries(wanted)) {
    const stream = streams.find((known) => known.name === name)
    if (!stream || !methodChoices(stream).includes(method))
      throw new Refused(
        400,
        'unknown-method',
        `"${name}" cannot be loaded by "${method}"`,
        stream ? `It can be loaded by: ${methodChoices(stream).join(', ')}.` : 'Use the name of a stream.',
      )
    // Back at its own method the table becomes what the serving copy is; after append it holds no key twice.
    const before = methodOf(connection, stream)
    if (method !== before && (method === methodChoices(stream)[0] || before === 'append')) toCopy.push(name)
    methods[name] = method
  }
  return { methods, toCopy }
}

/** "Rotate key": a next key is made, checked before it is used, or dropped. Both work until the old one is taken away. */
export async function changeKey(userId: string, deed: KeyAction): Promise<SnowflakeCheckResult> {
  const connection = await connectedSnowflake(userId)
  const nothing: SnowflakeCheckResult = { fieldProblems: {}, checks: [], saved: false }
  if (deed === 'make') await makeNextKey(userId)
  if (deed === 'drop') await dropNextKey(userId)
  if (deed !== 'use') return { ...nothing, saved: true }
  const { next } = await listenerKeys(userId)
  const fields = savedFields(connection)
  if (!next || !fields || fields.method !== 'key pair')
    throw new Refused(409, 'no-next-key', 'There is no next key', 'Press "Rotate key" first.')
  return oneCheckAtATime(userId, async () => {
    const credential = { method: 'key pair' as const, privateKey: openKey(next) }
    const checks = await checkConnection(await trialOptions(userId, { fields, credential }))
    const saved = checks.every(({ state }) => state !== 'failed')
    if (saved) {
      await adoptKey(userId, next.id)
      await audit(userId, 'rotated the key for Snowflake', userId)
    }
    return { ...nothing, checks, saved }
  })
}

/** Forgets the connection with its keys; what was loaded there stays, and nothing here depends on it. */
export async function disconnectSnowflake(userId: string): Promise<void> {
  const connection = await connectedSnowflake(userId)
  const run = await openLoadRun(connection.id)
  if (run) await cancelRun(run.id)
  await db().$transaction(async (tx) => {
    await tx.warehouseConnection.deleteMany({ where: { id: connection.id } })
    // One that was begun this very moment has nothing to load into any more.
    const over = { state: 'cancelled' as const, cancelledAt: now(), endedAt: now() }
    await tx.run.updateMany({ where: { userId, kind: 'load', endedAt: null }, data: over })
    await tx.snowflakeKey.deleteMany({ where: { userId } })
    await tx.preparedAnswer.deleteMany({ where: { userId } })
    // Landed answers that only this warehouse still wanted.
    await tx.landedObject.updateMany({
      where: {
        outcome: 'landed',
        read: { userId, ledger: { some: { state: 'loaded' }, none: { state: 'waiting' } } },
      },
      data: { outcome: 'loaded' },
    })
  })
  await dropTrouble(userId, 'warehouse')
  await audit(userId, 'disconnected Snowflake', userId)
}
