import http from 'node:http'
import canonicalize from 'canonicalize'
import { MINUTE } from '#lib/core/clock.ts'
import { signatureOf } from './signing.ts'

/** What came of a request to the app. */
export type Outcome =
  | { kind: 'answered'; status: number; headers: http.IncomingHttpHeaders; body: string }
  /** Nobody listens: the request never reached the app. */
  | { kind: 'unreached' }
  /** The connection broke: the app may have done the work, in part or whole. */
  | { kind: 'broken'; reason: string }
  | { kind: 'too late'; afterMs: number }
  /** It would be as large the next time. */
  | { kind: 'too large'; maxBytes: number }

export interface App {
  readonly url: string
  /** Asks for the functions (in-band sync). */
  describe(): Promise<Outcome>
  /** Calls a function, or one step of it. `target` is `step` for the function itself, else the step's id. */
  call(functionId: string, target: string, body: unknown): Promise<Outcome>
  /** Breaks off whatever is under way. */
  close(): void
}

interface AppOptions {
  /** Where the app serves its functions, e.g. `http://127.0.0.1:3000/api/inngest`. */
  appUrl: string
  signingKey: string
  callTimeoutMs: number
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
// In development the app compiles the route first.
const DESCRIBE_TIMEOUT = MINUTE
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024
// The version of the execution protocol that the engine speaks: a function is called again when all its steps are done.
const PROTOCOL_VERSION = '2'

interface Request {
  url: URL
  method: 'POST' | 'PUT'
  body: string
  headers: Record<string, string>
  agent: http.Agent
  timeoutMs: number
}

// Not fetch: it gives up on an answer whose headers take longer than five minutes, and a step may.
function sendRequest({ url, method, body, headers, agent, timeoutMs }: Request): Promise<Outcome> {
  return new Promise((resolve) => {
    let late = false
    const end = (outcome: Outcome) => {
      clearTimeout(deadline)
      resolve(outcome)
    }
    const fail = (error: NodeJS.ErrnoException) => {
      if (late) end({ kind: 'too late', afterMs: timeoutMs })
      else if (UNREACHABLE.has(error.code ?? '')) end({ kind: 'unreached' })
      else end({ kind: 'broken', reason: error.message })
    }
    const request = http.request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= MAX_RESPONSE_BYTES) return chunks.push(chunk)
        end({ kind: 'too large', maxBytes: MAX_RESPONSE_BYTES })
        response.destroy()
      })
      response.on('error', fail)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        end({ kind: 'answered', status: response.statusCode ?? 0, headers: response.headers, body: text })
      })
    })
    const deadline = setTimeout(() => {
      late = true
      request.destroy(new Error('the deadline is over'))
    }, timeoutMs)
    request.on('error', fail)
    request.end(body)
  })
}

type SignedRequest = Omit<Request, 'body' | 'agent'> & { content: unknown }

/** The app's serve route, spoken to as Inngest speaks to it: every request is signed. */
export function createApp({ appUrl, signingKey, callTimeoutMs }: AppOptions): App {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })

  const send = ({ content, headers: extra, ...request }: SignedRequest) => {
    // The SDK checks the signature over the canonical form of the body, so exactly that is sent.
    const body = canonicalize(content) ?? 'null'
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-inngest-server-kind': 'cloud',
      'x-inngest-signature': signatureOf(body, signingKey, new Date()),
      ...extra,
    }
    return sendRequest({ ...request, body, headers, agent })
  }

  return {
    url: appUrl,
    describe: () => {
      const headers = { 'x-inngest-sync-kind': 'in_band' }
      return send({
        method: 'PUT',
        url: new URL(appUrl),
        content: { url: appUrl },
        headers,
        timeoutMs: DESCRIBE_TIMEOUT,
      })
    },
    call: (functionId, target, content) => {
      const url = new URL(appUrl)
      url.searchParams.set('fnId', functionId)
      url.searchParams.set('stepId', target)
      const headers = { 'x-inngest-req-version': PROTOCOL_VERSION }
      return send({ method: 'POST', url, content, headers, timeoutMs: callTimeoutMs })
    },
    close: () => agent.destroy(),
  }
}
