import type { APIRequestContext, APIResponse } from '@playwright/test'
import { z } from 'zod'
import { signatureOf } from '#inngest/engine/protocol/signing.ts'
import { TOKEN_SCOPES } from '#lib/api/lists.ts'
import { ErrorResponse } from '#lib/api/shapes.ts'
import { notFound } from '#lib/core/errors.ts'
import { readSecrets } from '#lib/core/secrets.ts'
import { ROLES, type Role, type Rule, readRules, readScopes } from './authorisation-table.ts'
import { expect, test } from './fixtures.ts'
import { DATA_FOLDER, ORIGIN } from './instance.ts'
import { ADMIN } from './sign-in.ts'

/** Checks docs/authorisation.md against a running app. app/authorisation.test.ts checks that every address is listed. */

const LISTENER = 'load-61'
const OTHER = 'load-62'
const CROSS_SITE_VISITOR = 'load-63'
const SCRIPT_WRITER = 'load-64'

const Made = z.object({ made: z.object({ id: z.string() }) })

const TOKEN = { name: 'for the table', scopes: ['read charts'], days: 1 }

const Saved = z.object({ channel: z.object({ id: z.string() }) })

/** Nothing listens at this address. */
const CHANNEL = { kind: 'webhook', label: 'Nobody', address: 'http://127.0.0.1:9/', events: ['failed'] }

const Sessions = z.object({ sessions: z.array(z.object({ id: z.string() })) })

const Import = z.object({ id: z.string() })

const Runs = z.object({ runs: z.array(z.object({ id: z.string() })) })

/** Rejected by validation, before any connection to Snowflake. */
const INVALID_CONNECTION = {
  account: '',
  user: '',
  method: 'key pair',
  role: '',
  warehouse: '',
  database: '',
  schema: '',
  tokenEndsOn: null,
}

const NO_PLAY = { playedAt: '2001-01-01T00:00:00.000Z', uri: 'spotify:track:none' }

/** Bodies of changes. Erasing gets a wrong name, so that authorized requests fail only for that. */
const BODIES: Record<string, object> = {
  'POST /api/erase': { confirm: 'nobody has this name' },
  'POST /api/exclusions': NO_PLAY,
  'DELETE /api/exclusions': NO_PLAY,
  'PUT /api/settings': { weekStart: 1 },
  'PUT /api/settings/schedules': { group: 'library' },
  'POST /api/channels': CHANNEL,
  'PUT /api/channels/[id]': { label: 'Nobody at all' },
  'POST /api/imports/[id]/answer': { kind: 'zone', zone: 'UTC' },
  'POST /api/chart-playlists': { playlist: 'none', chart: 'regional-global-weekly', day: '2026-01-01' },
  'POST /api/recordings': { trackId: 'none', recordingId: 'none either' },
  'DELETE /api/recordings': { trackId: 'none' },
  'POST /api/sql': { sql: 'select 1' },
  'POST /api/queries': { name: 'table', sql: 'select 1' },
  'DELETE /api/queries': { id: 'none' },
  'PUT /api/genres': { artistId: 'none', genres: [] },
  'PUT /api/genres/file': { csv: 'artist_id,artist_genre' },
  'PUT /api/inngest': { url: `${ORIGIN}/api/inngest` },
  'PUT /api/lake': { daily: false },
  'POST /api/lake/test': { name: '', region: '' },
  'PUT /api/warehouse': INVALID_CONNECTION,
  'POST /api/warehouse/test': INVALID_CONNECTION,
  'POST /api/warehouse/key': { deed: 'drop' },
  'PUT /api/warehouse/settings': { cadence: 'daily' },
  'PUT /api/admin/listeners/[id]': { suspended: true },
  'DELETE /api/admin/listeners/[id]': { confirm: 'nobody has this name' },
  'DELETE /api/admin/quota': { account: 'nobody has this name' },
  'POST /api/spotify-app': { clientId: 'not an id', clientSecret: 'not a secret' },
  // Rejected by validation: the test still needs its sessions.
  'DELETE /api/sessions': [],
  'POST /api/tokens': { name: 'of the table', scopes: ['read charts'], days: 1 },
  'POST /api/setup': { clientId: 'not an id', clientSecret: 'not a secret' },
}

