import type { IncomingMessage, ServerResponse } from 'node:http'
import { DAY, pause } from '#lib/core/clock.ts'
import type { Accounts } from './accounts/accounts.ts'
import type { Tokens } from './accounts/tokens.ts'
import { expectedRows } from './admin/expected.ts'
import { applySettings } from './admin/settings.ts'
import { appOf, authenticate, listenerOf } from './api/authenticate.ts'
import { chartFiles } from './api/chart-files.ts'
import { exportPage } from './api/export.ts'
import type { ApiObjects } from './api/objects.ts'
import { groupOf, respond } from './api/web-api.ts'
import { artwork } from './catalog/artwork.ts'
import { apiError, HttpError, type HttpResponse, json, readBody, text } from './core/http.ts'
import { hash, hashText } from './core/random.ts'
import { DEMO_LISTENERS, type Listener } from './music/listeners.ts'
import { ODD_START } from './music/odd-music.ts'
import { MUSICBRAINZ, musicBrainz } from './musicbrainz/musicbrainz.ts'
import { breakConnection, faultResponse, rateLimited } from './world/faults.ts'
import { editQuery, editResponse, isListEdit, type ListEdit } from './world/list-edits.ts'
import type { World } from './world/world.ts'

/** Routes requests to the part that handles them. */

/** Whether the admin address is open. A token must be sent as a bearer. */
export type Admin = boolean | { token: string }

interface Parts {
  world: World
  tokens: Tokens
  accounts: Accounts
  objects: ApiObjects
  admin: Admin
}

const MAX_BODY_BYTES = 1_000_000
/** Tests may send whole responses. */
const MAX_ADMIN_BODY_BYTES = 8_000_000
const ACCOUNTS = ['/authorize', '/api/token']
const CACHE_FOR_A_YEAR = { 'cache-control': 'public, max-age=31536000, immutable' }

export function isWebApi(path: string): boolean {
  return path.startsWith('/v1/')
}

/** The name under which a request is counted. Those that the real Spotify doesn't have are not counted. */
export function countedAs(path: string): string | undefined {
  if (path.startsWith('/admin') || path.startsWith('/exports') || path.startsWith(MUSICBRAINZ)) return undefined
  if (isWebApi(path)) return groupOf(path.slice('/v1'.length))
  if (path.startsWith('/artwork/')) return '/artwork'
  return ACCOUNTS.includes(path) ? path : '/other'
}

function callWebApi(
  { world, tokens, objects }: Parts,
  request: IncomingMessage,
  url: URL,
  edit?: ListEdit,
): HttpResponse {
  const { authorization, 'x-simulated-now': asOf } = request.headers
  const { window } = appOf(world, tokens, authorization)
  const wait = window.pass(performance.now())
  if (wait !== undefined) return rateLimited(wait, window.body)
  const apiRequest = authenticate(world, tokens, objects, { url, authorization, asOf: asOf?.toString() })
  if (edit) editQuery(edit, apiRequest.query)
  const response = respond(request.method ?? 'GET', apiRequest)
  const { listener, path } = apiRequest
  world.changes.pageSent(listener.id, groupOf(path), world.musicOf(listener), world.now())
  return edit ? editResponse(edit, apiRequest.query, response) : response
}

async function callAccounts({ accounts }: Parts, request: IncomingMessage, url: URL): Promise<HttpResponse> {
  if (request.method === 'GET' && url.pathname === '/authorize')
    return accounts.authorize(url.searchParams, request.headers.cookie)
  if (request.method !== 'POST') return text(405, 'Method not allowed')
  const form = new URLSearchParams(await readBody(request, MAX_BODY_BYTES))
  return url.pathname === '/authorize' ? accounts.decide(form) : accounts.token(request.headers.authorization, form)
}

function draw(url: URL): HttpResponse {
  const [kind = '', id = ''] = url.pathname.split('/').slice(2)
  const size = Math.min(1024, Math.max(16, Math.round(Number(url.searchParams.get('size')) || 300)))
  return { status: 200, type: 'image/svg+xml', body: artwork(kind, id, size), headers: CACHE_FOR_A_YEAR }
}

