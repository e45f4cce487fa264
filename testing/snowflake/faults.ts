import { z } from 'zod'

/** What the server does instead of responding properly. */
const Effect = z.discriminatedUnion('kind', [
  /** An error of Snowflake. `after`: the statement runs first, as when a client never learns of its success. */
  z.object({
    kind: z.literal('refuse'),
    code: z.string(),
    message: z.string(),
    sqlState: z.string().default('42000'),
    when: z.enum(['before', 'after']).default('before'),
  }),
  /** Another HTTP status with the page of a proxy or load balancer. */
  z.object({ kind: z.literal('status'), status: z.number().int(), body: z.string().default('<html>Sorry</html>') }),
  /** A body that the driver does not expect. */
  z.object({ kind: z.literal('malformed'), body: z.string() }),
  /** No response at all, until the client disconnects. */
  z.object({ kind: z.literal('never') }),
  /** Responds later. A statement says "in progress" until then, like a long one. */
  z.object({ kind: z.literal('slow'), ms: z.number() }),
  /** The connection breaks before the statement runs, or after it ran and before its response. */
  z.object({ kind: z.literal('cut'), when: z.enum(['before', 'after']) }),
])

export const Fault = z.object({
  at: z.enum(['sign-in', 'statement', 'renewal', 'sign-out']),
  effect: Effect,
  /** A regular expression that the statement must match. */
  matching: z.string().optional(),
  /** Only for this user. */
  user: z.string().optional(),
  /** The first match that is affected. */
  nth: z.number().int().min(1).default(1),
  /** How many matches are affected; all by default. */
  times: z.number().int().min(1).optional(),
})

export type Fault = z.input<typeof Fault>
export type FaultEffect = z.output<typeof Effect>
type ActiveFault = z.output<typeof Fault> & { matches: number }

/** The active faults. */
export class Faults {
  private active: ActiveFault[] = []

  add(fault: Fault): void {
    this.active.push({ ...Fault.parse(fault), matches: 0 })
  }

  clear(): void {
    this.active = []
  }

  /** The effect of a fault on this event, if any. Counts the event. */
  hit(at: ActiveFault['at'], user: string, text = ''): FaultEffect | undefined {
    let found: FaultEffect | undefined
    for (const fault of this.active) {
      if (fault.at !== at || (fault.user !== undefined && fault.user.toUpperCase() !== user.toUpperCase())) continue
      if (fault.matching !== undefined && !new RegExp(fault.matching, 'i').test(text)) continue
      fault.matches += 1
      const last = fault.times === undefined ? Number.POSITIVE_INFINITY : fault.nth + fault.times - 1
      if (fault.matches >= fault.nth && fault.matches <= last) found ??= fault.effect
    }
    return found
  }
}

/** Snowflake's own errors by name: `{ at: 'sign-in', effect: REFUSALS.locked }`. */
export const REFUSALS = {
  locked: refusal('390102', 'Your user account has been temporarily locked due to too many failed attempts.', '08001'),
  disabled: refusal('390101', 'User access disabled. Contact your local system administrator.', '08001'),
  mfa: refusal(
    '394508',
    'Failed to authenticate: MFA authentication is required, but none of your current MFA methods are supported for programmatic authentication.',
    '08001',
  ),
  networkPolicy: refusal('390432', 'Network policy is required.', '08001'),
  address: refusal('390422', 'Incoming request with IP/Token 203.0.113.7 is not allowed to access Snowflake.', '08001'),
  tokenExpired: refusal('394400', 'Programmatic access token is invalid.', '08001'),
  sessionGone: refusal('390111', 'Session no longer exists.  New login required to access the service.', '08001'),
  tokenOld: refusal('390112', 'Your session has expired. Please login again.', '08001'),
  noWarehouse: refusal(
    '000606',
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
    '57P03',
  ),
  quota: refusal(
    '090073',
    "Warehouse 'TRACKLAKE_WH' cannot be resumed because resource monitor 'TRACKLAKE_MONITOR' has exceeded its quota.",
    '22000',
  ),
  unpaid: refusal('000666', 'Your account is suspended due to lack of payment method.', '57014'),
  stageRefused: refusal('091003', 'Failure using stage area. Cause: [Access Denied (Status Code: 403)]', '22000'),
} as const

function refusal(code: string, message: string, sqlState: string) {
  return { kind: 'refuse', code, message, sqlState } as const
}
