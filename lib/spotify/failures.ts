import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import { type Failure, Reconnect, Skip, Stop, Transient, Wait } from '#lib/core/errors.ts'

/** An error response, as far as it was understood. */
export interface BadResponse {
  status: number
  /** The `Retry-After` header: seconds or an HTTP date. */
  retryAfter: string | null
  /** `error.message` and `error.reason` of the body, or the plain text of a gateway. */
  message: string
  reason: string | null
}

/** The kind of refusal, in more detail than its recovery. Quota and consent handling depend on it. */
export type FailureKind =
  | 'token'
  | 'scope'
  | 'premium-lapsed'
  | 'not-registered'
  | 'not-available'
  | 'quota'
  | 'rate'
  | 'unavailable'
  | 'malformed'
  | 'refused'

interface FailureRow {
  kind: FailureKind
  when(response: BadResponse, now: Date): boolean
  failure(response: BadResponse, now: Date, context: Record<string, unknown>): Failure
}

const REGISTER =
  'The owner of the Spotify app adds the name and Spotify email address at developer.spotify.com/dashboard under the app, Settings, User Management. It takes effect after a few minutes.'

// Bursts show 1 to 4 s; without the header a short wait is the safe guess.
const DEFAULT_RATE_WAIT_MS = 5 * SECOND
// A spent daily quota without the header: the window is a rolling day.
const DEFAULT_QUOTA_WAIT_MS = DAY

/** The time that a Retry-After header specifies, in seconds or as an HTTP date. */
function retryAt(retryAfter: string | null, now: Date, fallbackMs: number): Date {
  const seconds = retryAfter ? Number(retryAfter) : Number.NaN
  const date = retryAfter ? Date.parse(retryAfter) : Number.NaN
  const waitMs = Number.isFinite(seconds) ? seconds * SECOND : Number.isNaN(date) ? fallbackMs : date - now.getTime()
  // "0" would retry immediately forever. The longest quota is a rolling day, so longer waits end after a day.
  return new Date(now.getTime() + Math.min(Math.max(waitMs, SECOND), DAY))
}

/** The limit per 30 s never asks for more. Before the daily quota had its own error, it asked in the same words. */
const MAX_RATE_WAIT_MS = MINUTE

function isLongWait({ retryAfter }: BadResponse, now: Date): boolean {
  return retryAt(retryAfter, now, 0).getTime() - now.getTime() > MAX_RATE_WAIT_MS
}

/** Spotify's message on one line, to quote in our own. */
function quoted(message: string): string {
  return message
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 100)
}

/** Sorted by recovery; the first matching row decides. The patterns match Spotify's wording of 2026. */
const ROWS: FailureRow[] = [
  {
    kind: 'scope',
    when: ({ status, message }) =>
      (status === 401 && /permissions missing/i.test(message)) ||
      (status === 403 && /insufficient client scope/i.test(message)),
    failure: (_, __, context) =>
      new Skip('You did not allow Tracklake to read this', {
        remedy: 'Press "Reconnect" on Connections and agree to everything listed.',
        context,
      }),
  },
  {
    kind: 'token',
    when: ({ status }) => status === 401,
    failure: (_, __, context) =>
      new Reconnect('Spotify no longer accepts the sign-in', { remedy: 'Press "Reconnect" on Connections.', context }),
  },
  {
    kind: 'premium-lapsed',
    when: ({ status, message }) => status === 403 && /premium subscription required/i.test(message),
    failure: (_, now, context) =>
      new Wait("The Premium subscription of the Spotify app's owner has lapsed", new Date(now.getTime() + HOUR), {
        remedy:
          'The app’s owner has to renew Premium, which can take a few hours to count. Tracklake checks every hour.',
        reason: 'premium_lapsed',
        context,
      }),
  },
  {
    kind: 'not-registered',
    when: ({ status, message }) => status === 403 && /not registered|may not be registered/i.test(message),
    failure: (_, __, context) =>
      new Stop('This Spotify account is not on the allow-list of the Spotify app', { remedy: REGISTER, context }),
  },
  {
    kind: 'not-available',
    when: ({ status }) => status === 403 || status === 404 || status === 410,
    failure: ({ status }, _, context) =>
      status === 403
        ? new Skip('Spotify does not let this app read this', {
            remedy:
              'If this affects everything, check the app at developer.spotify.com. Otherwise there is nothing to do.',
            context,
          })
        : new Skip('Spotify no longer offers this to new apps', {
            remedy: 'Nothing else is affected.',
            context,
          }),
  },
  {
    kind: 'quota',
    when: (response, now) =>
      response.status === 429 && (response.reason === 'QUOTA_EXCEEDED' || isLongWait(response, now)),
    failure: ({ retryAfter }, now, context) =>
      new Wait('Spotify accepts no more requests of this kind today', retryAt(retryAfter, now, DEFAULT_QUOTA_WAIT_MS), {
        remedy: 'Nothing to do. The sync resumes by itself when the quota is back.',
        reason: 'quota',
        context,
      }),
  },
  {
    kind: 'rate',
    when: ({ status }) => status === 429,
    failure: ({ retryAfter }, now, context) =>
      new Wait('Spotify asked for a pause', retryAt(retryAfter, now, DEFAULT_RATE_WAIT_MS), {
        remedy: 'Nothing to do. The sync resumes by itself.',
        reason: 'pause',
        context,
      }),
  },
  {
    kind: 'unavailable',
    when: ({ status }) => status >= 500,
    failure: ({ status }, _, context) =>
      new Transient(`Spotify is not available at the moment (${status})`, {
        remedy: 'Nothing to do. Tracklake tries again. If it keeps happening, see status.spotify.dev.',
        context,
      }),
  },
  {
    kind: 'refused',
    when: () => true,
    failure: ({ status, message }, _, context) =>
      new Stop(`Spotify refused the request (${message ? `${status}: ${quoted(message)}` : status})`, {
        remedy: 'Report it with "Copy for a bug report" on the sync’s page; Spotify may have changed its API.',
        context,
      }),
  },
]

/** Turns an error response into a failure by its recovery. `context.kind` is the kind of refusal. */
export function failureOf(response: BadResponse, now: Date, context: Record<string, unknown>): Failure {
  const row = ROWS.find(({ when }) => when(response, now)) ?? ROWS[ROWS.length - 1]
  if (!row) throw new Error('the table of failures is empty')
  return row.failure(response, now, {
    ...context,
    kind: row.kind,
    status: response.status,
    spotifyMessage: response.message.slice(0, 200),
  })
}

/** The kind that `failureOf` stored in a failure, if any. */
export function kindOf(failure: unknown): FailureKind | null {
  if (!(failure instanceof Error) || !('context' in failure)) return null
  const context = failure.context as { kind?: FailureKind }
  return context.kind ?? null
}

/** A 200 response with an unexpected body. */
export function malformed(why: string, cause: unknown, context: Record<string, unknown>): Transient {
  return new Transient(`Spotify's response could not be understood: ${why}`, {
    remedy: 'Tracklake tries again. If it keeps happening, report it with "Copy for a bug report" on the sync’s page.',
    cause,
    context: { ...context, kind: 'malformed' satisfies FailureKind },
  })
}
