import type { KeyAction, LoadMethod } from '#lib/api/lists.ts'
import type { SnowflakeCheckResult, SnowflakeSettings } from '#lib/api/warehouse.ts'
import { recordAudit } from '#lib/audit.ts'
import { now } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { type Cadence, db, type WarehouseConnection } from '#lib/db.ts'
import { methodChoices, methodOf } from '#lib/load/external/load-method.ts'
import { openLoadRun } from '#lib/load/external/load-run.ts'
import { scheduleNextLoad } from '#lib/load/external/load-session.ts'
import { dropAlert } from '#lib/notifications/alerts.ts'
import { cancelRun } from '#lib/runs/runs.ts'
import { streams } from '#lib/streams/index.ts'
import { checkConnection } from '#lib/warehouse/snowflake/check/check.ts'
import { checkOptions, NOT_SAVED, oneCheckAtATime, requireSnowflake } from './connect.ts'
import { adoptKey, dropNextKey, listenerKeys, makeNextKey, openKey } from './keys.ts'
import { savedFields } from './saved.ts'

/** What a listener changes about a connected Snowflake. */

const CADENCES: Record<NonNullable<SnowflakeSettings['cadence']>, Cadence> = {
  daily: 'daily',
  '6-hourly': 'six_hourly',
  hourly: 'hourly',
  'every extract': 'every_extract',
}

/** The API's name of a cadence. */
export function apiCadence(cadence: Cadence): keyof typeof CADENCES {
  const found = Object.entries(CADENCES).find(([, value]) => value === cadence)
  return (found?.[0] ?? 'daily') as keyof typeof CADENCES
}

/** Changes cadence, load methods and record metadata. @throws Refused 400 for a method that does not fit a stream */
export async function changeSnowflake(userId: string, change: SnowflakeSettings): Promise<void> {
  const connection = await requireSnowflake(userId)
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
  if (change.cadence && connection.state === 'ready') await scheduleNextLoad(changed)
  await recordAudit(userId, 'changed the Snowflake settings', userId)
}

function changedMethods(connection: WarehouseConnection, requested: Record<string, LoadMethod>) {
  const methods: Record<string, LoadMethod> = { ...(connection.methods as Record<string, LoadMethod>) }
  const toCopy: string[] = []
  for (const [name, method] of Object.entries(requested)) {
    const stream = streams.find((known) => known.name === name)
    if (!stream || !methodChoices(stream).includes(method))
      throw new Refused(
        400,
        'unknown-method',
        `"${name}" cannot be loaded with "${method}"`,
        stream ? `Choose one of: ${methodChoices(stream).join(', ')}.` : 'Use the name of a stream.',
      )
    // The default method needs the table as in the embedded copy, and after append keys may be there twice.
    const before = methodOf(connection, stream)
    if (method !== before && (method === methodChoices(stream)[0] || before === 'append')) toCopy.push(name)
    methods[name] = method
  }
  return { methods, toCopy }
}

/** "Rotate key": creates the next key, checks and then uses it, or drops it. Snowflake accepts both keys meanwhile. */
export async function changeKey(userId: string, action: KeyAction): Promise<SnowflakeCheckResult> {
  const connection = await requireSnowflake(userId)
  if (action === 'make') await makeNextKey(userId)
  if (action === 'drop') await dropNextKey(userId)
  if (action !== 'use') return { ...NOT_SAVED, saved: true }
  const { next } = await listenerKeys(userId)
  const fields = savedFields(connection)
  if (!next || !fields || fields.method !== 'key pair')
    throw new Refused(409, 'no-next-key', 'There is no next key', 'Press "Rotate key" first.')
  return oneCheckAtATime(userId, async (onCheck) => {
    const credential = { method: 'key pair' as const, privateKey: openKey(next) }
    const checks = await checkConnection(await checkOptions(userId, { fields, credential }), onCheck)
    // The old key works, so only a fully confirmed key replaces it.
    const saved = checks.every(({ state }) => state !== 'failed' && state !== 'unconfirmed')
    if (saved) {
      await adoptKey(userId, next.id)
      await recordAudit(userId, 'rotated the key for Snowflake', userId)
    }
    return { ...NOT_SAVED, checks, saved }
  })
}

/** Deletes the connection and its keys. What was loaded into Snowflake stays there. */
export async function disconnectSnowflake(userId: string): Promise<void> {
  const connection = await requireSnowflake(userId)
  const run = await openLoadRun(connection.id)
  if (run) await cancelRun(run.id)
  await db().$transaction(async (tx) => {
    await tx.warehouseConnection.deleteMany({ where: { id: connection.id } })
    // Also a load that has just started, because it has nowhere to load into.
    const cancelled = { state: 'cancelled' as const, cancelledAt: now(), endedAt: now() }
    await tx.run.updateMany({ where: { userId, kind: 'load', endedAt: null }, data: cancelled })
    await tx.snowflakeKey.deleteMany({ where: { userId } })
    await tx.preparedResult.deleteMany({ where: { userId } })
    // Landed pages that waited only for this warehouse.
    await tx.landedObject.updateMany({
      where: {
        outcome: 'landed',
        read: { userId, ledger: { some: { state: 'loaded' }, none: { state: 'waiting' } } },
      },
      data: { outcome: 'loaded' },
    })
  })
  await dropAlert(userId, { kind: 'warehouse' })
  await recordAudit(userId, 'disconnected Snowflake', userId)
}
