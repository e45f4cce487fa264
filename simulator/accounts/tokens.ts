import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import type { Consent } from '#simulator/world/consents.ts'

/** Tokens contain their data and a signature, so they survive a restart. Times are in milliseconds. */

export const ACCESS_LIFETIME = HOUR
/** Since June 2026 refresh tokens expire six months after the consent, even if they are used. */
export const REFRESH_LIFETIME = 180 * DAY
const CODE_LIFETIME = 10 * MINUTE
const REQUEST_LIFETIME = HOUR

const client = z.string().optional()
const consent = { listener: z.string(), client, scopes: z.array(z.string()), authorizedAt: z.number() }

const REQUEST = z.object({
  kind: z.literal('request'),
  client,
  redirectUri: z.string(),
  state: z.string().nullable(),
  scopes: z.array(z.string()),
  challenge: z.string().nullable(),
  expiresAt: z.number(),
})
const CODE = z.object({
  kind: z.literal('code'),
  ...consent,
  redirectUri: z.string(),
  challenge: z.string().nullable(),
  nonce: z.string(),
  expiresAt: z.number(),
})
const ACCESS = z.object({ kind: z.literal('access'), ...consent, expiresAt: z.number() })
/** `turn` counts rotations. It keeps its name because demos store these tokens. */
const REFRESH = z.object({ kind: z.literal('refresh'), ...consent, turn: z.number() })

/** What the app requested. The consent page's form returns it. */
type AuthorizeRequest = z.infer<typeof REQUEST>
type Code = z.infer<typeof CODE>
type AccessToken = z.infer<typeof ACCESS>
type RefreshToken = z.infer<typeof REFRESH>

export type Tokens = ReturnType<typeof createTokens>

export function createTokens(seed: number, clientId: string, clientSecret: string) {
  const key = createHmac('sha256', clientSecret).update(`${seed} ${clientId}`).digest()

  function sign(value: AuthorizeRequest | Code | AccessToken | RefreshToken): string {
    const body = Buffer.from(JSON.stringify(value)).toString('base64url')
    return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`
  }

  /** The token's data, or undefined if we didn't sign it. */
  function open<T>(shape: z.ZodType<T>, token: string): T | undefined {
    const [body = '', signature = ''] = token.split('.')
    const expected = createHmac('sha256', key).update(body).digest()
    const actual = Buffer.from(signature, 'base64url')
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return undefined
    const parsed = shape.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
    return parsed.success ? parsed.data : undefined
  }

  return {
    request: (request: Omit<AuthorizeRequest, 'kind' | 'expiresAt'>, now: number) =>
      sign({ kind: 'request', ...request, expiresAt: now + REQUEST_LIFETIME }),
    code: (code: Omit<Code, 'kind' | 'expiresAt'>, now: number) =>
      sign({ kind: 'code', ...code, expiresAt: now + CODE_LIFETIME }),
    access: ({ listener, client, scopes, authorizedAt }: Consent, now: number) =>
      sign({ kind: 'access', listener, client, scopes, authorizedAt, expiresAt: now + ACCESS_LIFETIME }),
    /** @param rotation counts the rotations of this consent */
    refresh: ({ listener, client, scopes, authorizedAt }: Consent, rotation: number) =>
      sign({ kind: 'refresh', listener, client, scopes, authorizedAt, turn: rotation }),

    openRequest: (token: string) => open(REQUEST, token),
    openCode: (token: string) => open(CODE, token),
    openAccess: (token: string) => open(ACCESS, token),
    openRefresh: (token: string) => open(REFRESH, token),
  }
}
