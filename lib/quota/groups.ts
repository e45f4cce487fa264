import type { QuotaHold } from '#lib/api/lists.ts'
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
export type HeldBy = 'pause' | 'quota' | QuotaHold

/** The messages of a run that waits. */
export const HELD_MESSAGES: Record<HeldBy, { problem: string; remedy: string }> = {
  pause: {
    problem: 'The app has reached Spotify’s rate limit',
    remedy: 'Nothing to do. The sync resumes by itself.',
  },
  quota: {
    problem: 'Spotify accepts no more requests of this kind today',
    remedy: 'Nothing to do. The sync resumes by itself when the quota is back.',
  },
  budget: {
    problem: "Spotify's daily limit for requests of this kind is used up",
    remedy: 'Nothing to do. The sync resumes by itself as soon as the oldest requests no longer count.',
  },
  reserve: {
    problem: "The rest of Spotify's daily limit is reserved for recently played",
    remedy: "Nothing to do. Plays can't be fetched later, so they go first; the sync resumes by itself.",
  },
}
