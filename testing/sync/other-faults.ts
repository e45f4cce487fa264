import type { FaultRow } from './faults.ts'

/** The rows of the fault matrix (faults.ts) that no order to the simulated Spotify brings about. */

/** Faults whose tests look at more than this matrix does: in which file, under which name. */
export const TESTED_ELSEWHERE: { fault: string; sees: string | null; ends: string; file: string; test: string }[] = [
  {
    fault: '429: pauses of a second without end',
    sees: 'Spotify asks for a pause',
    ends: 'After four short pauses it waits, longer each time, and goes on by itself where it stopped.',
    file: 'lib/extract/failures.integration.test.ts',
    test: 'waits longer each time when Spotify keeps requesting short pauses, and continues afterwards',
  },
  {
    fault: 'liked songs blocked for 20 hours while recently played is looked at',
    sees: 'Spotify answers no more requests of this kind today',
    ends: 'Every look at recently played goes through. Liked songs go on after the 20 hours.',
    file: 'lib/quota/blocked.integration.test.ts',
    test: 'saved tracks blocked for 20 hours: recently played loses nothing, and afterwards neither do they',
  },
  {
    fault: 'a list that moves while it is read',
    sees: null,
    ends: 'It is read again, up to twice more.',
    file: 'lib/sync/later-runs.integration.test.ts',
    test: 'a list that shifts by one %s while it is read is read again, and no row is lost',
  },
  {
    fault: 'a list that moves each of three times',
    sees: 'The list changed each of the three times it was read',
    ends: 'The last synced data is kept. The next sync tries again.',
    file: 'lib/sync/later-runs.integration.test.ts',
    test: 'a list that shifts each of three times leaves its rows as they were, and the run is incomplete',
  },
  {
    fault: 'a playlist that Spotify refuses',
    sees: 'Spotify did not show 1 playlist',
    ends: 'The last synced data is kept. The next sync tries again.',
    file: 'lib/extract/playlists.integration.test.ts',
    test: 'keeps the rows of a refused playlist, reads the others, ends incomplete and requests it again in the next run',
  },
  {
    fault: 'a playlist that Spotify never showed',
    sees: 'Spotify did not show 1 playlist',
    ends: 'The first run says so. Refused again, it is taken for one that cannot be read, and asked again when it changes.',
    file: 'lib/extract/playlists.integration.test.ts',
    test: 'ends one run as incomplete, not all, for a playlist that Spotify never showed, and requests it again when it changes',
  },
  {
    fault: 'more than 50 plays between two looks',
    sees: 'Plays between … and … may be missing',
    ends: 'What Spotify shows is loaded. The next look goes on from it.',
    file: 'lib/extract/poll-plays.integration.test.ts',
    test: 'ends incomplete and keeps all known plays when a poll does not overlap the one before',
  },
  {
    fault: 'a landed page that is cut short',
    sees: 'A landed object is damaged',
    ends: 'The next run, or "Re-run", reads it anew.',
    file: 'lib/load/load.integration.test.ts',
    test: 'fails only its own stream when a landed page %s, and reads it again in the next run',
  },
  {
    fault: 'a warehouse file that another process holds',
    sees: 'The warehouse file is in use by another process',
    ends: 'What was read waits, and is loaded in its order.',
    file: 'lib/load/load.integration.test.ts',
    test: 'waits while another process holds the warehouse file, then loads everything, oldest first',
  },
  {
    fault: 'a warehouse file that is held while recently played is looked at',
    sees: 'The warehouse file is in use by another process',
    ends: 'Every look goes through. What was read waits, and is loaded in its order.',
    file: 'lib/load/load.integration.test.ts',
    test: 'keeps polling recently played while the warehouse file is held, and loses no play',
  },
  {
    fault: 'a warehouse file that is damaged',
    sees: 'The warehouse file is damaged or was written by a newer version',
    ends: 'With the file moved away everything that was landed is loaded again.',
    file: 'lib/load/load.integration.test.ts',
    test: 'fails with a remedy on a damaged warehouse file, and loads everything again once it was moved away',
  },
  {
    fault: 'a Snowflake that is away for several runs',
    sees: null,
    ends: 'Its loads wait and say so on its page. Everything is loaded once it is back.',
    file: 'e2e/snowflake.spec.ts',
    test: 'loses and duplicates nothing while Snowflake is down for several syncs',
  },
  {
    fault: 'processes that are killed at random moments, Postgres among them',
    sees: null,
    ends: 'They are started again, and what broke off is repeated.',
    file: 'scripts/crash.integration.test.ts',
    test: 'kills at random moments',
  },
]

/** Faults of what Tracklake itself stands on; each has a test of its own, under the same name. */
export const OWN_FAULTS = {
  'a crash right after Spotify replaced the refresh token': {
    state: 'failed',
    sees: 'The consent was taken back on Spotify, or the sign-in took too long',
    goesOn: 'reconnect',
  },
  'a clock that is put ahead by a day': { state: 'succeeded', sees: null, goesOn: 'alone' },
  'a clock that is put back by a day': { state: 'succeeded', sees: null, goesOn: 'alone' },
  'a database that is away': {
    state: 'running',
    sees: null,
    goesOn: 'alone',
    elsewhere: '/api/health: postgres not responding',
  },
  'a full disk under the landing zone': {
    state: 'waiting',
    sees: 'The disk that holds the landing folder is full',
    goesOn: 'later',
  },
  'a landing zone that cannot be written': {
    state: 'waiting',
    sees: 'The landing folder cannot be used',
    goesOn: 'later',
  },
  'a full disk under the warehouses': {
    state: 'waiting',
    sees: 'The disk that holds the warehouses is full',
    goesOn: 'later',
  },
  'an error that nobody foresaw': {
    state: 'failed',
    sees: 'Something unexpected happened in Tracklake; its log has the details',
    goesOn: 'rerun',
  },
  'two runs that are asked for at once': { state: 'succeeded', sees: null, goesOn: 'alone' },
} as const satisfies Record<string, Omit<FaultRow, 'fault'>>
