import type { FaultRow } from './faults.ts'

/** The rows of the fault matrix (faults.ts) that the simulated Spotify can't cause. */

/** Faults with tests of their own that check more than this matrix: the file and the name of the test. */
export const TESTED_ELSEWHERE: { fault: string; sees: string | null; outcome: string; file: string; test: string }[] = [
  {
    fault: '429: endless 1-second pauses',
    sees: 'Spotify asked for a pause',
    outcome: 'After four short pauses it waits, longer each time, then continues where it stopped.',
    file: 'lib/extract/failures.integration.test.ts',
    test: 'waits longer each time when Spotify keeps requesting short pauses, and continues afterwards',
  },
  {
    fault: 'liked songs blocked for 20 hours while recently played is polled',
    sees: 'Spotify accepts no more requests of this kind today',
    outcome: 'Every poll of recently played succeeds. Liked songs continue after the 20 hours.',
    file: 'lib/quota/blocked.integration.test.ts',
    test: 'with liked songs blocked for 20 hours no play is lost, and afterwards liked songs are complete',
  },
  {
    fault: 'a stream that fails while another stream of its run waits for 20 hours',
    sees: 'the message of the failed stream, on the run, in the list and in the banner',
    outcome:
      'The listener is notified right away and not again when the run ends. "Re-run failed" and scheduled runs read it in another run.',
    file: 'lib/sync/open-runs.integration.test.ts',
    test: 'reports a stream that fails while another waits right away, and not again when the run ends',
  },
  {
    fault: 'a list that changes while it is read',
    sees: null,
    outcome: 'It is read again, up to twice.',
    file: 'lib/sync/later-runs.integration.test.ts',
    test: 'a list that changes by one %s while it is read is read again, and no row is lost',
  },
  {
    fault: 'a list that changes during all three reads',
    sees: 'The list changed each of the three times it was read',
    outcome: 'The last synced data is kept. The next sync tries again.',
    file: 'lib/sync/later-runs.integration.test.ts',
    test: 'a list that changes during all three reads keeps its rows, and the run is incomplete',
  },
  {
    fault: 'a playlist that Spotify refuses',
    sees: 'Spotify did not return 1 playlist',
    outcome: 'The last synced data is kept. The next sync tries again.',
    file: 'lib/extract/playlists.integration.test.ts',
    test: 'keeps the rows of a refused playlist, reads the others, ends incomplete and requests it again in the next run',
  },
  {
    fault: 'a playlist that Spotify never showed',
    sees: 'Spotify did not return 1 playlist',
    outcome: 'The first run says so. If refused again, it counts as unreadable until it changes.',
    file: 'lib/extract/playlists.integration.test.ts',
    test: 'ends one run as incomplete, not all, for a playlist that Spotify never showed, and requests it again when it changes',
  },
  {
    fault: 'more than 50 plays between two polls',
    sees: 'Plays between … and … may be missing',
    outcome: 'What Spotify shows is loaded. The next poll continues from there.',
    file: 'lib/extract/poll-plays.integration.test.ts',
    test: 'ends incomplete and keeps all known plays when a poll does not overlap the one before',
  },
  {
    fault: 'a truncated landed page',
    sees: 'A stored response from Spotify is damaged',
    outcome: 'The next run, or "Re-run", reads it again.',
    file: 'lib/load/load.integration.test.ts',
    test: 'fails only its own stream when a landed page %s, and reads it again in the next run',
  },
  {
    fault: 'a warehouse file that another process has open',
    sees: 'The warehouse file is in use by another process',
    outcome: 'What was read waits, then is loaded in order.',
    file: 'lib/load/load.integration.test.ts',
    test: 'waits while another process holds the warehouse file, then loads everything, oldest first',
  },
  {
    fault: 'a warehouse file in use by another process while recently played is polled',
    sees: 'The warehouse file is in use by another process',
    outcome: 'Every poll succeeds. What was read waits, then is loaded in order.',
    file: 'lib/load/load.integration.test.ts',
    test: 'keeps polling recently played while the warehouse file is held, and loses no play',
  },
  {
    fault: 'a damaged warehouse file',
    sees: 'The warehouse file is damaged or was written by a newer version',
    outcome: '"Rebuild" on Connections creates a new file and loads everything that was landed.',
    file: 'lib/load/load.integration.test.ts',
    test: 'reports a warehouse file %s before anything is loaded, and rebuilds it with the same tables',
  },
  {
    fault: '"Rebuild" for a working warehouse file, for example in another tab',
    sees: 'The built-in warehouse is not damaged, so nothing was changed',
    outcome: 'The working file and the damaged one that was set aside both stay.',
    file: 'lib/load/load.integration.test.ts',
    test: 'reports a warehouse file %s before anything is loaded, and rebuilds it with the same tables',
  },
  {
    fault: 'a damaged block in a warehouse file that still opens',
    sees: 'The warehouse file is damaged or was written by a newer version',
    outcome: 'Connections says so once a page or a load needs the block, also after a restart, and offers "Rebuild".',
    file: 'lib/warehouse/duckdb/duckdb.test.ts',
    test: 'remembers a damaged block of a file that still opens, also after a restart, until the file is set aside',
  },
  {
    fault: 'a job that the server of background functions forgot',
    sees: null,
    outcome: 'Planning resumes it after five minutes; /api/health is degraded until then.',
    file: 'lib/schedule/plan.integration.test.ts',
    test: 'the next attempt continues a stream run whose job was lost',
  },
  {
    fault: 'a Snowflake that is unreachable for several runs',
    sees: null,
    outcome: 'Its loads wait, and its page says so. Everything is loaded once it is back.',
    file: 'e2e/snowflake.spec.ts',
    test: 'loses and duplicates nothing while Snowflake is down for several syncs',
  },
  {
    fault: 'processes killed at random moments, including Postgres',
    sees: null,
    outcome: 'They are restarted, and interrupted work is repeated.',
    file: 'scripts/crash.integration.test.ts',
    test: 'kills at random moments',
  },
]

/** Faults of Tracklake's own processes, clock, database and disk; each has a test of the same name. */
export const SYSTEM_FAULTS = {
  'a crash right after Spotify replaced the refresh token': {
    state: 'waiting',
    sees: 'Spotify refused the sign-in',
    recovery: 'refused',
  },
  'a clock that is set ahead by a day': { state: 'succeeded', sees: null, recovery: 'retry' },
  'a clock that is set back by a day': { state: 'succeeded', sees: null, recovery: 'retry' },
  'an unreachable database': {
    state: 'running',
    sees: null,
    recovery: 'retry',
    elsewhere: '/api/health: postgres not responding',
  },
  'a full disk under the landing zone': {
    state: 'waiting',
    sees: 'The disk that holds the landing folder is full',
    recovery: 'later',
  },
  'a landing zone that is not writable': {
    state: 'waiting',
    sees: 'The landing folder cannot be used',
    recovery: 'later',
  },
  'a full disk under the warehouses': {
    state: 'waiting',
    sees: 'The disk that holds the warehouses is full',
    recovery: 'later',
  },
  'an unexpected error': {
    state: 'failed',
    sees: 'Something unexpected happened in Tracklake; its log has the details',
    recovery: 'rerun',
  },
  'two runs ordered at once': { state: 'succeeded', sees: null, recovery: 'retry' },
} as const satisfies Record<string, Omit<FaultRow, 'fault'>>
