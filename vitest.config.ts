import { configDefaults, defineConfig } from 'vitest/config'

const ANSWERS = '**/*.answers.test.ts'
const CONTRACT = 'lib/warehouse/contract*.test.ts'
const LIVE = '**/*.live.test.ts'
const INNGEST = '**/*.inngest.test.ts'
const INTEGRATION = '**/*.integration.test.ts'
const TWO = '**/*.two.test.ts'
const NO_TESTS_HERE = [...configDefaults.exclude, '.next/**', '.cache/**', '.data/**', 'e2e/**']

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...NO_TESTS_HERE, ANSWERS, INNGEST, INTEGRATION, LIVE, TWO],
          // Some load thousands of rows into two engines; the limit only catches what hangs.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [INTEGRATION],
          exclude: NO_TESTS_HERE,
          globalSetup: 'testing/postgres/postgres.ts',
          // Several start processes; the limit only catches what hangs.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Starts two whole instances, see `npm run test:two`.
        test: { name: 'two', include: [TWO], exclude: NO_TESTS_HERE, testTimeout: 600_000, hookTimeout: 600_000 },
      },
      {
        // Needs a folder of real answers, see `npm run test:answers`.
        test: { name: 'answers', include: [ANSWERS], exclude: NO_TESTS_HERE, testTimeout: 120_000 },
      },
      {
        // Needs a server of Inngest, see `npm run test:inngest`: its pauses between tries are its own.
        test: {
          name: 'inngest',
          include: [INNGEST],
          exclude: NO_TESTS_HERE,
          globalSetup: 'testing/postgres/postgres.ts',
          // They serve at one address, one after the other.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Needs a real account, see `npm run test:snowflake`: the contract of all warehouses, over that one alone.
        test: {
          name: 'snowflake',
          include: [CONTRACT, LIVE],
          exclude: NO_TESTS_HERE,
          globalSetup: 'testing/snowflake/live/setup.ts',
          // Each opens sessions over the internet, and one after the other costs the fewest starts of a warehouse.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
