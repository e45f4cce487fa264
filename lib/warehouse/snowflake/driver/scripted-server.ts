import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SignIn } from './driver.ts'

/** A request that the scripted server received. */
export interface ReceivedRequest {
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: Record<string, unknown>
}

/** The response body, or none at all. */
export type Reply = (request: ReceivedRequest) => unknown | 'never'

/** A server that responds exactly as a test wants, over real HTTP. */
export interface ScriptedServer {
  origin: string
  requests: ReceivedRequest[]
  stop(): Promise<void>
}

const SIGNED_IN = {
  token: 'session-token',
  masterToken: 'master-token',
  validityInSeconds: 3600,
  masterValidityInSeconds: 14_400,
  sessionId: 1,
  parameters: [] as { name: string; value: unknown }[],
  sessionInfo: {},
}

/** The response to a sign-in, with parameters of the account. */
export function signedIn(parameters: { name: string; value: unknown }[] = []) {
  return { success: true, code: null, message: null, data: { ...SIGNED_IN, parameters } }
}

/** The response to a statement. */
export function statementResult(
  rowtype: { name: string; type: string; scale?: number }[],
  rowset: (string | null)[][],
) {
  return {
    success: true,
    code: null,
    message: null,
    data: {
      queryId: '01234567-89ab-cdef-0123-456789abcdef',
      // As Snowflake sends them; the driver uses them to print dates.
      parameters: [
        { name: 'TIMEZONE', value: 'America/Los_Angeles' },
        { name: 'TIMESTAMP_OUTPUT_FORMAT', value: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM' },
        { name: 'TIMESTAMP_NTZ_OUTPUT_FORMAT', value: 'YYYY-MM-DD HH24:MI:SS.FF3' },
        { name: 'DATE_OUTPUT_FORMAT', value: 'YYYY-MM-DD' },
      ],
      rowtype: rowtype.map((column) => ({ nullable: true, scale: 0, precision: 38, length: null, ...column })),
      rowset,
      total: rowset.length,
      returned: rowset.length,
      statementTypeId: 4096,
      version: 1,
      queryResultFormat: 'json',
    },
  }
}

/** A refusal in Snowflake's wording. */
export function refused(code: string, message: string, sqlState = '42000') {
  return { success: false, code, message, data: { errorCode: code, sqlState, queryId: 'q' } }
}

export async function startScriptedServer(reply: Reply): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const text = Buffer.concat(chunks).toString()
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://scripted')
    const received: ReceivedRequest = { path, query, headers: request.headers, body: text ? JSON.parse(text) : {} }
    requests.push(received)
    const body = reply(received) ?? defaultReply(received)
    if (body === 'never') return
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Whatever a test does not script succeeds. */
function defaultReply({ path }: ReceivedRequest): unknown {
  if (path.includes('login-request')) return signedIn()
  if (path.includes('query-request')) return statementResult([{ name: 'ONE', type: 'fixed' }], [['1']])
  return { success: true, code: null, message: null, data: null }
}

/** A sign-in to a scripted server. */
export function signInAt(origin: string, more: Partial<SignIn> = {}): SignIn {
  return {
    account: 'MYORG-MYACCOUNT',
    origin,
    user: 'USER',
    role: 'ROLE',
    warehouse: 'WH',
    database: 'DB',
    schema: 'RAW',
    credential: { method: 'password', password: 'not-a-secret' },
    tag: '{"run":"1"}',
    retries: 0,
    deadlineMs: 10_000,
    ...more,
  }
}
