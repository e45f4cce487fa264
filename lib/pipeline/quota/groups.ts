import { DAY, HOUR } from '../../clock.ts'
import type { RequestGroup } from '../../streams/stream.ts'

/** Recently played: what is not read in time is lost, so its requests go before all others. */
export const FIRST_GROUP: RequestGroup = 'player'

/** Stands for all groups together. */
export const WHOLE = '*'

/**
 * What a day seems to allow as long as no answer taught more: Spotify publishes nothing, and stopped others after some
 * 500 to 600 calls for single items. Pages show it; nothing is held back by a guess.
 */
export const GUESSED_DAY: Record<RequestGroup, number> = {
  player: 1_500,
  top: 1_500,
  library: 1_500,
  playlists: 1_000,
  'playlist items': 1_000,
  catalogue: 400,
  account: 1_500,
}

/**
 * A request counts for 24 hours. Hours are counted whole, so that it counts for up to 25 here;
 * quota-free-at.function.sql does the same.
 */
export const COUNTED_MS = DAY + HOUR

/** What holds a request back, as the SQL function names it. */
export type HeldBy = 'pause' | 'quota' | 'budget' | 'reserve'

/** What a run that waits says about it. */
export const HELD_WORDS: Record<HeldBy, { problem: string; remedy: string }> = {
  pause: {
    problem: 'The app has asked Spotify as often as it may for now',
    remedy: 'Nothing to do. The run continues by itself.',
  },
  quota: {
    problem: 'Spotify answers no more requests of this kind today',
    remedy: 'Nothing to do. The run continues by itself when the quota is back.',
  },
  budget: {
    problem: 'The requests of this kind that Spotify allows in 24 hours are used up',
    remedy: 'Nothing to do. The run continues by itself as soon as the oldest ones no longer count.',
  },
  reserve: {
    problem: 'What is left of the requests that Spotify allows in 24 hours is kept for recently played',
    remedy: 'Nothing to do. Plays cannot be fetched later, so they go first; the run continues by itself.',
  },
}