/** Example URLs for paths that are not complete addresses. */
const EXAMPLES: Record<string, string> = {
  'GET /api/[...path]': '/api/nowhere',
  'POST /api/[...path]': '/api/nowhere',
  'PUT /api/[...path]': '/api/nowhere',
  'DELETE /api/[...path]': '/api/nowhere',
  'GET /api/auth/[...nextauth]': '/api/auth/csrf',
  'POST /api/auth/[...nextauth]': '/api/auth/signin/spotify',
  'GET /api/charts': '/api/charts?names=figures',
  'GET /api/charts/[chart]': '/api/charts/figures',
  'GET /api/runs/progress': '/api/runs/progress?ids=[id]',
  'GET /recap/[year]': '/recap/2020',
  'GET /api/search': '/api/search?q=a',
  'GET /api/tables/[file]': '/api/tables/user_top_tracks_st_stream.csv',
  'POST /api/inngest': '/api/inngest?fnId=none&stepId=step',
}

/** Other statuses that mean "authorized, but not like this or not now". */
const AUTHORIZED: Record<string, number[]> = {
  'POST /api/erase': [400],
  'POST /api/runs': [409],
  'POST /api/runs/[id]/rerun': [409],
  // The id is none of theirs.
  'GET /playlists/[id]': [404],
  // Nothing of theirs was loaded yet.
  'GET /api/tables/[file]': [404],
  // Nobody has music with this id.
  'GET /api/tracks/[id]': [404],
  'GET /tracks/[id]': [404],
  'GET /artists/[id]': [404],
  'GET /albums/[id]': [404],
  'GET /api/artists/[id]': [404],
  'GET /api/albums/[id]': [404],
  // Nobody saved this query, and one of the listeners has no data yet.
  'GET /api/queries/[name]': [404],
  'DELETE /api/queries': [404],
  'POST /api/sql': [409],
  // The role saved it in an earlier request.
  'POST /api/queries': [409],
  // Nobody played that.
  'POST /api/exclusions': [404],
  'DELETE /api/exclusions': [404],
  'DELETE /api/sessions': [400],
  // Nobody has this playlist.
  'POST /api/chart-playlists': [404],
  // The body is no form.
  'POST /api/imports': [415],
  // The import has failed: it needs no answer, and there is nothing to stop or undo.
  'POST /api/imports/[id]/answer': [409],
  'POST /api/imports/[id]/cancel': [409],
  'POST /api/imports/[id]/undo': [409],
  // Nobody has these songs and artists.
  'POST /api/recordings': [404],
  'PUT /api/genres': [404],
  'PUT /api/genres/file': [400],
  // It isn't damaged, and a load may be running.
  'POST /api/connections/rebuild': [409, 503],
  // Nothing has been published.
  'GET /api/lake/files.zip': [409],
  // Nothing is connected.
  'DELETE /api/warehouse': [409],
  'POST /api/warehouse/load': [409],
  'POST /api/warehouse/key': [409],
  'PUT /api/warehouse/settings': [409],
  'PUT /api/admin/listeners/[id]': [404],
  'DELETE /api/admin/listeners/[id]': [404],
  'DELETE /api/admin/invites/[id]': [404],
  'DELETE /api/admin/quota': [404],
  // Without a CSRF token, next-auth redirects to its form.
  'POST /api/auth/[...nextauth]': [302],
  // There is no function with that name.
  'POST /api/inngest': [500],
}

const nameOf = ({ method, path }: Rule) => `${method} ${path}`

