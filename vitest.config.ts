import { configDefaults, defineConfig } from 'vitest/config'

const ANSWERS = '**/*.answers.test.ts'
const INTEGRATION = '**/*.integration.test.ts'
const NO_TESTS_HERE = [...configDefaults.exclude, '.next/**', '.cache/**', '.data/**', 'e2e/**']

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...NO_TESTS_HERE, ANSWERS, INTEGRATION],
        },
      },
      {
        test: {
          name: 'integration',
          include: [INTEGRATION],
          exclude: NO_TESTS_HERE,
          globalSetup: 'scripts/testing/postgres.ts',
          // Several start processes; the limit only catches what hangs.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Needs a folder of real answers, see `npm run test:answers`.
        test: { name: 'answers', include: [ANSWERS], exclude: NO_TESTS_HERE, testTimeout: 120_000 },
      },
    ],
  },
})
