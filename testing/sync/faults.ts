import type { RunState } from '#lib/db.ts'
import type { SimulatorSettings } from '#simulator/admin/settings.ts'

/**
 * The fault matrix: what can go wrong during a run, what a person then sees, and how the run recovers. Tests take their
 * expectations from here; docs/faults.md shows the same rows.
 */

/** How a run recovers from a fault. */
export type Recovery = keyof typeof RECOVERIES

export const RECOVERIES = {
  retry: 'Handled within the run.',
  later: 'Waits, then continues by itself where it stopped.',
  rerun: 'Everything fetched so far is kept. The next run, or "Re-run", continues.',
  reconnect: 'Data and bookmarks are kept. Continues after "Reconnect".',
  refused:
    'Waits. The sign-in is retried 10 minutes and 1, 6 and 24 hours after the first refusal; a success resumes the streams. After the second refusal, the listener is asked to reconnect, which works at any time.',
}

/** One row of the matrix. */
export interface FaultRow {
  fault: string
  /** The state of the affected stream. */
  state: RunState
  /** The message on the run page; null if there is none. */
  sees: string | null
  recovery: Recovery
  /** What a person sees elsewhere. */
  elsewhere?: string
}

/** A fault of Spotify, of a consent or of an app, caused by the simulated Spotify. */
export interface SpotifyFault extends FaultRow {
  /** `liked songs`: the listener's other streams continue. */
  affects: 'liked songs' | 'everything'
  /** Affects every listener of the same app, but nobody with another app. */
  affectsApp?: true
  /** @param clientId of the app that the listener signed in through */
  begin(listener: string, clientId: string): SimulatorSettings
  /** If omitted, the fault's responses are cleared. */
  end?(listener: string, clientId: string): SimulatorSettings
}

type Fault = NonNullable<SimulatorSettings['faults']>[number]['fault']

const HOURS_20 = 20 * 3600
/** More than all attempts of a job together. */
const ENDLESS = 1000

/** Pages after the first one, so that something has landed before. */
const LATER_PAGES = '/me/tracks.*offset=[1-9]'

function respondWith(fault: Fault, { times = ENDLESS, path = LATER_PAGES } = {}): SpotifyFault['begin'] {
  return (listener) => ({ faults: [{ match: { path, listener }, times, fault }] })
}

const QUOTA_SPENT = {
  state: 'waiting',
  sees: 'Spotify accepts no more requests of this kind today',
  recovery: 'later',
  affects: 'liked songs',
  affectsApp: true,
} as const
const PASSES = { state: 'succeeded', sees: null, recovery: 'retry', affects: 'liked songs' } as const
const FAILS = { state: 'failed', recovery: 'rerun', affects: 'liked songs' } as const
const SKIPPED = { state: 'skipped', recovery: 'rerun', affects: 'liked songs' } as const
const SIGN_IN_REFUSED = {
  state: 'waiting',
  sees: 'Spotify refused the sign-in',
  affects: 'everything',
} as const

