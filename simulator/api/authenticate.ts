import type { App } from '#simulator/world/apps.ts'
import { apiError, HttpError, text } from '#simulator/core/http.ts'
import type { ApiRequest } from './route.ts'
import type { Tokens } from '#simulator/accounts/tokens.ts'
import type { ApiObjects } from './objects.ts'
import type { World } from '#simulator/world/world.ts'

/** Who may ask the Web API: everything that is checked before a route is looked up. */

interface Call {
  url: URL
  authorization: string | undefined
  /** `x-simulated-now`: answer as of this instant, which lies in the past. */
  asOf: string | undefined
}

function bearer(authorization: string | undefined): string | undefined {
  const [scheme = '', token] = (authorization ?? '').split(' ')
  return scheme.toLowerCase() === 'bearer' ? token : undefined
}

/** Whose token it is, also if it may not be used any more; for matching faults. */
export function listenerOf(tokens: Tokens, authorization: string | undefined): string | undefined {
  const token = bearer(authorization)
  return token === undefined ? undefined : tokens.openAccess(token)?.listener
}

/** Which app a call comes from; what carries no token of ours counts for the first one. */
export function appOf({ apps }: World, tokens: Tokens, authorization: string | undefined): App {
  const token = tokens.openAccess(bearer(authorization) ?? '')
  const app = apps.find(token?.client) ?? apps.find(undefined)
  if (!app) throw new Error('the simulation has lost its first app')
  return app
}

function readInstant(asOf: string | undefined, now: number): number {
  if (asOf === undefined) return now
  const instant = Date.parse(asOf)
  if (!(instant <= now)) throw new HttpError(apiError(400, 'x-simulated-now must be an ISO instant in the past'))
  return instant
}

/** @throws Ended with the answer to somebody who is not let in */
export function authenticate(world: World, tokens: Tokens, wire: ApiObjects, { url, authorization, asOf }: Call): ApiRequest {
  const { conditions, consents: book, simulation } = world
  const given = bearer(authorization)
  if (given === undefined) throw new HttpError(apiError(401, 'No token provided'))
  const token = tokens.openAccess(given)
  const listener = token && simulation.listener(token.listener)
  if (!token || !listener) throw new HttpError(apiError(401, 'Invalid access token'))
  const app = appOf(world, tokens, authorization)
  const now = world.now()
  if (token.expiresAt <= now || book.endReason(token)) throw new HttpError(apiError(401, 'The access token expired'))
  if (conditions.premiumLapsed || app.premiumLapsed)
    throw new HttpError(text(403, 'Active premium subscription required for the owner of the app.'))
  if (!book.isAllowed(listener.id) || (app.allowed && !app.allowed.includes(listener.id)))
    throw new HttpError(text(403, 'Check settings on developer.spotify.com/dashboard, the user may not be registered.'))
  return {
    origin: wire.origin,
    path: url.pathname.slice('/v1'.length),
    query: url.searchParams,
    listener,
    music: world.changes.applied(listener.id, simulation.music(listener)),
    catalogue: simulation.catalogue,
    objects: wire,
    scopes: new Set(token.scopes),
    at: readInstant(asOf, now),
    oldShapes: conditions.oldShapes,
  }
}