/** @param headers computed from the body */
function call(
  request: APIRequestContext,
  rule: Rule,
  {
    runId,
    channelId = 'any',
    tokenId = 'any',
    sessionId = 'any',
    importId = 'any',
    headers,
  }: {
    runId: string
    importId?: string
    channelId?: string
    tokenId?: string
    sessionId?: string
    headers: (body: string) => Record<string, string>
  },
): Promise<APIResponse> {
  const body = rule.method === 'GET' ? '' : JSON.stringify(BODIES[nameOf(rule)] ?? {})
  const ids = Object.entries({
    '/api/channels/': channelId,
    '/api/tokens/': tokenId,
    '/api/sessions/': sessionId,
    '/api/imports/': importId,
  })
  const id = ids.find(([path]) => rule.path.startsWith(path))?.[1] ?? runId
  return request.fetch((EXAMPLES[nameOf(rule)] ?? rule.path).replace('[id]', id), {
    method: rule.method,
    headers: headers(body),
    maxRedirects: 0,
    ...(body ? { data: body } : {}),
  })
}

/** An import that fails, because its file has nothing to import. @returns its id */
async function failedImport(request: APIRequestContext): Promise<string> {
  const file = { name: 'nothing.json', mimeType: 'application/json', buffer: Buffer.from('[]') }
  const { id } = Import.parse(await (await request.post('/api/imports', { multipart: { files: file } })).json())
  await expect.poll(async () => (await (await request.get(`/api/imports/${id}`)).json()).state).toBe('failed')
  return id
}

const plain = (): Record<string, string> => ({ 'content-type': 'application/json' })

/** Headers as Inngest, or the embedded engine, sends them. */
function signed(body: string): Record<string, string> {
  const signingKey = readSecrets(DATA_FOLDER)?.signingKey ?? ''
  return {
    ...plain(),
    'x-inngest-sync-kind': 'in_band',
    'x-inngest-signature': signatureOf(body, signingKey, new Date()),
  }
}

/** Classifies a response in the terms of the table. */
async function outcomeOf(response: APIResponse, rule: Rule): Promise<string> {
  const status = response.status()
  const location = response.headers().location
  if (status === 307 && location === '/') return 'start'
  if (status === 307 && location === '/overview') return 'overview'
  if (status === 307 && location && REDIRECTS.test(location)) return 'passed'
  if (response.ok()) return 'passed'
  // Unauthorized requests are rejected before anything is looked up, by the 404 of an address that doesn't exist.
  const isHidden = status === 404 && (await errorOf(response))?.message === notFound().message
  if (!isHidden && AUTHORIZED[nameOf(rule)]?.includes(status)) return 'passed'
  return String(status)
}

async function errorOf(response: APIResponse): Promise<ErrorResponse['error'] | null> {
  const isJson = response.headers()['content-type']?.includes('application/json')
  return isJson ? ErrorResponse.parse(await response.json()).error : null
}

/** Where /top and /recap redirect to. */
const REDIRECTS = /^\/(top\/tracks|recap\/\d{4})$/

const ALLOWED = ['yes', 'own', 'open']

