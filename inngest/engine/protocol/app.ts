import http from 'node:http'
import canonicalize from 'canonicalize'
import { MINUTE } from '#lib/core/clock.ts'
import { signatureOf } from './signing.ts'

/** The outcome of a request to the app. */
export type Outcome =
  | { kind: 'responded'; status: number; headers: http.IncomingHttpHeaders; body: string }
  /** Nothing listens there, so the request never reached the app. */
  | { kind: 'unreachable' }
  /** The connection broke. The app may have done all or some of the work. */
  | { kind: 'broken'; reason: string }
  | { kind: 'timed out'; afterMs: number }
  /** A retry would return as much. */
  | { kind: 'too large'; maxBytes: number }

export interface App {
  readonly url: string
  /** Requests the list of functions (in-band sync). */
  describe(): Promise<Outcome>
  /** Calls a function or one of its steps. `target` is `step` for the function itself, otherwise the step's id. */
  call(functionId: string, target: string, body: unknown): Promise<Outcome>
  /** Aborts all open requests. */
  close(): void
}

interface AppOptions {
  /** Where the app serves its functions, e.g. `http://127.0.0.1:3000/api/inngest`. */
  appUrl: string
  signingKey: string
  callTimeoutMs: number
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
// In development, the app has to compile the route first.
const DESCRIBE_TIMEOUT = MINUTE
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024
// The version of the execution protocol: the engine calls a function again after each of its steps.
const PROTOCOL_VERSION = '2'

interface Request {
  url: URL
  method: 'POST' | 'PUT'
  body: string
  headers: Record<string, string>
  agent: http.Agent
  timeoutMs: number
}

// fetch would give up when the response headers take longer than five minutes, and a step may take that long.
function sendRequest({ url, method, body, headers, agent, timeoutMs }: Request): Promise<Outcome> {
  return new Promise((resolve) => {
    let timedOut = false
    const end = (outcome: Outcome) => {
      clearTimeout(deadline)
      resolve(outcome)
    }
    const fail = (error: NodeJS.ErrnoException) => {
      if (timedOut) end({ kind: 'timed out', afterMs: timeoutMs })
      else if (UNREACHABLE.has(error.code ?? '')) end({ kind: 'unreachable' })
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
        end({ kind: 'responded', status: response.statusCode ?? 0, headers: response.headers, body: text })
      })
    })
    const deadline = setTimeout(() => {
      timedOut = true
      request.destroy(new Error('the request timed out'))
    }, timeoutMs)
    request.on('error', fail)
    request.end(body)
  })
}

type SignedRequest = Omit<Request, 'body' | 'agent'> & { content: unknown }

/** Calls the app's serve route the way Inngest does. Every request is signed. */
export function createApp({ appUrl, signingKey, callTimeoutMs }: AppOptions): App {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })

  const send = ({ content, headers: extra, ...request }: SignedRequest) => {
    // The SDK verifies the signature over the canonical form of the body, so send exactly that.
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
