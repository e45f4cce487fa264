import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { S3Error } from './errors.ts'

/** Checks AWS Signature Version 4. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */

/** An access key of the test server. */
export interface AccessKey {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  /** Actions such as `s3:PutObject`, in every bucket of the server; all of them if undefined. */
  allows?: readonly string[]
  /** False: every request says that it has expired. */
  isValid: boolean
}

export interface SignedRequest {
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: Buffer
}

const MAX_SKEW_MS = 15 * 60_000
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

/**
 * @param region of the bucket; undefined if there is no such bucket
 * @returns the key that signed the request
 */
export function checkSignature(
  request: SignedRequest,
  { keys, region, now }: { keys: Iterable<AccessKey>; region: string | undefined; now: number },
): AccessKey {
  const { headers } = request
  const [, id, day, signedRegion, signedHeaders, signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? []
  if (!id || !day || !signedRegion || !signedHeaders || !signature) throw new S3Error('AccessDenied')
  const at = String(headers['x-amz-date'])
  const instant = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(instant - now) <= MAX_SKEW_MS)) throw new S3Error('RequestTimeTooSkewed')
  const key = [...keys].find(({ accessKeyId }) => accessKeyId === id)
  if (!key) throw new S3Error('InvalidAccessKeyId')
  if (!key.isValid) throw new S3Error('ExpiredToken')
  if (headers['x-amz-security-token'] !== key.sessionToken) throw new S3Error('InvalidToken')
  if (region !== undefined && signedRegion !== region)
    throw new S3Error('AuthorizationHeaderMalformed', { Region: region }, { 'x-amz-bucket-region': region })
  const hash = String(headers['x-amz-content-sha256'])
  if (hash !== 'UNSIGNED-PAYLOAD' && hash !== sha256(request.body)) throw new S3Error('XAmzContentSHA256Mismatch')
  const scope = `${day}/${signedRegion}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical(request, signedHeaders, hash))].join('\n')
  const signing = [day, signedRegion, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${key.secretAccessKey}`,
  )
  if (!timingSafeEqual(Buffer.from(signature, 'hex'), hmac(signing, text))) throw new S3Error('SignatureDoesNotMatch')
  return key
}

function canonical({ method, url, headers }: SignedRequest, signedHeaders: string, hash: string): string {
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const lines = signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`)
  const path = url.pathname.split('/').map((part) => encode(decodeURIComponent(part)))
  return [method, path.join('/'), query, lines.join(''), signedHeaders, hash].join('\n')
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest()
