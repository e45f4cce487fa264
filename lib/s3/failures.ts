import { MINUTE, now } from '#lib/core/clock.ts'
import { Failure, messageOf, Stop, Wait } from '#lib/core/errors.ts'

/** What a problem with S3 means, found by its code, and what to do about it. docs/decisions/0086. */

/** What the caller may handle, or a form may show at the right field. */
export type S3Problem =
  /** The object doesn't exist. */
  | 'missing'
  /** A condition did not hold: somebody else has written or removed the object. */
  | 'changed'
  | 'too large'
  | 'no bucket'
  | 'region'
  | 'keys'
  | 'expired'
  | 'denied'
  | 'clock'
  | 'unsupported'
  | 'busy'
  | 'unreachable'
  | 'certificate'
  | 'other'

/** What Tracklake does in a bucket, and the permissions that it takes. */
export const OPERATIONS = {
  put: { does: 'write objects', permissions: ['s3:PutObject'] },
  // Without the second, S3 refuses requests for an object that is missing.
  get: { does: 'read objects', permissions: ['s3:GetObject', 's3:ListBucket'] },
  copy: { does: 'copy objects', permissions: ['s3:GetObject', 's3:PutObject'] },
  list: { does: 'list objects', permissions: ['s3:ListBucket'] },
  delete: { does: 'delete objects', permissions: ['s3:DeleteObject'] },
  'read versioning': { does: 'ask whether it keeps versions', permissions: ['s3:GetBucketVersioning'] },
  'list versions': { does: 'list earlier versions', permissions: ['s3:ListBucketVersions'] },
  'delete versions': { does: 'delete earlier versions', permissions: ['s3:DeleteObjectVersion'] },
} as const

export type S3Operation = keyof typeof OPERATIONS

interface Attempt {
  operation: S3Operation
  bucket: string
  key?: string | undefined
}

interface Rule {
  problem: S3Problem
  codes: string[]
  status?: number[]
  message(attempt: Attempt): string
  remedy(attempt: Attempt, error: unknown): string
}

const SOON_MS = 2 * MINUTE
const LATER_MS = 5 * MINUTE

