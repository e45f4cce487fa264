import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { fingerprintOf } from '#testing/snowflake/account/sign-in.ts'

/** The response to a call of the protocol. */
export interface ProtocolResponse {
  success: boolean
  code: string | null
  message: string | null
  data: Record<string, unknown> & { rowset?: (string | null)[][]; token?: string; sqlState?: string }
}

/** Speaks the protocol without the driver, to send what the driver never sends. */
async function call(url: string, path: string, body: unknown, token?: string): Promise<ProtocolResponse> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: token === undefined ? {} : { authorization: `Snowflake Token="${token}"` },
    body: JSON.stringify(body),
  })
  return (await response.json()) as ProtocolResponse
}

interface SignIn {
  account: string
  user: string
  credential: Record<string, string>
  role?: string
  warehouse?: string
}

export function signIn(url: string, { account, user, credential, role, warehouse }: SignIn): Promise<ProtocolResponse> {
  const query = new URLSearchParams({ ...(role && { roleName: role }), ...(warehouse && { warehouse }) })
  const data = { ACCOUNT_NAME: account, LOGIN_NAME: user, CLIENT_APP_ID: 'JavaScript', ...credential }
  return call(url, `/session/v1/login-request?${query}`, { data })
}

/** Runs one statement in a session. */
export function execute(
  url: string,
  token: string,
  sqlText: string,
  values: string[] = [],
  parameters: Record<string, unknown> = {},
): Promise<ProtocolResponse> {
  const bindings = Object.fromEntries(values.map((value, index) => [index + 1, { type: 'TEXT', value }]))
  const body = { sqlText, parameters, ...(values.length > 0 && { bindings }) }
  return call(url, `/queries/v1/query-request?requestId=${crypto.randomUUID()}`, body, token)
}

interface Claims {
  account: string
  user: string
  privateKey: string
  /** The key that signs, if it is not the one that is named. */
  signedBy?: string
  issuedAt: number
  expiresAt: number
}

/** A JWT like those of the drivers. */
export function webToken({ account, user, privateKey, signedBy, issuedAt, expiresAt }: Claims): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')
  const subject = `${account}.${user}`
  const claims = { iss: `${subject}.${fingerprintOf(publicKey)}`, sub: subject, iat: issuedAt, exp: expiresAt }
  const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(text), createPrivateKey(signedBy ?? privateKey))
  return `${text}.${signature.toString('base64url')}`
}
