import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { HttpError, type HttpResponse, html, json } from '#simulator/core/http.ts'
import { DEMO_LISTENERS, findListener } from '#simulator/music/listeners.ts'
import type { App } from '#simulator/world/apps.ts'
import type { Consent } from '#simulator/world/consents.ts'
import type { World } from '#simulator/world/world.ts'
import { consentPage, isScope, pageHeaders, problemPage } from './consent-page.ts'
import { ACCESS_LIFETIME, REFRESH_LIFETIME, type Tokens } from './tokens.ts'

/** The accounts service: consent in the browser, tokens for the app. It sets no cookies and remembers only used codes. */

interface Parts {
  tokens: Tokens
  world: World
}

export type Accounts = ReturnType<typeof createAccounts>

/** How many used codes are remembered; they expire after ten minutes anyway. */
const MAX_USED_CODES = 10_000

function pageError(problem: string): HttpError {
  return new HttpError(html(400, problemPage(problem), pageHeaders()))
}

function oauthError(error: string, description: string, status = 400): HttpError {
  return new HttpError(json(status, { error, error_description: description }))
}

function redirect(to: string, parameters: Record<string, string | null>): HttpResponse {
  const url = new URL(to)
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value)
  return { status: 303, type: 'text/plain', body: '', headers: { location: url.href, 'cache-control': 'no-store' } }
}

/** HTTPS, or HTTP to a loopback address. Since April 2025 the name localhost is refused. */
function checkRedirectUri(redirectUri: string | null): string {
  const url = redirectUri && URL.canParse(redirectUri) ? new URL(redirectUri) : undefined
  if (!redirectUri || !url || url.hash || !/^https?:$/.test(url.protocol))
    throw pageError('INVALID_CLIENT: Invalid redirect URI')
  const loopback = url.hostname === '127.0.0.1' || url.hostname === '[::1]'
  if (url.hostname === 'localhost' || (url.protocol === 'http:' && !loopback))
    throw pageError('INVALID_CLIENT: Insecure redirect URI')
  return redirectUri
}

/** The app's origin for form-action. A content security policy can't name IPv6 addresses, so they get the scheme only. */
function formTarget(redirectUri: string): string {
  const { origin, protocol, hostname } = new URL(redirectUri)
  return hostname.startsWith('[') ? protocol : origin
}

function checkChallenge(query: URLSearchParams): string | null {
  const challenge = query.get('code_challenge')
  if (challenge === null) return null
  if (query.get('code_challenge_method') !== 'S256') throw pageError('code_challenge_method must be S256')
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw pageError('code_challenge must be a base64url SHA-256')
  return challenge
}

/** Some clients encode the id. @returns an empty id if it can't be decoded */
function decodeId(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return ''
  }
}

function isEqual(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return x !== undefined && y !== undefined && timingSafeEqual(x, y)
}

/** The cookie with the listener who agreed last. Browsers share cookies between ports, so its name must be its own. */
const LAST_LISTENER = 'simulated-spotify-listener'

