import type { Tokens } from '#simulator/accounts/tokens.ts'
import { apiError, HttpError, text } from '#simulator/core/http.ts'
import type { App } from '#simulator/world/apps.ts'
import type { World } from '#simulator/world/world.ts'
import type { ApiObjects } from './objects.ts'
import type { ApiRequest } from './route.ts'

/** Everything that is checked before the Web API looks up a route. */

interface Call {
  url: URL
  authorization: string | undefined
  /** `x-simulated-now`: respond as of this past instant. */
  asOf: string | undefined
}

function bearer(authorization: string | undefined): string | undefined {
  const [scheme = '', token] = (authorization ?? '').split(' ')
  return scheme.toLowerCase() === 'bearer' ? token : undefined
}

/** Whose token it is, even if it is no longer valid. Faults are matched by it. */
export function listenerOf(tokens: Tokens, authorization: string | undefined): string | undefined {
  const token = bearer(authorization)
  return token === undefined ? undefined : tokens.openAccess(token)?.listener
}

/** Which app a call comes from. Calls without a valid token count for the first app. */
export function appOf({ apps }: World, tokens: Tokens, authorization: string | undefined): App {
  const token = tokens.openAccess(bearer(authorization) ?? '')
  const app = apps.find(token?.client) ?? apps.find(undefined)
  if (!app) throw new Error('The first app is missing')
  return app
}

function readInstant(asOf: string | undefined, now: number): number {
  if (asOf === undefined) return now
  const instant = Date.parse(asOf)
  if (!(instant <= now)) throw new HttpError(apiError(400, 'x-simulated-now must be an ISO instant in the past'))
  return instant
}

/** @throws HttpError if the call is not allowed */
export function authenticate(
  world: World,
  tokens: Tokens,
  objects: ApiObjects,
  { url, authorization, asOf }: Call,
): ApiRequest {
  const { conditions, consents, simulation } = world
  const sealed = bearer(authorization)
  if (sealed === undefined) throw new HttpError(apiError(401, 'No token provided'))
  const token = tokens.openAccess(sealed)
  const listener = token && simulation.listener(token.listener)
  if (!token || !listener) throw new HttpError(apiError(401, 'Invalid access token'))
  const app = appOf(world, tokens, authorization)
  const now = world.now()
  if (token.expiresAt <= now || consents.endReason(token))
    throw new HttpError(apiError(401, 'The access token expired'))
  if (conditions.premiumLapsed || app.premiumLapsed)
    throw new HttpError(text(403, 'Active premium subscription required for the owner of the app.'))
  if (!consents.isAllowed(listener.id) || (app.allowed && !app.allowed.includes(listener.id)))
    throw new HttpError(text(403, 'Check settings on developer.spotify.com/dashboard, the user may not be registered.'))
  consents.used(token)
  return {
    origin: objects.origin,
    path: url.pathname.slice('/v1'.length),
    query: url.searchParams,
    listener,
    music: world.changes.applied(listener.id, world.musicOf(listener)),
    catalog: simulation.catalog,
    objects,
    scopes: new Set(token.scopes),
    at: readInstant(asOf, now),
    oldShapes: conditions.oldShapes,
  }
}