/** Browsers can't send JSON to another origin without permission, so other sites' pages are kept out. */
function checkAdmin(admin: Admin, request: IncomingMessage): void {
  if (!admin) throw new HttpError(text(404, 'Not found'))
  if (typeof admin === 'object' && request.headers.authorization !== `Bearer ${admin.token}`)
    throw new HttpError(text(401, 'The admin token is missing'))
  if (request.method === 'POST' && !request.headers['content-type']?.startsWith('application/json'))
    throw new HttpError(text(415, 'The body must be JSON'))
}

/** POST /admin, GET /admin/stats, GET /admin/expected/<listener>/<subject> */
async function callAdmin({ world, accounts, admin }: Parts, request: IncomingMessage, url: URL): Promise<HttpResponse> {
  checkAdmin(admin, request)
  if (request.method === 'POST')
    return json(200, applySettings(world, accounts, await readBody(request, MAX_ADMIN_BODY_BYTES)))
  if (url.pathname === '/admin/stats') return json(200, world.stats.read())
  const [, , , id = '', subject = ''] = url.pathname.split('/')
  const listener = world.simulation.listener(id)
  if (!listener) return apiError(404, `There is no listener ${id}`)
  const music = world.changes.applied(listener.id, world.musicOf(listener))
  const at = Date.parse(url.searchParams.get('at') ?? '') || world.now()
  return json(200, expectedRows(subject, { query: url.searchParams, music, catalog: world.simulation.catalog, at }))
}

/**
 * What listeners would get by email after they asked Spotify for their data. GET /exports lists who has it,
 * GET /exports/<listener>?page=&before= returns a part, and /exports/<listener>/charts the charts that they downloaded.
 */
function sendExport({ world }: Parts, url: URL): HttpResponse {
  const exported = DEMO_LISTENERS.filter(({ life }) => historyOf(life) !== null)
  const [, , id, what] = url.pathname.split('/')
  if (!id) return json(200, { listeners: exported.map((listener) => listener.id) })
  const listener = exported.find((one) => one.id === id)
  const history = listener && historyOf(listener.life)
  if (!history) return apiError(404, `${id} has no export`)
  const { simulation } = world
  const page = Number(url.searchParams.get('page') ?? 0)
  const before = Math.min(Date.parse(url.searchParams.get('before') ?? '') || world.now(), world.now())
  const context = {
    catalog: simulation.catalog,
    music: world.changes.applied(id, world.musicOf(listener)),
    key: hash(simulation.catalog.seed, hashText(id)),
  }
  // Only who tells a story has downloaded any.
  if (what === 'charts') return json(200, history.endsEarlierMs > 0 ? { files: [] } : chartFiles(context, before))
  return json(200, exportPage(context, { firstAt: history.firstAt, before: before - history.endsEarlierMs, page }))
}

/** Quill ordered the export two weeks before signing in, so the plays in between are missing. */
const QUILLS_HOLE = 14 * DAY

/** Where a listener's exported history begins, and how much of its end is missing; null for who has none. */
function historyOf(life: Listener['life']): { firstAt: number; endsEarlierMs: number } | null {
  if (life.kind === 'regular') return life.hasStory ? { firstAt: life.habits.firstDay * DAY, endsEarlierMs: 0 } : null
  return life.kind === 'odd' && !life.isForTests ? { firstAt: ODD_START, endsEarlierMs: QUILLS_HOLE } : null
}

/** @returns undefined if a fault holds or breaks the connection */
export async function dispatch(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<HttpResponse | undefined> {
  const { pathname, search } = url
  if (pathname.startsWith('/admin')) return callAdmin(parts, request, url)
  if (pathname.startsWith('/artwork/')) return draw(url)
  if (pathname.startsWith('/exports')) return sendExport(parts, url)
  if (pathname.startsWith(MUSICBRAINZ)) return musicBrainz(parts.world.simulation.catalog, url)
  if (!isWebApi(pathname) && !ACCOUNTS.includes(pathname)) return text(404, 'Not found')
  const { world, tokens } = parts
  if (world.latencyMs > 0) await pause(world.latencyMs)
  const fault = world.faults.take(pathname + search, listenerOf(tokens, request.headers.authorization))
  if (fault && isListEdit(fault)) return callWebApi(parts, request, url, fault)
  if (fault) {
    const faulty = faultResponse(fault)
    if (!faulty) breakConnection(fault, response)
    return faulty
  }
  return isWebApi(pathname) ? callWebApi(parts, request, url) : callAccounts(parts, request, url)
}
