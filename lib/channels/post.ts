import { request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { HOUR, SECOND } from '#lib/core/clock.ts'
import { type Failure, Stop, Transient, Wait } from '#lib/core/errors.ts'
import { publicAddresses, type ResolvedAddress } from './public-address.ts'

const DEADLINE_MS = 10 * SECOND
/** A receiver has nothing to say to us; what it says nevertheless is not kept. */
const MAX_RESPONSE_BYTES = 64 * 1024
const MAX_WAIT_MS = HOUR

interface ReceiverResponse {
  status: number
  retryAfter: string | undefined
}

/**
 * Posts a body to an address that a listener typed: public hosts only, connected by the very addresses that were
 * checked, no redirect followed, within ten seconds, with a bounded answer.
 * @throws Transient, Wait or Stop with a sentence that holds nothing of the address
 */
export async function post(
  address: string,
  body: string,
  headers: Record<string, string>,
  { resolve = publicAddresses, deadlineMs = DEADLINE_MS } = {},
): Promise<void> {
  const url = new URL(address)
  const addresses = await resolve(url.hostname)
  const signal = AbortSignal.timeout(deadlineMs)
  const { status, retryAfter } = await exchange(url, body, {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'Tracklake' },
    lookup: pinned(addresses),
    // A connection of its own: a kept one would have been checked for another name.
    agent: false,
    signal,
  }).catch((cause: unknown) => {
    const how = signal.aborted ? 'did not answer within ten seconds' : `cannot be reached (${codeOf(cause)})`
    throw new Transient(`The receiver ${how}`, {
      cause,
      remedy: 'Look whether it is up and takes messages from the internet.',
    })
  })
  if (status < 200 || status > 299) throw failureOf(status, retryAfter)
}

/** Connects to checked addresses, whatever the name would answer now. */
function pinned(addresses: ResolvedAddress[]): LookupFunction {
  return (_, options, callback) => {
    const [first] = addresses
    if (options.all) callback(null, addresses)
    else callback(null, first?.address ?? '', first?.family)
  }
}

function exchange(url: URL, body: string, options: RequestOptions): Promise<ReceiverResponse> {
  return new Promise((resolve, reject) => {
    const begin = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = begin(url, options, (response) => {
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

/** ECONNREFUSED and the like; the whole message would hold the address. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer'
}

function failureOf(status: number, retryAfter: string | undefined): Failure {
  if (status === 429) {
    const asked = Number(retryAfter) * SECOND
    const wait = Number.isFinite(asked) && asked > 0 ? Math.min(asked, MAX_WAIT_MS) : 30 * SECOND
    const remedy = 'The message is sent again when it takes messages again.'
    return new Wait(`The receiver takes no more messages for now`, new Date(Date.now() + wait), { remedy })
  }
  if (status >= 300 && status < 400)
    return new Stop(`The receiver answers with a redirect, which is not followed`, {
      remedy: 'Enter the address that it leads to.',
    })
  if (status >= 500 || status === 408)
    return new Transient(`The receiver answers with status ${status}`, { remedy: 'Look what it says is wrong.' })
  return new Stop(`The receiver refuses the message with status ${status}`, {
    remedy: 'Make a new address there and replace the one that is saved.',
  })
}
