import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions, request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { HOUR, SECOND } from '#lib/core/clock.ts'
import { type Failure, Stop, Transient, Wait } from '#lib/core/errors.ts'
import { proxyFor } from '#lib/core/proxy.ts'
import { publicAddresses, type ResolvedAddress } from './public-address.ts'

const DEADLINE_MS = 10 * SECOND
/** The body of a response is ignored, and no more than this is read. */
const MAX_RESPONSE_BYTES = 64 * 1024
const MAX_WAIT_MS = HOUR

interface ReceiverResponse {
  status: number
  retryAfter: string | undefined
}

/**
 * Posts a body to an address that a listener entered: only to public hosts, connecting to exactly the checked IP
 * addresses, without redirects, within ten seconds, reading a bounded response. A proxy is also given the checked
 * address, because it could resolve the name to something in its own network.
 *
 * @param options `hosts` lists the only hosts of this kind of channel: a proxy may resolve these names
 * @throws Transient, Wait or Stop, whose message never contains the address
 */
export async function post(
  address: string,
  body: string,
  headers: Record<string, string>,
  { resolve = publicAddresses, deadlineMs = DEADLINE_MS, hosts = [] as string[] } = {},
): Promise<void> {
  const url = new URL(address)
  const proxy = proxyFor(url)?.proxy
  const addresses = proxy && hosts.includes(url.hostname) ? [] : await resolve(url.hostname)
  const signal = AbortSignal.timeout(deadlineMs)
  const { status, retryAfter } = await exchange(url, body, {
    method: 'POST',
    headers: { ...headers, host: url.host, 'content-length': Buffer.byteLength(body), 'user-agent': 'Tracklake' },
    // A new connection: a reused one may have been checked for another name.
    agent: false,
    ...(proxy ? through(proxy, url, addresses) : { lookup: pinned(addresses) }),
    signal,
  }).catch((cause: unknown) => {
    if (proxy && !signal.aborted) {
      throw new Transient(`The receiver cannot be reached through this installation’s proxy (${codeOf(cause)})`, {
        cause,
        remedy: 'Ask the operator whether the proxy allows requests to this receiver.',
      })
    }
    const reason = signal.aborted ? 'did not respond within ten seconds' : `cannot be reached (${codeOf(cause)})`
    throw new Transient(`The receiver ${reason}`, {
      cause,
      remedy: 'Check that it is running and accepts messages from the internet.',
    })
  })
  if (status < 200 || status > 299) throw failureOf(status, retryAfter)
}

/** Resolves to the checked addresses, whatever the name resolves to now. */
function pinned(addresses: ResolvedAddress[]): LookupFunction {
  return (_, options, callback) => {
    const [first] = addresses
    if (options.all) callback(null, addresses)
    else callback(null, first?.address ?? '', first?.family)
  }
}

/** Sends a request through a proxy to the first checked address, or by name if there is none. */
function through(proxy: URL, url: URL, [checked]: ResolvedAddress[]): RequestOptions {
  const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // Since Node 22.21; the types don't have it yet.
  const options = { keepAlive: false, proxyEnv: { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } }
  return {
    agent: new Agent(options),
    hostname: checked?.address ?? name,
    // The certificate must match the name.
    ...(isIP(name) ? {} : { servername: name }),
  }
}

function exchange(url: URL, body: string, options: RequestOptions): Promise<ReceiverResponse> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = start(url, options, (response) => {
      let bytes = 0
      const end = () => resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] })
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= MAX_RESPONSE_BYTES) return
        end()
        request.destroy()
      })
      response.on('end', end)
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** An error code such as ECONNREFUSED, because the message would contain the address. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no response'
}

function failureOf(status: number, retryAfter: string | undefined): Failure {
  if (status === 429) {
    const requested = Number(retryAfter) * SECOND
    const wait = Number.isFinite(requested) && requested > 0 ? Math.min(requested, MAX_WAIT_MS) : 30 * SECOND
    const remedy = 'Nothing to do. The message is sent again later.'
    return new Wait('The receiver isn’t accepting messages right now', new Date(Date.now() + wait), { remedy })
  }
  if (status >= 300 && status < 400)
    return new Stop('The receiver responds with a redirect, which Tracklake doesn’t follow', {
      remedy: 'Enter the address that it redirects to.',
    })
  if (status >= 500 || status === 408)
    return new Transient(`The receiver responds with status ${status}`, { remedy: 'Check the receiver’s log.' })
  return new Stop(`The receiver refuses the message with status ${status}`, {
    remedy: 'Create a new address there and replace the saved one.',
  })
}
