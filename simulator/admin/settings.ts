import { z } from 'zod'
import type { Json } from '#lib/core/table.ts'
import type { Accounts } from '#simulator/accounts/accounts.ts'
import { apiError, HttpError } from '#simulator/core/http.ts'
import { CHANGE } from '#simulator/world/changes.ts'
import { QUEUED_FAULT } from '#simulator/world/faults.ts'
import type { World } from '#simulator/world/world.ts'

/** What POST /admin takes. Tests change the simulation with it; every part is optional. */
const SETTINGS = z.strictObject({
  /** Resets everything to how it started, including the clock. */
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
  /** What happens to single listeners' consents, and who is on the allow-list. */
  listeners: z
    .record(
      z.string(),
      z.strictObject({
        consent: z.enum(['revoked', 'expired', 'restored']).optional(),
        allowed: z.boolean().optional(),
      }),
    )
    .optional(),
  /** Other apps by client id, and what their owners set in the dashboard. null resets a field. */
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

function setClock(world: World, clock: NonNullable<z.infer<typeof SETTINGS>['clock']>): void {
  if ('set' in clock) world.setClock(Date.parse(clock.set))
  else if ('advanceSeconds' in clock) world.setClock(world.now() + clock.advanceSeconds * 1000)
  else world.followRealClock()
}

function requireListener(world: World, id: string) {
  const listener = world.simulation.listener(id)
  if (!listener) throw new HttpError(apiError(400, `There is no listener ${id}`))
  return listener
}

/** @returns the simulated time, and the tokens if `grant` is set */
export function applySettings(world: World, accounts: Accounts, body: string): Json {
  const parsed = SETTINGS.safeParse(parse(body))
  if (!parsed.success) throw new HttpError(apiError(400, z.prettifyError(parsed.error)))
  const settings = parsed.data
  if (settings.reset) world.reset()
  if (settings.clock) setClock(world, settings.clock)
  if (settings.latencyMs !== undefined) world.latencyMs = settings.latencyMs
  if (settings.window) world.apps.setWindow(settings.window)
  if (settings.clearFaults) world.faults.clear()
  for (const fault of settings.faults ?? []) world.faults.add(fault)
  Object.assign(world.conditions, settings.conditions)
  for (const [id, { consent, allowed }] of Object.entries(settings.listeners ?? {})) {
    requireListener(world, id)
    if (consent === 'restored') world.consents.restore(id)
    else if (consent) world.consents.end(id, consent, world.now())
    if (allowed !== undefined) world.consents.allow(id, allowed)
  }
  for (const [clientId, app] of Object.entries(settings.apps ?? {})) {
    if (!world.apps.set(clientId, app)) throw new HttpError(apiError(400, `The app ${clientId} has no secret`))
  }
  for (const change of settings.changes ?? [])
    world.changes.add(change, world.musicOf(requireListener(world, change.listener)), world.now())
  const { grant } = settings
  const tokens = grant && accounts.grant(requireListener(world, grant.listener).id, grant.scopes, grant.client)
  return { now: new Date(world.now()).toISOString(), ...(tokens ? { grant: tokens } : {}) }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new HttpError(apiError(400, 'The body is not JSON'))
  }
}
