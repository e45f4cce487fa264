import type { APIRequestContext, APIResponse } from '@playwright/test'
import { z } from 'zod'
import { signatureOf } from '../inngest/engine/signing.ts'
import { readSecrets } from '../lib/secrets.ts'
import { ROLES, type Role, type Rule, readRules, readScopes } from './authorisation-table.ts'
import { expect, test } from './fixtures.ts'
import { DATA_FOLDER, ORIGIN } from './instance.ts'
import { ADMIN } from './sign-in.ts'

/** docs/authorisation.md against a running app. That each address is listed is shown by app/authorisation.test.ts. */

const LISTENER = 'load-61'
const OTHER = 'load-62'
const VISITOR_OF_ANOTHER_SITE = 'load-63'
const SCRIPT_WRITER = 'load-64'

const Saved = z.object({ channel: z.object({ id: z.string() }) })

/** Nobody listens there. */
const CHANNEL = { kind: 'webhook', label: 'Nobody', address: 'http://127.0.0.1:9/', events: ['failed'] }

const Runs = z.object({ runs: z.array(z.object({ id: z.string() })) })

/** Refused for its fields, before anything is asked of Snowflake. */
const NO_CONNECTION = {
  account: '',
  user: '',
  method: 'key pair',
  role: '',
  warehouse: '',
  database: '',
  schema: '',
  tokenEndsOn: null,
}

/** What a change is asked with. Erasing gets a name that is nobody's: who passes the gate is refused for that alone. */
const BODIES: Record<string, object> = {
  'POST /api/erase': { confirm: 'nobody has this name' },
  'PUT /api/settings': { weekStart: 1 },
  'PUT /api/settings/schedules': { group: 'library' },
  'POST /api/channels': CHANNEL,
  'PUT /api/channels/[id]': { label: 'Nobody at all' },
  'PUT /api/inngest': { url: `${ORIGIN}/api/inngest` },
  'PUT /api/warehouse': NO_CONNECTION,
  'POST /api/warehouse/test': NO_CONNECTION,
  'POST /api/warehouse/key': { deed: 'drop' },
  'PUT /api/warehouse/settings': { cadence: 'daily' },
  // Nobody has the id of a run.
  'PUT /api/admin/listeners/[id]': { suspended: true },
  'DELETE /api/admin/listeners/[id]': { confirm: 'nobody has this name' },
  'DELETE /api/admin/quota': { account: 'nobody has this name' },
  'POST /api/spotify-app': { clientId: 'not an id', clientSecret: 'not a secret' },
  'POST /api/tokens': { name: 'of the table', scopes: ['read charts'], days: 1 },
  'POST /api/setup': { clientId: 'not an id', clientSecret: 'not a secret' },
}

/** What is asked for where the path alone is no address. */
const EXAMPLES: Record<string, string> = {
  'GET /api/auth/[...nextauth]': '/api/auth/csrf',
  'POST /api/auth/[...nextauth]': '/api/auth/signin/spotify',
  'GET /api/charts': '/api/charts?names=figures',
  'GET /api/charts/[chart]': '/api/charts/figures',
  'GET /api/runs/progress': '/api/runs/progress?ids=[id]',
  'POST /api/inngest': '/api/inngest?fnId=none&stepId=step',
}

/** Statuses beyond 2xx that say "you may, but not so or not now". */
const PASSED: Record<string, number[]> = {
  'POST /api/erase': [400],
  'POST /api/runs': [409],
  'POST /api/runs/[id]/rerun': [409],
  // Nothing is connected.
  'DELETE /api/warehouse': [409],
  'POST /api/warehouse/load': [409],
  'POST /api/warehouse/key': [409],
  'PUT /api/warehouse/settings': [409],
  'PUT /api/admin/listeners/[id]': [404],
  'DELETE /api/admin/listeners/[id]': [404],
  'DELETE /api/admin/invites/[id]': [404],
  'DELETE /api/admin/quota': [404],
  'DELETE /api/tokens/[id]': [404],
  // Without the token against forged requests the way leads to the form.
  'POST /api/auth/[...nextauth]': [302],
  // There is no function of that name.
  'POST /api/inngest': [500],
}

const nameOf = ({ method, path }: Rule) => `${method} ${path}`

/** @param headers that go along with the body that is sent */
function ask(
  request: APIRequestContext,
  rule: Rule,
  {
    runId,
    channelId = 'any',
    headers,
  }: { runId: string; channelId?: string; headers: (body: string) => Record<string, string> },
): Promise<APIResponse> {
  const body = rule.method === 'GET' ? '' : JSON.stringify(BODIES[nameOf(rule)] ?? {})
  const id = rule.path.startsWith('/api/channels/') ? channelId : runId
  return request.fetch((EXAMPLES[nameOf(rule)] ?? rule.path).replace('[id]', id), {
    method: rule.method,
    headers: headers(body),
    maxRedirects: 0,
    ...(body ? { data: body } : {}),
  })
}

const plain = (): Record<string, string> => ({ 'content-type': 'application/json' })

