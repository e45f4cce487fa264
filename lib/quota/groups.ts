import { DAY, HOUR } from '#lib/core/clock.ts'
import type { RequestGroup } from '#lib/streams/stream.ts'

/** Recently played: plays that aren't fetched in time are lost, so its requests go first. */
export const FIRST_GROUP: RequestGroup = 'player'

/** Stands for all request groups together. */
export const ALL_GROUPS = '*'

/**
 * Daily limits assumed until a refusal teaches the real one. Spotify publishes none; others were stopped after 500 to 600
 * calls for single items. Only shown on pages: an assumed limit holds nothing back.
 */
export const ASSUMED_DAY_LIMIT: Record<RequestGroup, number> = {
  player: 1_500,
  top: 1_500,
  library: 1_500,
  playlists: 1_000,
  'playlist items': 1_000,
  catalogue: 400,
  account: 1_500,
}

/**
 * A request counts for 24 hours; since whole hours are counted, for up to 25. quota-free-at.function.sql does the same.
 */
export const COUNTED_MS = DAY + HOUR

/** Why a request is held back, as the SQL function names it. */
export type HeldBy = 'pause' | 'quota' | 'budget' | 'reserve'

/** What a run that waits says about it. */
export const HELD_WORDS: Record<HeldBy, { problem: string; remedy: string }> = {
  pause: {
    problem: 'The app has asked Spotify as often as it may for now',
    remedy: 'Nothing to do. The sync resumes by itself.',
  },
  quota: {
    problem: 'Spotify accepts no more requests of this kind today',
    remedy: 'Nothing to do. The sync resumes by itself when the quota is back.',
  },
  budget: {
    problem: 'The requests of this kind that Spotify allows in 24 hours are used up',
    remedy: 'Nothing to do. The sync resumes by itself as soon as the oldest ones no longer count.',
  },
  reserve: {
    problem: 'What is left of the requests that Spotify allows in 24 hours is kept for recently played',
    remedy: 'Nothing to do. Plays cannot be fetched later, so they go first; the sync resumes by itself.',
  },
}
