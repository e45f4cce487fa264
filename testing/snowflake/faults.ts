import { z } from 'zod'

/** What the server does instead of answering properly. */
const Effect = z.discriminatedUnion('kind', [
  /** An error of Snowflake; `after` the statement ran, as when a client never hears of its success. */
  z.object({
    kind: z.literal('refuse'),
    code: z.string(),
    message: z.string(),
    sqlState: z.string().default('42000'),
    when: z.enum(['before', 'after']).default('before'),
  }),
  /** Another status of HTTP, with a page as a proxy or load balancer writes it. */
  z.object({ kind: z.literal('status'), status: z.number().int(), body: z.string().default('<html>Sorry</html>') }),
  /** A body that is not what the driver awaits. */
  z.object({ kind: z.literal('malformed'), body: z.string() }),
  /** No answer at all, until the client goes. */
  z.object({ kind: z.literal('never') }),
  /** Answers later: a statement says "in progress" until the time is over, as a long one does. */
  z.object({ kind: z.literal('slow'), ms: z.number() }),
  /** The connection breaks off before the statement runs, or after it ran and before its answer. */
  z.object({ kind: z.literal('cut'), when: z.enum(['before', 'after']) }),
])

export const Fault = z.object({
  at: z.enum(['sign-in', 'statement', 'renewal', 'sign-out']),
  effect: Effect,
  /** A regular expression that the statement's text has to match. */
  matching: z.string().optional(),
  /** Only for this user. */
  user: z.string().optional(),
  /** The so-many-th one that fits is the first that is hit. */
  nth: z.number().int().min(1).default(1),
  /** How many are hit; without it all. */
  times: z.number().int().min(1).optional(),
})

/** As given. */
export type Fault = z.input<typeof Fault>
export type FaultEffect = z.output<typeof Effect>
type ActiveFault = z.output<typeof Fault> & { seen: number }

/** The faults that were ordered. */
export class Faults {
  private ordered: ActiveFault[] = []

  add(fault: Fault): void {
    this.ordered.push({ ...Fault.parse(fault), seen: 0 })
  }

  clear(): void {
    this.ordered = []
  }

  /** The fault that hits this event; counts it. */
  hit(at: ActiveFault['at'], user: string, text = ''): FaultEffect | undefined {
    let found: FaultEffect | undefined
    for (const fault of this.ordered) {
      if (fault.at !== at || (fault.user !== undefined && fault.user.toUpperCase() !== user.toUpperCase())) continue
      if (fault.matching !== undefined && !new RegExp(fault.matching, 'i').test(text)) continue
      fault.seen += 1
      const last = fault.times === undefined ? Number.POSITIVE_INFINITY : fault.nth + fault.times - 1
      if (fault.seen >= fault.nth && fault.seen <= last) found ??= fault.effect
    }
    return found
  }
}

/** What Snowflake says on occasions that have a name; `{ at: 'sign-in', effect: REFUSALS.locked }`. */
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