/** As Inngest, or the embedded engine, calls the app. */
function signed(body: string): Record<string, string> {
  const signingKey = readSecrets(DATA_FOLDER)?.signingKey ?? ''
  return {
    ...plain(),
    'x-inngest-sync-kind': 'in_band',
    'x-inngest-signature': signatureOf(body, signingKey, new Date()),
  }
}

/** What came back, in the words of the table. */
async function outcomeOf(answer: APIResponse, rule: Rule): Promise<string> {
  const status = answer.status()
  const location = answer.headers().location
  if (status === 307 && location === '/') return 'start'
  if (status === 307 && location === '/overview') return 'overview'
  if (status === 307 && location === FIRST_TOP_LIST) return 'passed'
  if (answer.ok()) return 'passed'
  // Whoever may not ask at all is told so before anything is looked up.
  const isStranger = status === 404 && /There is nothing here/.test(await answer.text())
  if (!isStranger && PASSED[nameOf(rule)]?.includes(status)) return 'passed'
  return String(status)
}

/** Where /top leads to. */
const FIRST_TOP_LIST = '/top/tracks'

const PASSING = ['yes', 'own', 'open']

test.describe('authorisation', () => {
  test('every address answers every role as the table says', async ({ pageOf, idlePageOf, emptyPage }) => {
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
    const browsers: Record<Role, APIRequestContext> = {
      anonymous: nobody.request,
      listener: listener.request,
      other: other.request,
      admin: admin.request,
      engine: engine.request,
    }
    for (const rule of readRules()) {
      for (const role of ROLES) {
        const wanted = PASSING.includes(rule.gets[role]) ? 'passed' : rule.gets[role]
        const answer = await ask(browsers[role], rule, {
          runId,
          channelId: channel.id,
          headers: role === 'engine' ? signed : plain,
        })
        expect.soft(await outcomeOf(answer, rule), `${nameOf(rule)} for ${role}`).toBe(wanted)
      }
    }
  })

  test('no change is taken from another site', async ({ idlePageOf }) => {
    const { request } = await idlePageOf(VISITOR_OF_ANOTHER_SITE)
    const changes = readRules().filter(
      ({ method, path }) => method !== 'GET' && path !== '/api/inngest' && !path.startsWith('/api/auth/'),
    )
    expect(changes.length).toBeGreaterThan(5)
    const foreign: Record<string, string>[] = [
      { origin: 'https://elsewhere.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const rule of changes) {
      for (const from of foreign) {
        const answer = await ask(request, rule, { runId: 'any', headers: () => ({ ...plain(), ...from }) })
        expect.soft(answer.status(), `${nameOf(rule)} with ${JSON.stringify(from)}`).toBe(403)
      }
    }
    const own = await request.put('/api/settings', { headers: { origin: ORIGIN }, data: { weekStart: 1 } })
    expect(own.status()).toBe(200)
  })

  test('tokens open what is listed for their scope, and refuse everything else', async ({ pageOf, emptyPage }) => {
    const [writer, admin, script] = await Promise.all([pageOf(SCRIPT_WRITER), pageOf(ADMIN), emptyPage()])
    const scopes = readScopes()
    const kinds = [...new Set(scopes.values())]
    expect(kinds.sort()).toEqual(['read charts', 'read runs', 'start runs'])
    const tokenOf = async (request: APIRequestContext, wanted: string[]) => {
      const made = await request.post('/api/tokens', { data: { name: wanted.join(), scopes: wanted, days: 1 } })
      return z.object({ token: z.string() }).parse(await made.json()).token
    }
    const runIdOf = async (request: APIRequestContext) =>
      Runs.parse(await (await request.get('/api/runs')).json()).runs[0]?.id ?? ''
    const runId = await runIdOf(writer.request)
    const bearer = (token: string) => () => ({ ...plain(), authorization: `Bearer ${token}` })

    for (const kind of kinds) {
      const headers = bearer(await tokenOf(writer.request, [kind]))
      for (const rule of readRules()) {
        const needed = scopes.get(nameOf(rule))
        // What takes no tokens asks for no scope: one kind shows it for all.
        if (!needed && kind !== kinds[0]) continue
        const stranger = PASSING.includes(rule.gets.anonymous) ? 'passed' : rule.gets.anonymous
        const refused = stranger === '401' && rule.path !== '/api/inngest' ? '403' : stranger
        const answer = await ask(script.request, rule, { runId, headers })
        const wanted = needed === kind ? 'passed' : refused
        expect.soft(await outcomeOf(answer, rule), `${nameOf(rule)} with a token to ${kind}`).toBe(wanted)
      }
    }

    const asAdmin = bearer(await tokenOf(admin.request, kinds))
    for (const rule of readRules().filter(
      ({ method, path }) => scopes.get(`${method} ${path}`) && path.includes('[id]'),
    )) {
      const answer = await ask(script.request, rule, { runId, headers: asAdmin })
      expect.soft(answer.status(), `${nameOf(rule)} of another listener with an admin's token`).toBe(404)
    }
    const madeUp = await script.request.get('/api/runs', { headers: bearer('tracklake_made_up')() })
    expect(madeUp.status()).toBe(401)
  })
})
