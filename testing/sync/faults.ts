import type { RunState } from '#lib/db.ts'
import type { Orders } from '#simulator/admin.ts'

/**
 * The fault matrix: what may go wrong around a run, what a person then sees and how it ends. Tests take what they expect
 * from here, and docs/faults.md shows it to everybody.
 */

/** How it goes on once the fault is over. */
export type GoesOn = keyof typeof GOES_ON

export const GOES_ON = {
  alone: 'It is tried again within the run.',
  later: 'It waits, and goes on by itself where it stopped.',
  rerun: 'What was landed stays. The next run, or "Re-run", goes on.',
  reconnect: 'Data and bookmarks stay. After "Reconnect" it goes on from them.',
}

/** One row of the matrix. */
export interface FaultRow {
  fault: string
  /** The state of the stream that meets it. */
  state: RunState
  /** The sentence on the page of the run; null where nobody has to know. */
  sees: string | null
  goesOn: GoesOn
  /** What a person sees elsewhere than on the run. */
  elsewhere?: string
}

/** A fault of Spotify, of a consent or of an app, which the simulation brings about. */
export interface SpotifyFault extends FaultRow {
  /** `liked songs`: the other streams of the same listener go on. */
  meets: 'liked songs' | 'everything'
  /** Meets everybody who signed in through the same app; who has another app notices nothing. */
  ofApp?: true
  /** @param clientId of the app that the listener signed in through */
  begin(listener: string, clientId: string): Orders
  /** Left out: what Spotify answered is over. */
  end?(listener: string, clientId: string): Orders
}

type Fault = NonNullable<Orders['faults']>[number]['fault']

const HOURS_20 = 20 * 3600
/** More than all tries of a job together. */
const WITHOUT_END = 1000

/** Pages after the first one, so that something was landed before. */
const LATER_PAGES = '/me/tracks.*offset=50'

function answers(fault: Fault, { times = WITHOUT_END, path = LATER_PAGES } = {}): SpotifyFault['begin'] {
  return (listener) => ({ faults: [{ match: { path, listener }, times, fault }] })
}

const QUOTA_SPENT = {
  state: 'waiting',
  sees: 'Spotify answers no more requests of this kind today',
  goesOn: 'later',
  meets: 'liked songs',
  ofApp: true,
} as const
const PASSES = { state: 'succeeded', sees: null, goesOn: 'alone', meets: 'liked songs' } as const
const FAILS = { state: 'failed', goesOn: 'rerun', meets: 'liked songs' } as const
const SKIPPED = { state: 'skipped', goesOn: 'rerun', meets: 'liked songs' } as const
const OVER = { state: 'failed', goesOn: 'reconnect', meets: 'everything' } as const

export const SPOTIFY_FAULTS: SpotifyFault[] = [
  {
    ...PASSES,
    fault: '429: a pause of a second, as JSON',
    begin: answers({ kind: 'rate-limit', retryAfter: 1 }, { times: 1 }),
  },
  {
    ...PASSES,
    fault: '429: a pause of a second, as plain text',
    begin: answers({ kind: 'rate-limit', retryAfter: 1, body: 'plain' }, { times: 1 }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429: a pause of 20 hours, as JSON',
    begin: answers({ kind: 'rate-limit', retryAfter: HOURS_20 }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429: a pause of 20 hours, as plain text',
    begin: answers({ kind: 'rate-limit', retryAfter: HOURS_20, body: 'plain' }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429 QUOTA_EXCEEDED for 20 hours',
    begin: answers({ kind: 'quota', retryAfter: HOURS_20 }),
  },
  {
    ...QUOTA_SPENT,
    fault: '429 QUOTA_EXCEEDED without a time',
    begin: answers({ kind: 'quota', retryAfter: null }),
  },
  {
    ...PASSES,
    fault: 'two answers 503',
    begin: answers({ kind: 'status', status: 503 }, { times: 2 }),
  },
  ...[500, 503].map(
    (status): SpotifyFault => ({
      ...FAILS,
      fault: `answers ${status} without end`,
      sees: `Spotify is not available at the moment (${status})`,
      begin: answers({ kind: 'status', status }),
    }),
  ),
  {
    ...PASSES,
    fault: 'one answer that does not come',
    begin: answers({ kind: 'time-out' }, { times: 1 }),
  },
  {
    ...FAILS,
    fault: 'answers that never come',
    sees: 'Spotify did not answer in time',
    begin: answers({ kind: 'time-out' }),
  },
  {
    ...FAILS,
    fault: 'the HTML of a gateway',
    sees: 'Spotify is not available at the moment (502)',
    begin: answers({ kind: 'html' }),
  },
  {
    ...FAILS,
    fault: 'plain text in place of JSON',
    sees: "Spotify's answer could not be understood: it is not JSON",
    begin: answers({ kind: 'not-json' }),
  },
  {
    ...FAILS,
    fault: 'JSON that stops in the middle',
    sees: "Spotify's answer could not be understood: it is not JSON",
    begin: answers({ kind: 'malformed-json' }),
  },
  {
    ...FAILS,
    fault: 'connections that break in the middle of an answer',
    sees: 'Spotify could not be reached',
    begin: answers({ kind: 'cut' }),
  },
  {
    ...SKIPPED,
    fault: '403: a scope that was not given',
    sees: 'You did not allow Tracklake to read this',
    begin: answers({ kind: 'status', status: 403, message: 'Insufficient client scope' }),
  },
  {
    ...FAILS,
    fault: '403: not on the allow-list of the app',
    sees: 'This Spotify account is not on the allow-list of the Spotify app',
    meets: 'everything',
    begin: (listener) => ({ listeners: { [listener]: { allowed: false } } }),
    end: (listener) => ({ listeners: { [listener]: { allowed: true } } }),
  },
  {
    fault: "403: the Premium of the app's owner has lapsed",
    state: 'waiting',
    sees: "The Premium subscription of the Spotify app's owner has lapsed",
    goesOn: 'later',
    meets: 'everything',
    ofApp: true,
    begin: (_, clientId) => ({ apps: { [clientId]: { premiumLapsed: true } } }),
    end: (_, clientId) => ({ apps: { [clientId]: { premiumLapsed: false } } }),
  },
  ...[403, 404].map(
    (status): SpotifyFault => ({
      ...SKIPPED,
      fault: `${status}: something that this app may not read`,
      sees: status === 404 ? 'Spotify does not show this to new apps' : 'Spotify does not let this app read this',
      begin: answers({ kind: 'status', status, message: 'Forbidden' }),
    }),
  ),
  {
    ...PASSES,
    fault: '401: a token that ended',
    begin: answers({ kind: 'expired-token' }, { times: 1 }),
  },
  {
    ...OVER,
    fault: 'a consent that was taken back',
    sees: 'The consent was taken back on Spotify, or the sign-in took too long',
    begin: (listener) => ({ listeners: { [listener]: { consent: 'revoked' } } }),
    end: () => ({}),
  },
  {
    ...OVER,
    fault: 'a consent that is over after six months',
    sees: 'Your consent is over: Spotify ends it after six months',
    begin: (listener) => ({ listeners: { [listener]: { consent: 'expired' } } }),
    end: () => ({}),
  },
  {
    ...FAILS,
    fault: 'a client secret that Spotify no longer takes',
    sees: 'Spotify does not accept the client secret of the app',
    begin: (listener, clientId) => ({
      conditions: { wrongSecret: true },
      ...answers({ kind: 'expired-token' })(listener, clientId),
    }),
    end: () => ({ conditions: { wrongSecret: false }, clearFaults: true }),
  },
]
