/** How a job recovers from a failure, which also determines what people see of it. */
export type Recovery = 'retry' | 'wait' | 'skip' | 'reconnect' | 'stop'

interface FailureDetails {
  /** What the reader can do about it, in one sentence. */
  remedy: string
  cause?: unknown
  /** Ids and counts for the log. Never tokens, names or titles. */
  context?: Record<string, unknown>
}

/**
 * A failure that says what happened (message), why (cause, context) and what to do (remedy). The subclasses differ by
 * recovery, not by origin, so only a new kind of recovery needs a new class.
 */
export abstract class Failure extends Error {
  abstract readonly recovery: Recovery
  readonly remedy: string
  readonly context: Record<string, unknown>

  constructor(message: string, { remedy, cause, context = {} }: FailureDetails) {
    super(message, { cause })
    this.name = new.target.name
    this.remedy = remedy
    this.context = context
  }
}

/** Temporary: the job repeats the step. */
export class Transient extends Failure {
  readonly recovery = 'retry'
}

/** Why a job waits: what waits for the same thing is woken together. Each is a value of the database's WaitReason. */
type WaitReason = 'pause' | 'quota' | 'budget' | 'reserve' | 'premium_lapsed' | 'consent' | 'other'

/** Temporary until a known time: the job ends as *waiting* and resumes then. */
export class Wait extends Failure {
  readonly recovery = 'wait'
  readonly until: Date
  readonly reason: WaitReason

  constructor(
    message: string,
    until: Date,
    { reason = 'other', ...details }: FailureDetails & { reason?: WaitReason },
  ) {
    super(message, details)
    this.until = until
    this.reason = reason
  }
}

/** This part is not available; the others continue. */
export class Skip extends Failure {
  readonly recovery = 'skip'
}

/** The listener has to give consent again. */
export class Reconnect extends Failure {
  readonly recovery = 'reconnect'
}

/** The job can't continue: a person has to act. */
export class Stop extends Failure {
  readonly recovery = 'stop'
}

/** Reasons to refuse a request, by HTTP status. The codes are part of the API. */
export const REFUSALS = {
  400: [
    'bad-genres-file',
    'bad-json',
    'bad-request',
    'bad-shape',
    'bad-sql',
    'cut-upload',
    'impossible-schedule',
    'no-chart',
    'no-files',
    'not-confirmed',
    'not-json',
    'not-your-developer-account',
    'one-stream',
    'operation',
    'too-many-files',
    'unknown-method',
    'unknown-state',
    'unknown-stream',
    'wrong-address',
    'wrong-parameter',
  ],
  401: ['not-invited', 'signed-out', 'token-ended', 'unauthorised', 'unknown-token', 'wrong-token'],
  403: ['confirm-sign-in', 'foreign-origin', 'no-tokens-here', 'scope-missing'],
  404: [
    'no-metrics',
    'not-found',
    'unknown',
    'unknown-album',
    'unknown-artist',
    'unknown-channel',
    'unknown-chart',
    'unknown-import',
    'unknown-play',
    'unknown-playlist',
    'unknown-query',
    'unknown-run',
    'unknown-session',
    'unknown-table',
    'unknown-token',
    'unknown-track',
  ],
  408: ['too-slow'],
  409: [
    'admins-are-set',
    'already-running',
    'being-deleted',
    'check-under-way',
    'import-open',
    'import-over',
    'lake-busy',
    'last-admin',
    'name-taken',
    'no-consent',
    'no-copy',
    'no-key-in-use',
    'no-next-key',
    'no-question',
    'not-connected',
    'not-damaged',
    'not-imported',
    'not-published',
    'not-supervised',
    'nothing-loaded',
    'oneself',
    'query-cancelled',
    'read-lately',
    'sign-ups-closed',
    'stale',
    'suspended',
    'too-many-channels',
    'too-many-choices',
    'too-many-exclusions',
    'too-many-genres',
    'too-many-queries',
    'too-many-tokens',
  ],
  411: ['length-required'],
  413: ['too-large'],
  415: ['not-multipart'],
  422: ['result-too-large', 'too-much-memory', 'too-slow'],
  429: [
    'busy',
    'queries-used-up',
    'runs-used-up',
    'too-many-apps',
    'too-many-checks',
    'too-many-requests',
    'too-many-tests',
  ],
  500: ['engine'],
  503: ['bucket-unavailable', 'busy', 'load-under-way', 'not-synced'],
  507: ['disk-full'],
} as const

type RefusalStatus = keyof typeof REFUSALS
export type RefusalCode<Status extends RefusalStatus = RefusalStatus> = (typeof REFUSALS)[Status][number]

/** An invalid request. `status` is the HTTP status to respond with. */
export class Refused<Status extends RefusalStatus = RefusalStatus> extends Error {
  readonly status: number
  readonly code: RefusalCode
  readonly remedy: string
  /** What is wrong with individual fields of a form. */
  readonly fields: Record<string, string> | undefined
  /** How long to wait before trying again. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: Status,
    code: RefusalCode<Status>,
    message: string,
    remedy: string,
    fields?: Record<string, string>,
    retryAfterSeconds?: number,
  ) {
    super(message)
    this.name = 'Refused'
    this.status = status
    this.code = code
    this.remedy = remedy
    this.fields = fields
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Hides an address from those who may not know whether it exists. */
export function notFound(): Refused {
  return new Refused(404, 'not-found', 'There’s nothing at this address', 'Check the address.')
}

/** The message of anything that was thrown, for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** True for an error whose message and remedy can be shown to the listener. */
export function isExplained(error: unknown): error is Failure | Refused {
  return error instanceof Failure || error instanceof Refused
}
