import { z } from 'zod'
import type { Json } from '#lib/core/table.ts'
import type { Accounts } from '#simulator/accounts/accounts.ts'
import { CHANGE } from '#simulator/world/changes.ts'
import { QUEUED_FAULT } from '#simulator/world/faults.ts'
import { apiError, HttpError } from '#simulator/core/http.ts'
import type { World } from '#simulator/world/world.ts'

/** The orders that tests give to the simulation; every part may be left out. */
const SETTINGS = z.strictObject({
  /** Everything back to how it started, the clock included. */
  reset: z.literal(true).optional(),
  clock: z
    .union([
      z.strictObject({ set: z.iso.datetime() }),
      z.strictObject({ advanceSeconds: z.number() }),
      z.strictObject({ follow: z.literal('real') }),
    ])
    .optional(),
  latencyMs: z.number().int().min(0).max(60_000).optional(),
  window: z
    .strictObject({
      seconds: z.number().positive().max(3600),
      requests: z.number().int().min(0),
      body: z.enum(['json', 'plain']).optional(),
    })
    .optional(),
  faults: z.array(QUEUED_FAULT).max(1000).optional(),
  clearFaults: z.literal(true).optional(),
  conditions: z
    .strictObject({
      premiumLapsed: z.boolean(),
      wrongSecret: z.boolean(),
      oldShapes: z.boolean(),
      rotation: z.boolean(),
    })
    .partial()
    .optional(),
  /** What happens to the consent and the permission of single listeners. */
  listeners: z
    .record(
      z.string(),
      z.strictObject({ consent: z.enum(['revoked', 'expired', 'mended']).optional(), allowed: z.boolean().optional() }),
    )
    .optional(),
  /** Apps beside the first one, and what their owners set in the dashboard; null: as at the start. */
  apps: z
    .record(
      z.string(),
      z
        .strictObject({
          clientSecret: z.string().min(1),
          redirectUris: z.array(z.string()).nullable(),
          allowed: z.array(z.string()).nullable(),
          premiumLapsed: z.boolean(),
        })
        .partial(),
    )
    .optional(),
  changes: z.array(CHANGE).max(1000).optional(),
  grant: z
    .strictObject({ listener: z.string(), scopes: z.array(z.string()), client: z.string().optional() })
    .optional(),
})

export type SimulatorSettings = z.input<typeof SETTINGS>

function setClock(world: World, order: NonNullable<z.infer<typeof SETTINGS>['clock']>): void {
  if ('set' in order) world.setClock(Date.parse(order.set))
  else if ('advanceSeconds' in order) world.setClock(world.now() + order.advanceSeconds * 1000)
  else world.followRealClock()
}

function requireListener(world: World, id: string) {
  const listener = world.simulation.listener(id)
  if (!listener) throw new HttpError(apiError(400, `There is no listener ${id}`))
  return listener
}

/** @returns the instant of the simulation, and the tokens if some were asked for */
export function applySettings(world: World, accounts: Accounts, given: string): Json {
  const parsed = SETTINGS.safeParse(parse(given))
  if (!parsed.success) throw new HttpError(apiError(400, z.prettifyError(parsed.error)))
  const orders = parsed.data
  if (orders.reset) world.reset()
  if (orders.clock) setClock(world, orders.clock)
  if (orders.latencyMs !== undefined) world.latencyMs = orders.latencyMs
  if (orders.window) world.apps.setWindow(orders.window)
  if (orders.clearFaults) world.faults.clear()
  for (const fault of orders.faults ?? []) world.faults.add(fault)
  Object.assign(world.conditions, orders.conditions)
  for (const [id, { consent, allowed }] of Object.entries(orders.listeners ?? {})) {
    requireListener(world, id)
    if (consent === 'mended') world.consents.restore(id)
    else if (consent) world.consents.end(id, consent, world.now())
    if (allowed !== undefined) world.consents.allow(id, allowed)
  }
  for (const [clientId, app] of Object.entries(orders.apps ?? {})) {
    if (!world.apps.set(clientId, app)) throw new HttpError(apiError(400, `The app ${clientId} has no secret`))
  }
  for (const change of orders.changes ?? [])
    world.changes.add(change, world.simulation.music(requireListener(world, change.listener)), world.now())
  const tokens =
    orders.grant && accounts.grant(requireListener(world, orders.grant.listener).id, orders.grant.scopes, orders.grant.client)
  return { now: new Date(world.now()).toISOString(), ...(tokens ? { grant: tokens } : {}) }
}

function parse(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    throw new HttpError(apiError(400, 'The orders are not JSON'))
  }
}
