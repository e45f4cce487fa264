import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'

/**
 * Tokens that carry what they stand for and a signature, so that they survive a restart. Times are milliseconds.
 */

export const ACCESS_LIFETIME = HOUR
/** Since June 2026 refresh tokens end six months after the consent, however often they are used. */
export const REFRESH_LIFETIME = 180 * DAY
const CODE_LIFETIME = 10 * MINUTE
const REQUEST_LIFETIME = HOUR

/** What a listener agreed to, when, and with which app. */
export interface Consent {
  listener: string
  /** Client id; missing in tokens that are older than the second app. */
  client?: string | undefined
  scopes: string[]
  authorizedAt: number
}

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
const REFRESH = z.object({ kind: z.literal('refresh'), ...consent, turn: z.number() })

/** What the app asked for, carried through the consent page. */
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

  /** What a token of this shape says, or undefined if it is none of ours. */
  function open<T>(shape: z.ZodType<T>, token: string): T | undefined {
    const [body = '', signature = ''] = token.split('.')
    const expected = createHmac('sha256', key).update(body).digest()
    const given = Buffer.from(signature, 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    const parsed = shape.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
    return parsed.success ? parsed.data : undefined
  }

  return {
    request: (asked: Omit<AuthorizeRequest, 'kind' | 'expiresAt'>, now: number) =>
      sign({ kind: 'request', ...asked, expiresAt: now + REQUEST_LIFETIME }),
    code: (given: Omit<Code, 'kind' | 'expiresAt'>, now: number) =>
      sign({ kind: 'code', ...given, expiresAt: now + CODE_LIFETIME }),
    access: ({ listener, client, scopes, authorizedAt }: Consent, now: number) =>
      sign({ kind: 'access', listener, client, scopes, authorizedAt, expiresAt: now + ACCESS_LIFETIME }),
    /** @param turn grows with every rotation */
    refresh: ({ listener, client, scopes, authorizedAt }: Consent, turn: number) =>
      sign({ kind: 'refresh', listener, client, scopes, authorizedAt, turn }),

    openRequest: (token: string) => open(REQUEST, token),
    openCode: (token: string) => open(CODE, token),
    openAccess: (token: string) => open(ACCESS, token),
    openRefresh: (token: string) => open(REFRESH, token),
  }
}