export const SPOTIFY_FAULTS: SpotifyFault[] = [
  {
    ...PASSES,
    fault: '429 with a 1-second pause, as JSON',
    begin: respondWith({ kind: 'rate-limit', retryAfter: 1 }, { times: 1 }),
  },
  {
    ...PASSES,
    fault: '429 with a 1-second pause, as plain text',
    begin: respondWith({ kind: 'rate-limit', retryAfter: 1, body: 'plain' }, { times: 1 }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429 with a 20-hour pause, as JSON',
    begin: respondWith({ kind: 'rate-limit', retryAfter: HOURS_20 }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429 with a 20-hour pause, as plain text',
    begin: respondWith({ kind: 'rate-limit', retryAfter: HOURS_20, body: 'plain' }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429 QUOTA_EXCEEDED for 20 hours',
    begin: respondWith({ kind: 'quota', retryAfter: HOURS_20 }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429 QUOTA_EXCEEDED without Retry-After',
    begin: respondWith({ kind: 'quota', retryAfter: null }),
  },
  {
    ...PASSES,
    fault: 'two 503 responses',
    begin: respondWith({ kind: 'status', status: 503 }, { times: 2 }),
  },
  ...[500, 503].map(
    (status): SpotifyFault => ({
      ...FAILS,
      fault: `endless ${status} responses`,
      sees: `Spotify is not available at the moment (${status})`,
      begin: respondWith({ kind: 'status', status }),
    }),
  ),
  {
    ...PASSES,
    fault: 'one request that times out',
    begin: respondWith({ kind: 'time-out' }, { times: 1 }),
  },
  {
    ...FAILS,
    fault: 'endless timeouts',
    sees: 'Spotify did not respond in time',
    begin: respondWith({ kind: 'time-out' }),
  },
  {
    ...FAILS,
    fault: 'an HTML page from a gateway',
    sees: 'Spotify is not available at the moment (502)',
    begin: respondWith({ kind: 'html' }),
  },
  {
    ...FAILS,
    fault: 'plain text instead of JSON',
    sees: "Spotify's response could not be understood: it is not JSON",
    begin: respondWith({ kind: 'not-json' }),
  },
  {
    ...FAILS,
    fault: 'truncated JSON',
    sees: "Spotify's response could not be understood: it is not JSON",
    begin: respondWith({ kind: 'malformed-json' }),
  },
  {
    ...FAILS,
    fault: 'connections that break in the middle of a response',
    sees: 'Spotify could not be reached',
    begin: respondWith({ kind: 'cut' }),
  },
  {
    ...SKIPPED,
    fault: '403: a scope that was not granted',
    sees: 'You did not allow Tracklake to read this',
    begin: respondWith({ kind: 'status', status: 403, message: 'Insufficient client scope' }),
  },
  {
    ...FAILS,
    fault: "403: not on the app's allow-list",
    sees: 'This Spotify account is not on the allow-list of the Spotify app',
    affects: 'everything',
    begin: (listener) => ({ listeners: { [listener]: { allowed: false } } }),
    end: (listener) => ({ listeners: { [listener]: { allowed: true } } }),
  },
  {
    fault: "403: the app owner's Premium has lapsed",
    state: 'waiting',
    sees: "The Premium subscription of the Spotify app's owner has lapsed",
    recovery: 'later',
    affects: 'everything',
    affectsApp: true,
    begin: (_, clientId) => ({ apps: { [clientId]: { premiumLapsed: true } } }),
    end: (_, clientId) => ({ apps: { [clientId]: { premiumLapsed: false } } }),
  },
  ...[403, 404].map(
    (status): SpotifyFault => ({
      ...SKIPPED,
      fault: `${status}: data that this app may not read`,
      sees: status === 404 ? 'Spotify no longer offers this to new apps' : 'Spotify does not let this app read this',
      begin: respondWith({ kind: 'status', status, message: 'Forbidden' }),
    }),
  ),
  {
    ...PASSES,
    fault: '401: an expired token',
    begin: respondWith({ kind: 'expired-token' }, { times: 1 }),
  },
  {
    ...SIGN_IN_REFUSED,
    fault: 'a sign-in that Spotify refuses once (400 invalid_grant)',
    recovery: 'later',
    begin: (listener) => ({
      faults: [
        { match: { path: '/me/', listener }, times: ENDLESS, fault: { kind: 'expired-token' } },
        { match: { path: '/api/token' }, fault: { kind: 'invalid-grant' } },
      ],
    }),
  },
  {
    ...SIGN_IN_REFUSED,
    fault: 'every token refused (401) right after its refresh',
    recovery: 'later',
    begin: respondWith({ kind: 'expired-token' }, { path: '/me' }),
  },
  {
    ...SIGN_IN_REFUSED,
    fault: 'a revoked consent',
    recovery: 'refused',
    begin: (listener) => ({ listeners: { [listener]: { consent: 'revoked' } } }),
    end: () => ({}),
  },
  {
    fault: 'a consent that expired after six months',
    state: 'failed',
    sees: 'Your consent has expired, as it does every six months',
    recovery: 'reconnect',
    affects: 'everything',
    begin: (listener) => ({ listeners: { [listener]: { consent: 'expired' } } }),
    end: () => ({}),
  },
  {
    ...FAILS,
    fault: 'one request whose token is refused (401) although it works for others',
    sees: 'Spotify refused the request (401)',
    begin: respondWith({ kind: 'expired-token' }),
  },
  {
    ...FAILS,
    fault: 'a client secret that Spotify rejects',
    sees: 'Spotify does not accept the client secret of the app',
    begin: (listener, clientId) => ({
      conditions: { wrongSecret: true },
      ...respondWith({ kind: 'expired-token' })(listener, clientId),
    }),
    end: () => ({ conditions: { wrongSecret: false }, clearFaults: true }),
  },
]
