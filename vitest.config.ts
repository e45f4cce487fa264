import { configDefaults, defineConfig } from 'vitest/config'

const ANSWERS = '**/*.answers.test.ts'
/** Needs Spotify's OpenAPI document besides. */
const OPENAPI = 'simulator/openapi.answers.test.ts'
const CONTRACT = 'lib/warehouse/contract*.test.ts'
const S3_CONTRACT = 'lib/{s3,landing}/contract.test.ts'
const LIVE = '**/*.live.test.ts'
const INNGEST = '**/*.inngest.test.ts'
const INTEGRATION = '**/*.integration.test.ts'
const TWO = '**/*.two.test.ts'
const SHARED_PROCESSES = { isolate: false, setupFiles: ['testing/runner/start-over.ts'] }
const NO_TESTS_HERE = [...configDefaults.exclude, '.next/**', '.cache/**', '.data/**', 'e2e/**']

export default defineConfig({
  test: {
    // One more than the usual cores: a test waits for Postgres and other processes as often as it works.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          ...SHARED_PROCESSES,
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...NO_TESTS_HERE, ANSWERS, INNGEST, INTEGRATION, LIVE, TWO],
          // Some load thousands of rows into two engines; the limit is only for tests that hang.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          ...SHARED_PROCESSES,
          include: [INTEGRATION],
          exclude: NO_TESTS_HERE,
          globalSetup: 'testing/postgres/postgres.ts',
          // Some start processes; the limit is only for tests that hang.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Starts two complete instances, see `npm run test:two`.
        test: { name: 'two', include: [TWO], exclude: NO_TESTS_HERE, testTimeout: 600_000, hookTimeout: 600_000 },
      },
      {
        // Needs a folder with real responses, see `npm run test:answers`.
        test: {
          name: 'answers',
          include: [ANSWERS],
          exclude: [...NO_TESTS_HERE, ...(process.env.SPOTIFY_OPENAPI ? [] : [OPENAPI])],
          testTimeout: 120_000,
        },
      },
      {
        // Needs an Inngest server, see `npm run test:inngest`. It has its own delays between attempts.
        test: {
          name: 'inngest',
          include: [INNGEST],
          exclude: NO_TESTS_HERE,
          globalSetup: 'testing/postgres/postgres.ts',
          // They all serve at the same address.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Needs a bucket, see `npm run test:s3`.
        test: { name: 's3', include: [S3_CONTRACT], env: { S3_TEST: '1' }, testTimeout: 300_000, hookTimeout: 300_000 },
      },
      {
        // Needs a real account, see `npm run test:snowflake`. Runs the contract of all warehouses on that account.
        test: {
          name: 'snowflake',
          include: [CONTRACT, LIVE],
          exclude: NO_TESTS_HERE,
          globalSetup: 'testing/snowflake/live/setup.ts',
          // Running them one by one needs the fewest starts of a warehouse.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
