import { now } from '#lib/core/clock.ts'
import { messageOf, Transient } from '#lib/core/errors.ts'
import { proxyFor } from '#lib/core/proxy.ts'
import { toStorable } from '#lib/core/storable.ts'
import { type BadResponse, failureOf, malformed } from './failures.ts'
import { parseResponse } from './response.ts'

/** Pages of 50 full tracks are under 0.5 MB. Anything larger doesn't come from the Web API. */
const MAX_BYTES = 8 * 1024 * 1024
const DEADLINE_MS = 20_000

interface SpotifyRequest {
  /** Path below the API's root, for example `/me/tracks`. */
  path: string
  query: Record<string, string>
  token: string
  /** The past time to respond for; only the simulated Spotify supports it. */
  instant?: Date | null
  deadlineMs?: number | undefined
}

/**
 * One GET of the Web API, without retries. It never follows addresses from a response. Failures are sorted by recovery
 * (failures.ts).
 * @param apiUrl root with /v1
 * @returns the response as it came (`text` is what lands), and its JSON as `parseResponse` reads it; undefined if there is no
 * content (204)
 */
export async function getFromSpotify(
  apiUrl: string,
  { path, query, token, instant, deadlineMs = DEADLINE_MS }: SpotifyRequest,
): Promise<{ text: string; body: unknown }> {
  const url = new URL(`${apiUrl}${path}`)
  url.search = new URLSearchParams(query).toString()
  const { status, retryAfter, text } = await request(url, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(instant ? { 'x-simulated-now': instant.toISOString() } : {}),
    },
    signal: AbortSignal.timeout(deadlineMs),
  })
  if (status === 200) return { text, body: parse(text, apiUrl, path) }
  if (status === 204) return { text: '', body: undefined }
  throw failureOf({ ...parseErrorBody(text), status, retryAfter }, now(), { endpoint: path })
}

/** One request with a bounded response body. Network errors and timeouts become Transient. */
export async function request(
  url: URL,
  init: RequestInit,
): Promise<{ status: number; retryAfter: string | null; text: string }> {
  try {
    const response = await fetch(url, { redirect: 'error', ...init })
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      text: await boundedText(response),
    }
  } catch (cause) {
    if (cause instanceof Transient) throw cause
    const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
    throw new Transient(timedOut ? 'Spotify did not respond in time' : 'Spotify could not be reached', {
      remedy: `${checkConnection(url)} Tracklake tries again.`,
      cause,
      context: { endpoint: url.pathname, reason: messageOf(cause), kind: 'unavailable', timedOut },
    })
  }
}

function checkConnection(url: URL): string {
  const via = proxyFor(url)
  return via
    ? `Check that the proxy ${via.proxy.host} (${via.setting}) is reachable and lets requests to ${url.host} through.`
    : "Check this machine's connection to the internet."
}

async function boundedText(response: Response): Promise<string> {
  if (!response.body) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) {
      throw malformed(`it is larger than ${MAX_BYTES / 1024 / 1024} MB`, undefined, { endpoint: response.url })
    }
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function parse(text: string, apiUrl: string, path: string): unknown {
  try {
    return parseResponse(text, apiUrl)
  } catch (cause) {
    throw malformed('it is not JSON', cause, { endpoint: path })
  }
}

/** Error bodies are JSON, plain text, HTML or empty. */
function parseErrorBody(text: string): Pick<BadResponse, 'message' | 'reason'> {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; reason?: unknown } | string }
    if (typeof error === 'string') return { message: toStorable(error), reason: null }
    return {
      message: typeof error?.message === 'string' ? toStorable(error.message) : '',
      reason: typeof error?.reason === 'string' ? error.reason : null,
    }
  } catch {
    return {
      message: toStorable(text)
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, 300),
      reason: null,
    }
  }
}