export function createAccounts({ tokens, world }: Parts) {
  const { consents, conditions, apps } = world
  const now = () => world.now()
  const usedCodes = new Set<string>()

  /** The token endpoint's response. A refresh has a new refresh token only if tokens rotate. */
  function tokenResponse(consent: Consent, refreshToken: string | undefined) {
    return {
      access_token: tokens.access(consent, now()),
      token_type: 'Bearer',
      expires_in: ACCESS_LIFETIME / 1000,
      ...(refreshToken ? { refresh_token: refreshToken } : {}),
      scope: consent.scopes.join(' '),
    }
  }

  function newConsent(listener: string, client: string | undefined, scopes: string[]): Consent {
    return { listener, client, scopes, authorizedAt: consents.startOf(listener, now()) }
  }

  /** GET /authorize: always the consent page. Who agreed last in this browser is chosen already, as if signed in to Spotify. */
  function authorize(query: URLSearchParams, cookies = ''): HttpResponse {
    const app = apps.find(query.get('client_id') ?? '')
    if (!app) throw pageError('INVALID_CLIENT: Invalid client')
    const redirectUri = checkRedirectUri(query.get('redirect_uri'))
    if (app.redirectUris && !app.redirectUris.includes(redirectUri))
      throw pageError('INVALID_CLIENT: Invalid redirect URI')
    if (query.get('response_type') !== 'code') throw pageError('response_type must be code')
    const scopes = (query.get('scope') ?? '').split(' ').filter(Boolean)
    if (!scopes.every(isScope)) throw pageError('INVALID_SCOPE: Invalid scope')
    const showDialog = query.get('show_dialog')
    if (showDialog !== null && !['true', 'false'].includes(showDialog))
      throw pageError('show_dialog must be true or false')
    const challenge = checkChallenge(query)
    const state = query.get('state')
    const request = tokens.request({ client: app.clientId, redirectUri, state, scopes, challenge }, now())
    const last = new RegExp(`(?:^|; )${LAST_LISTENER}=([\\w-]+)`).exec(cookies)?.[1]
    return html(200, consentPage(DEMO_LISTENERS, scopes, request, last), pageHeaders(formTarget(redirectUri)))
  }

  /** POST /authorize: the form of the consent page. */
  function decide(form: URLSearchParams): HttpResponse {
    const request = tokens.openRequest(form.get('request') ?? '')
    if (!request || request.expiresAt <= now())
      throw pageError('This page is too old. Go back to the app and start again.')
    const { client, redirectUri, state, scopes, challenge } = request
    if (form.get('decision') !== 'agree') return redirect(redirectUri, { error: 'access_denied', state })
    const listener = findListener(form.get('listener') ?? '')
    if (!listener) throw pageError('Choose a listener')
    const code = { ...newConsent(listener.id, client, scopes), redirectUri, challenge, nonce: randomUUID() }
    const response = redirect(redirectUri, { code: tokens.code(code, now()), state })
    const cookie = `${LAST_LISTENER}=${listener.id}; Path=/authorize; HttpOnly; SameSite=Lax`
    return { ...response, headers: { ...response.headers, 'set-cookie': cookie } }
  }

  /** HTTP Basic. Some clients form-encode id and secret before joining them. */
  function checkClient(authorization: string | undefined): App {
    const [scheme = '', encoded = ''] = (authorization ?? '').split(' ')
    const credentials = Buffer.from(encoded, 'base64').toString('utf8')
    const [id = ''] = credentials.split(':')
    const app = apps.find(id) ?? apps.find(decodeId(id))
    if (scheme.toLowerCase() !== 'basic' || !app) throw oauthError('invalid_client', 'Invalid client')
    const { clientId, clientSecret } = app
    const isPlain = isEqual(credentials, `${clientId}:${clientSecret}`)
    const isEncoded = isEqual(credentials, `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)
    if (conditions.wrongSecret || !(isPlain || isEncoded)) throw oauthError('invalid_client', 'Invalid client secret')
    return app
  }

  /** Codes and refresh tokens are valid only for the app they were issued to. */
  const belongsTo = (app: App, consent: Consent) => apps.find(consent.client)?.clientId === app.clientId

  function exchange(app: App, form: URLSearchParams) {
    const code = tokens.openCode(form.get('code') ?? '')
    if (!code || !belongsTo(app, code) || usedCodes.has(code.nonce))
      throw oauthError('invalid_grant', 'Invalid authorization code')
    if (code.expiresAt <= now()) throw oauthError('invalid_grant', 'Authorization code expired')
    if (form.get('redirect_uri') !== code.redirectUri) throw oauthError('invalid_grant', 'Invalid redirect URI')
    const verifier = form.get('code_verifier')
    const challenge = verifier === null ? null : createHash('sha256').update(verifier).digest('base64url')
    if (challenge !== code.challenge) throw oauthError('invalid_grant', 'code_verifier was incorrect')
    if (usedCodes.size >= MAX_USED_CODES) usedCodes.clear()
    usedCodes.add(code.nonce)
    return tokenResponse(code, tokens.refresh(code, consents.rotationOf(code)))
  }

  function refresh(app: App, form: URLSearchParams) {
    const token = tokens.openRefresh(form.get('refresh_token') ?? '')
    if (!token || !belongsTo(app, token)) throw oauthError('invalid_grant', 'Invalid refresh token')
    const reason = consents.endReason(token)
    if (reason === 'expired' || token.authorizedAt + REFRESH_LIFETIME <= now())
      throw oauthError('invalid_grant', 'Refresh token expired')
    if (reason === 'revoked' || token.rotation < consents.rotationOf(token))
      throw oauthError('invalid_grant', 'Refresh token revoked')
    if (!conditions.rotation) return tokenResponse(token, undefined)
    consents.setRotation(token, token.rotation + 1)
    return tokenResponse(token, tokens.refresh(token, token.rotation + 1))
  }

  /** POST /api/token */
  function token(authorization: string | undefined, form: URLSearchParams): HttpResponse {
    const app = checkClient(authorization)
    const grant = form.get('grant_type')
    if (grant === 'authorization_code') return json(200, exchange(app, form), { 'cache-control': 'no-store' })
    if (grant === 'refresh_token') return json(200, refresh(app, form), { 'cache-control': 'no-store' })
    throw oauthError('unsupported_grant_type', 'grant_type must be authorization_code or refresh_token')
  }

  return {
    authorize,
    decide,
    token,
    /** Tokens as if the listener had just consented, for tests without a browser. */
    grant(listener: string, scopes: string[], client?: string) {
      const consent = newConsent(listener, client, scopes)
      return tokenResponse(consent, tokens.refresh(consent, consents.rotationOf(consent)))
    },
  }
}
