import { z } from 'zod'
import { DAY, HOUR, now, SECOND } from '#lib/core/clock.ts'
import { Reconnect, Stop } from '#lib/core/errors.ts'
import { request } from './client.ts'
import { failureOf, malformed } from './failures.ts'

/** A client id and secret of the Spotify developer dashboard. */
export interface AppCredentials {
  clientId: string
  clientSecret: string
}

/** Becomes a header or a field of a form. */
const Token = z
  .string()
  .max(10_000)
  .regex(/^[\x21-\x7e]+$/)

/** https://developer.spotify.com/documentation/web-api/tutorials/code-flow; a refresh may omit the refresh token. */
const Tokens = z.object({
  access_token: Token,
  token_type: z.string().default('Bearer'),
  scope: z.string().default(''),
  // An hour in practice. With an odd value, the token is refreshed too early or too late, which also works.
  expires_in: z
    .int()
    .positive()
    .max(DAY / SECOND)
    .catch(HOUR / SECOND),
  refresh_token: Token.optional().catch(undefined),
})

export type Tokens = z.infer<typeof Tokens>

const Refusal = z.object({ error: z.string(), error_description: z.string().optional() })

const DEADLINE_MS = 15_000

/** A consent expires this long after it was given, no matter how often tokens are refreshed (Spotify, June 2026). */
export const CONSENT_MS = 180 * DAY

/** Exchanges the code of a consent. @throws Reconnect (code expired), Stop (wrong secret), Transient */
export function exchangeCode(
  accountsUrl: string,
  app: AppCredentials,
  { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier: string },
): Promise<Tokens> {
  return token(accountsUrl, app, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
}

/** A new access token. If the response has no refresh token, the old one stays valid. @throws as exchangeCode */
export function refresh(accountsUrl: string, app: AppCredentials, refreshToken: string): Promise<Tokens> {
  return token(accountsUrl, app, { grant_type: 'refresh_token', refresh_token: refreshToken })
}

/**
 * Requests the consent page like a browser, without a listener.
 * @returns the error on Spotify's page; empty if Spotify would show the consent page or its sign-in
 * @throws Transient or Wait if the response says nothing about the app
 */
export async function checkAuthorize(
  accountsUrl: string,
  { clientId, redirectUri }: { clientId: string; redirectUri: string },
): Promise<string> {
  const url = new URL(`${accountsUrl}/authorize`)
  url.search = new URLSearchParams({ client_id: clientId, response_type: 'code', redirect_uri: redirectUri }).toString()
  const { status, retryAfter, text } = await request(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  if (status >= 500 || status === 429)
    throw failureOf({ status, retryAfter, message: '', reason: null }, now(), { endpoint: '/authorize' })
  return status >= 400 ? text.slice(0, 10_000) : ''
}

async function token(accountsUrl: string, app: AppCredentials, form: Record<string, string>): Promise<Tokens> {
  const { status, retryAfter, text } = await request(new URL(`${accountsUrl}/api/token`), {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(form).toString(),
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  if (status === 200) {
    const parsed = Tokens.safeParse(json(text))
    if (parsed.success) return parsed.data
    throw malformed('the tokens are missing', parsed.error, { endpoint: '/api/token' })
  }
  throw refusal(status, retryAfter, text)
}

function refusal(status: number, retryAfter: string | null, text: string): Error {
  const { data } = Refusal.safeParse(json(text))
  const context = { endpoint: '/api/token', spotifyMessage: data?.error_description ?? data?.error ?? '' }
  if (data?.error === 'invalid_client') {
    return new Stop('Spotify does not accept the client secret of the app', {
      remedy:
        'Copy the client secret from developer.spotify.com/dashboard again and enter it on /setup or in SPOTIFY_CLIENT_SECRET.',
      context: { ...context, kind: 'wrong-secret' },
    })
  }
  if (data?.error === 'invalid_grant') {
    const hasExpired = /expired/i.test(data.error_description ?? '')
    return new Reconnect(
      hasExpired
        ? 'Your consent has expired, as it does every six months'
        : 'The consent was revoked on Spotify, or the sign-in took too long',
      {
        remedy: 'Press "Reconnect" on Connections. Everything loaded so far stays.',
        context: { ...context, kind: 'token', hasExpired },
      },
    )
  }
  return failureOf({ status, retryAfter, message: data?.error ?? text.slice(0, 200), reason: null }, now(), context)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
