import { type HttpResponse, apiError, HttpError, json } from '#simulator/core/http.ts'
import type { ApiRequest, Route } from './route.ts'
import { catalogueRoutes } from './routes-catalogue.ts'
import { listenerRoutes } from './routes-listener.ts'
import { playlistRoutes } from './routes-playlists.ts'

/** The Web API as a Development Mode app of late 2026 sees it. */

const ROUTES: readonly Route[] = [...listenerRoutes, ...playlistRoutes, ...catalogueRoutes]

/** What was taken from such apps, and what they are told instead. */
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

/** The address without the ids in it, for counting: `/playlists/{id}/items`; `/other` for what is not answered. */
export function groupOf(path: string): string {
  if (!ROUTES.some((route) => route.path.test(path))) return '/other'
  return path.replace(/^\/(playlists|tracks|albums|artists)\/[^/]+/, '/$1/{id}')
}

/** @throws Ended with the error that Spotify would answer */
export function respond(method: string, asked: ApiRequest): HttpResponse {
  // Nothing can be written: no app was ever given a scope for it.
  if (method !== 'GET') throw new HttpError(apiError(403, 'Insufficient client scope'))
  for (const route of ROUTES) {
    const match = route.path.exec(asked.path)
    if (!match) continue
    if (route.scope && !asked.scopes.has(route.scope)) throw new HttpError(missingScope(asked.path))
    const body = route.respond(asked, match[1] ?? '')
    return body === undefined ? { status: 204, type: 'text/plain', body: '' } : json(200, body)
  }
  const removed = REMOVED.find(({ path }) => path.test(asked.path))
  if (removed?.status === 403) throw new HttpError(apiError(403, 'Forbidden'))
  throw new HttpError(apiError(404, removed ? 'Resource not found' : 'Service not found'))
}

function missingScope(path: string): HttpResponse {
  // The player answers differently from the rest.
  return path === '/me/player/currently-playing'
    ? apiError(401, 'Permissions missing')
    : apiError(403, 'Insufficient client scope')
}