const RULES: Rule[] = [
  {
    problem: 'no bucket',
    codes: ['NoSuchBucket'],
    message: ({ bucket }) => `The S3 bucket ${bucket} does not exist`,
    remedy: () => 'Correct its name, or create it again. Everything continues by itself then.',
  },
  {
    problem: 'region',
    codes: [
      'PermanentRedirect',
      'TemporaryRedirect',
      'AuthorizationHeaderMalformed',
      'IllegalLocationConstraintException',
      'Region is missing',
    ],
    status: [301, 307],
    message: ({ bucket }) => `The S3 bucket ${bucket} is in another region`,
    remedy: (_, error) => {
      const region = regionIn(error)
      return region ? `Set the region to ${region}.` : 'Set its region; the S3 console shows it next to the bucket.'
    },
  },
  {
    problem: 'expired',
    codes: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'],
    message: () => 'The access key for S3 has expired',
    remedy: () => 'Set a new one. Everything continues by itself then.',
  },
  {
    problem: 'clock',
    codes: ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'],
    message: () => 'The clock of this server differs from that of S3 by more than 15 minutes',
    remedy: () => 'Set the clock, best by a time service (NTP).',
  },
  {
    problem: 'keys',
    codes: [
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'InvalidToken',
      'CredentialsProviderError',
      'TokenProviderError',
    ],
    message: () => 'S3 does not accept the access key',
    remedy: (_, error) =>
      nameOf(error) === 'CredentialsProviderError'
        ? 'There is none: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this server a role.'
        : 'Check that the key exists and is active, and that its secret was copied completely.',
  },
  {
    problem: 'denied',
    codes: ['AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'Forbidden'],
    status: [403],
    message: ({ bucket, operation }) => `Tracklake may not ${OPERATIONS[operation].does} in the S3 bucket ${bucket}`,
    remedy: ({ operation }) =>
      operation === 'delete versions'
        ? 'Allow s3:DeleteObjectVersion for its access key. Versions under an Object Lock can only be deleted when it ends.'
        : `Allow ${OPERATIONS[operation].permissions.join(' and ')} for its access key, and check that the bucket is yours.`,
  },
  {
    problem: 'unsupported',
    codes: ['NotImplemented', 'XNotImplemented', 'MethodNotAllowed', 'InvalidRequest'],
    status: [501, 405],
    message: ({ bucket, operation }) => `It isn’t possible to ${OPERATIONS[operation].does} in the S3 bucket ${bucket}`,
    remedy: ({ operation }) =>
      operation === 'copy'
        ? 'A bucket policy that requires conditional writes refuses copies: exempt this prefix from it.'
        : 'Use a bucket of Amazon S3, or of a store that supports this.',
  },
  {
    problem: 'other',
    codes: ['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage', 'EntityTooLarge'],
    status: [507],
    message: ({ bucket }) => `The S3 bucket ${bucket} is full`,
    remedy: () => 'Free some space, or raise its quota. Everything continues by itself then.',
  },
  {
    problem: 'certificate',
    codes: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    message: () => 'The certificate of the S3 server isn’t trusted',
    remedy: () => 'If a proxy decrypts https, set NODE_EXTRA_CA_CERTS to its certificate. Otherwise check S3_ENDPOINT.',
  },
]

/** Two requests for one object at the same time. */
const CONFLICTS = ['ConditionalRequestConflict', 'OperationAborted']

const BUSY: Rule = {
  problem: 'busy',
  codes: [
    'SlowDown',
    'ServiceUnavailable',
    'Throttling',
    'ThrottlingException',
    'RequestLimitExceeded',
    'TooManyRequests',
    'InternalError',
    'RequestTimeout',
    ...CONFLICTS,
  ],
  status: [429, 500, 502, 503, 504],
  message: ({ bucket }) => `The S3 bucket ${bucket} is busy`,
  remedy: () => 'Nothing to do. Tracklake tries again in two minutes.',
}

const UNREACHABLE: Rule = {
  problem: 'unreachable',
  codes: [],
  message: () => 'S3 cannot be reached',
  remedy: () => 'Nothing to do if this passes. Otherwise check the region, S3_ENDPOINT and the network of this server.',
}

const OTHER: Rule = {
  problem: 'other',
  codes: [],
  message: ({ bucket, operation }) => `Tracklake could not ${OPERATIONS[operation].does} in the S3 bucket ${bucket}`,
  remedy: (_, error) => `Check the settings of the bucket. S3 responded with ${nameOf(error).slice(0, 60)}.`,
}

/**
 * Turns an error of the SDK into a failure. A missing object, a failed condition and an object that is too large are a Stop,
 * which the caller handles. Everything else is a Wait: a bucket that refuses or is down for an hour must not fail what
 * waits for it. The SDK has already tried several times.
 */
export function s3Failure(error: unknown, attempt: Attempt): Failure {
  if (error instanceof Failure) return error
  const name = nameOf(error)
  const status = statusOf(error)
  // The SDK's error contains the whole request, with its signature.
  const cause = Object.assign(new Error(messageOf(error)), { name })
  const context = { s3: 'other', operation: attempt.operation, key: attempt.key, code: name, status }
  if (name === 'NoSuchKey' || name === 'NoSuchVersion' || (name === 'NotFound' && status === 404))
    return new Stop('An object in S3 is missing', {
      remedy: 'Restore it, or have it written again.',
      context: { ...context, s3: 'missing' },
      cause,
    })
  if (name === 'PreconditionFailed' || status === 412)
    return new Stop('An object in S3 was changed by somebody else', {
      remedy: 'Find out what else writes to this prefix, or use another one.',
      context: { ...context, s3: 'changed' },
      cause,
    })
  const rule = ruleFor(error)
  const pauseMs = rule === BUSY || rule === UNREACHABLE ? SOON_MS : LATER_MS
  return new Wait(rule.message(attempt), new Date(now().getTime() + pauseMs), {
    remedy: rule.remedy(attempt, error),
    context: { ...context, s3: rule.problem },
    cause,
  })
}

/** The kind of a failure of S3; undefined for anything else. */
export function s3ProblemOf(error: unknown): S3Problem | undefined {
  return error instanceof Failure && 's3' in error.context ? (error.context.s3 as S3Problem) : undefined
}

/** Whether a request met another one for the same object, so that repeating it soon helps. */
export function isConflict(error: unknown): boolean {
  return error instanceof Failure && CONFLICTS.includes(String(error.context.code))
}

function ruleFor(error: unknown): Rule {
  const names = [nameOf(error), ...codesOf(error)]
  const rules = [...RULES, BUSY]
  const byCode = rules.find(({ codes }) => codes.some((code) => names.includes(code) || messageOf(error) === code))
  if (byCode) return byCode
  const status = statusOf(error)
  if (status === undefined) return UNREACHABLE
  return rules.find((rule) => rule.status?.includes(status)) ?? OTHER
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an unknown error'
}

/** The codes of an error and of those that it consists of, for example one for each address of a host. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : []
  const parts = error instanceof AggregateError ? error.errors.flatMap(codesOf) : []
  return [...code, ...parts, ...(error.cause === undefined ? [] : codesOf(error.cause))]
}

interface ServiceError {
  $metadata?: { httpStatusCode?: number }
  $response?: { headers?: Record<string, string> }
  Region?: string
}

function statusOf(error: unknown): number | undefined {
  return (error as ServiceError | undefined)?.$metadata?.httpStatusCode
}

/** The region that a bucket is in, as S3 names it when it is asked in another one. */
function regionIn(error: unknown): string | undefined {
  const { $response, Region } = error as ServiceError
  const region = Region ?? $response?.headers?.['x-amz-bucket-region']
  return region && /^[a-z0-9-]{1,32}$/.test(region) ? region : undefined
}