test.describe('authorisation', () => {
  test('every address responds to every role as documented', async ({ pageOf, idlePageOf, emptyPage }) => {
    const [nobody, listener, other, admin, engine] = await Promise.all([
      emptyPage(),
      pageOf(LISTENER),
      idlePageOf(OTHER),
      pageOf(ADMIN),
      emptyPage(),
    ])
    const { runs } = Runs.parse(await (await listener.request.get('/api/runs')).json())
    const runId = runs[0]?.id ?? ''
    const { channel } = Saved.parse(await (await listener.request.post('/api/channels', { data: CHANNEL })).json())
    const { made } = Made.parse(await (await listener.request.post('/api/tokens', { data: TOKEN })).json())
    const importId = await failedImport(listener.request)
    // A second browser, for what signs it out.
    const { request: elsewhere } = await idlePageOf(LISTENER)
    const { sessions } = Sessions.parse(await (await elsewhere.get('/api/sessions')).json())
    const browsers: Record<Role, APIRequestContext> = {
      anonymous: nobody.request,
      listener: listener.request,
      other: other.request,
      admin: admin.request,
      engine: engine.request,
    }
    for (const rule of readRules()) {
      for (const role of ROLES) {
        const expected = ALLOWED.includes(rule.gets[role]) ? 'passed' : rule.gets[role]
        const response = await call(browsers[role], rule, {
          runId,
          channelId: channel.id,
          tokenId: made.id,
          sessionId: sessions[0]?.id ?? '',
          importId,
          headers: role === 'engine' ? signed : plain,
        })
        expect.soft(await outcomeOf(response, rule), `${nameOf(rule)} for ${role}`).toBe(expected)
      }
    }
  })

  test('rejects every change from another site', async ({ idlePageOf }) => {
    const { request } = await idlePageOf(CROSS_SITE_VISITOR)
    const changes = readRules().filter(
      ({ method, path }) =>
        method !== 'GET' && !['/api/inngest', '/api/[...path]'].includes(path) && !path.startsWith('/api/auth/'),
    )
    expect(changes.length).toBeGreaterThan(5)
    const foreign: Record<string, string>[] = [
      { origin: 'https://elsewhere.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const rule of changes) {
      for (const from of foreign) {
        const response = await call(request, rule, { runId: 'any', headers: () => ({ ...plain(), ...from }) })
        expect.soft(response.status(), `${nameOf(rule)} with ${JSON.stringify(from)}`).toBe(403)
      }
    }
    const own = await request.put('/api/settings', { headers: { origin: ORIGIN }, data: { weekStart: 1 } })
    expect(own.status()).toBe(200)
  })

  test('a token opens the addresses of its scope and nothing else', async ({ pageOf, emptyPage }) => {
    const [writer, admin, script] = await Promise.all([pageOf(SCRIPT_WRITER), pageOf(ADMIN), emptyPage()])
    const scopes = readScopes()
    const kinds = [...new Set(scopes.values())]
    expect(kinds.sort()).toEqual([...TOKEN_SCOPES].sort())
    const tokenOf = async (request: APIRequestContext, granted: string[]) => {
      const created = await request.post('/api/tokens', { data: { name: 'of a script', scopes: granted, days: 1 } })
      return z.object({ token: z.string() }).parse(await created.json()).token
    }
    const runIdOf = async (request: APIRequestContext) =>
      Runs.parse(await (await request.get('/api/runs')).json()).runs[0]?.id ?? ''
    const runId = await runIdOf(writer.request)
    const importId = await failedImport(writer.request)
    const bearer = (token: string) => () => ({ ...plain(), authorization: `Bearer ${token}` })

    for (const kind of kinds) {
      const headers = bearer(await tokenOf(writer.request, [kind]))
      for (const rule of readRules()) {
        const needed = scopes.get(nameOf(rule))
        // Addresses without a scope behave the same for every token; one kind is enough.
        if (!needed && kind !== kinds[0]) continue
        const anonymous = ALLOWED.includes(rule.gets.anonymous) ? 'passed' : rule.gets.anonymous
        const refused = anonymous === '401' && rule.path !== '/api/inngest' ? '403' : anonymous
        const response = await call(script.request, rule, { runId, importId, headers })
        const expected = needed === kind ? 'passed' : refused
        expect.soft(await outcomeOf(response, rule), `${nameOf(rule)} with a token to ${kind}`).toBe(expected)
      }
    }

    const asAdmin = bearer(await tokenOf(admin.request, kinds))
    for (const rule of readRules().filter(
      ({ method, path }) => scopes.get(`${method} ${path}`) && path.includes('[id]'),
    )) {
      const response = await call(script.request, rule, { runId, importId, headers: asAdmin })
      expect.soft(response.status(), `${nameOf(rule)} of another listener with an admin's token`).toBe(404)
    }
    const fakeToken = await script.request.get('/api/runs', { headers: bearer('tracklake_made_up')() })
    expect(fakeToken.status()).toBe(401)
  })
})
