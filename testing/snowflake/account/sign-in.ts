import { createHash, createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'
import { SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import type { Account, User } from './account.ts'

export const LoginData = z.object({
  ACCOUNT_NAME: z.string(),
  LOGIN_NAME: z.string().optional(),
  PASSWORD: z.string().optional(),
  TOKEN: z.string().optional(),
  AUTHENTICATOR: z.string().optional(),
  CLIENT_APP_ID: z.string(),
  SESSION_PARAMETERS: z.record(z.string(), z.unknown()).default({}),
})

export type LoginData = z.output<typeof LoginData>

const SIGN_IN = '08001'
const MAX_FAILURES = 5
const LOCKED_MS = 15 * 60_000

const wrongPassword = () => new SnowflakeFailure('390100', 'Incorrect username or password was specified.', SIGN_IN)
const wrongToken = () => new SnowflakeFailure('394400', 'Programmatic access token is invalid.', SIGN_IN)
const wrongKey = () =>
  new SnowflakeFailure('390144', 'JWT token is invalid. [7a4b1c2d-0000-4000-8000-000000000000]', '08004')
const wrongRole = (role: string) =>
  new SnowflakeFailure(
    '390189',
    `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
    SIGN_IN,
  )
const locked = () =>
  new SnowflakeFailure(
    '390102',
    'Your user account has been temporarily locked due to too many failed attempts. Try again in 15 minutes.',
    SIGN_IN,
  )

/** Checks credentials for real, and locks a user out after too many wrong passwords, as Snowflake does. */
export class CredentialCheck {
  readonly account: Account
  private readonly now: () => number
  private readonly failures = new Map<string, { count: number; at: number }>()

  constructor(account: Account, now: () => number) {
    this.account = account
    this.now = now
  }

  /** @returns the user and the role of the session */
  admit(data: LoginData, requestedRole: string | undefined): { user: User; role: string } {
    const name = (data.LOGIN_NAME ?? '').toUpperCase()
    const user = this.account.users.get(name)
    const restricted = this.countFailures(name, data, () => this.check(data, user))
    if (!user) throw wrongPassword()
    const role = requestedRole ?? restricted ?? user.defaults.role ?? 'PUBLIC'
    const isForbidden = restricted !== undefined && restricted !== role
    if (isForbidden || (role !== 'PUBLIC' && !(user.roles.has(role) && this.account.roles.has(role))))
      throw wrongRole(role)
    return { user, role }
  }

  private checkLock(name: string): void {
    const failed = this.failures.get(name)
    if (failed && failed.count >= MAX_FAILURES && this.now() - failed.at < LOCKED_MS) throw locked()
  }

  /** Counts wrong passwords. Keys and tokens cannot be guessed. */
  private countFailures(name: string, data: LoginData, check: () => string | undefined): string | undefined {
    if (data.AUTHENTICATOR !== undefined && data.AUTHENTICATOR !== 'SNOWFLAKE') return check()
    this.checkLock(name)
    try {
      const role = check()
      this.failures.delete(name)
      return role
    } catch (error) {
      this.failures.set(name, { count: (this.failures.get(name)?.count ?? 0) + 1, at: this.now() })
      throw error
    }
  }

  /** @returns the only role that the credential allows */
  private check(data: LoginData, user: User | undefined): string | undefined {
    if (data.AUTHENTICATOR === 'SNOWFLAKE_JWT') {
      if (!user || !this.isSigned(data, user)) throw wrongKey()
      return undefined
    }
    const token = user?.tokens.get(data.TOKEN ?? data.PASSWORD ?? '')
    if (token && token.expiresAt > this.now()) return token.role
    if (data.AUTHENTICATOR === 'PROGRAMMATIC_ACCESS_TOKEN' || token) throw wrongToken()
    if (data.AUTHENTICATOR !== undefined && data.AUTHENTICATOR !== 'SNOWFLAKE')
      throw new SnowflakeFailure('390139', `AUTHENTICATOR_NOT_SUPPORTED: ${data.AUTHENTICATOR}`, SIGN_IN)
    if (!user || user.type === 'SERVICE' || user.password === undefined || user.password !== data.PASSWORD)
      throw wrongPassword()
    return undefined
  }

  private isSigned({ TOKEN = '', ACCOUNT_NAME }: LoginData, user: User): boolean {
    const [header = '', payload = '', signature = ''] = TOKEN.split('.')
    const claims = claimsOf(header, payload)
    if (!claims) return false
    return Object.values(user.keys).some((key) => {
      const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
      const subject = `${ACCOUNT_NAME.toUpperCase()}.${user.name}`
      const now = this.now()
      return (
        claims.sub === subject &&
        claims.iss === `${subject}.${fingerprintOf(key)}` &&
        toMilliseconds(claims.exp) > now &&
        toMilliseconds(claims.iat) <= now + 60_000 &&
        verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))
      )
    })
  }
}

const Header = z.object({ alg: z.literal('RS256') })
const Claims = z.object({ iss: z.string(), sub: z.string(), iat: z.number(), exp: z.number() })

function claimsOf(header: string, payload: string): z.output<typeof Claims> | undefined {
  try {
    Header.parse(JSON.parse(Buffer.from(header, 'base64url').toString()))
    return Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
  } catch {
    return undefined
  }
}

// The Node driver sends milliseconds, others seconds; Snowflake accepts both.
function toMilliseconds(instant: number): number {
  return instant > 1e11 ? instant : instant * 1000
}

/** The fingerprint as DESC USER shows it. */
export function fingerprintOf(publicKey: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('base64')}`
}
