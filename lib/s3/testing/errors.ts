/** Error codes of S3 with their HTTP status. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const STATUS = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  BucketAlreadyOwnedByYou: 409,
  ConditionalRequestConflict: 409,
  ExpiredToken: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidToken: 400,
  MalformedXML: 400,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  NotModified: 304,
  PermanentRedirect: 301,
  PreconditionFailed: 412,
  QuotaExceeded: 507,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const

export type S3ErrorCode = keyof typeof STATUS

/** An error response of the test server. */
export class S3Error extends Error {
  readonly code: S3ErrorCode
  readonly status: number
  /** Other elements of the response, for example the right region. */
  readonly details: Record<string, string>
  readonly headers: Record<string, string>

  constructor(code: S3ErrorCode, details: Record<string, string> = {}, headers: Record<string, string> = {}) {
    super(code)
    this.code = code
    this.status = STATUS[code]
    this.details = details
    this.headers = headers
  }
}
