import { apiError, HttpError, type HttpResponse, json } from '#simulator/core/http.ts'
import type { ApiRequest, Route } from './route.ts'
import { catalogRoutes } from './routes-catalog.ts'
import { listenerRoutes } from './routes-listener.ts'
import { playlistRoutes } from './routes-playlists.ts'

/** The Web API as a Development Mode app of late 2026 sees it. */

const ROUTES: readonly Route[] = [...listenerRoutes, ...playlistRoutes, ...catalogRoutes]

/** Endpoints that such apps can't use, and the status they get. */
const REMOVED: readonly { path: RegExp; status: 403 | 404 }[] = [
  { path: /^\/(tracks|albums|artists|episodes|shows|audiobooks|chapters)$/, status: 403 },
  { path: /^\/artists\/[^/]+\/top-tracks$/, status: 403 },
  { path: /^\/playlists\/[^/]+\/(tracks|followers(\/contains)?)$/, status: 403 },
  { path: /^\/me\/(tracks|albums|shows|episodes|audiobooks|following)\/contains$/, status: 403 },
  { path: /^\/browse\//, status: 403 },
  { path: /^\/markets$/, status: 403 },
  { path: /^\/users\/[^/]+(\/playlists)?$/, status: 403 },
  { path: /^\/audio-(features|analysis)(\/[^/]+)?$/, status: 403 },
  { path: /^\/recommendations(\/available-genre-seeds)?$/, status: 404 },
  { path: /^\/artists\/[^/]+\/related-artists$/, status: 404 },
]

/** The path without ids, under which requests are counted: `/playlists/{id}/items`, or `/other` if there is no route. */
export function groupOf(path: string): string {
  if (!ROUTES.some((route) => route.path.test(path))) return '/other'
  return path.replace(/^\/(playlists|tracks|albums|artists)\/[^/]+/, '/$1/{id}')
}

/** @throws HttpError with Spotify's error response */
export function respond(method: string, request: ApiRequest): HttpResponse {
  // Writing needs scopes that no app here has.
  if (method !== 'GET') throw new HttpError(apiError(403, 'Insufficient client scope'))
  for (const route of ROUTES) {
    const match = route.path.exec(request.path)
    if (!match) continue
    if (route.scope && !request.scopes.has(route.scope)) throw new HttpError(missingScope(request.path))
    const body = route.respond(request, match[1] ?? '')
    return body === undefined ? { status: 204, type: 'text/plain', body: '' } : json(200, body)
  }
  const removed = REMOVED.find(({ path }) => path.test(request.path))
  if (removed?.status === 403) throw new HttpError(apiError(403, 'Forbidden'))
  throw new HttpError(apiError(404, removed ? 'Resource not found' : 'Service not found'))
}

function missingScope(path: string): HttpResponse {
  // The player's error differs from the others.
  return path === '/me/player/currently-playing'
    ? apiError(401, 'Permissions missing')
    : apiError(403, 'Insufficient client scope')
}
