import { defineConfig } from '@playwright/test'
import type { Browser } from './testing/runner/browser.ts'

// `npm run test:e2e` starts an instance, finds a browser and passes both in the environment.
const { E2E_ORIGIN, E2E_BROWSER_LAUNCH } = process.env
if (!E2E_ORIGIN || !E2E_BROWSER_LAUNCH) {
  throw new Error('Run the browser tests with `npm run test:e2e`; arguments for Playwright follow after --.')
}
const { executablePath, args, env } = JSON.parse(E2E_BROWSER_LAUNCH) as Browser

const LONGEST = 'snowflake.spec.ts'

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.cache/browser-tests',
  fullyParallel: true,
  // One more than the usual cores: a test waits for the instance as often as it works.
  workers: 3,
  // Generous, because the machine may be busy; the limits are only for tests that hang.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: [['list'], ['json']],
  use: {
    baseURL: E2E_ORIGIN,
    launchOptions: { executablePath, args, env },
    // Screenshots in a trace are a screencast: without a GPU it costs more than everything else that the browser does.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
  // One instance serves all tests, so the first listener signs in first, and tests that affect all others run last.
  projects: [
    { name: 'first', testMatch: 'first.spec.ts', workers: 1 },
    // The tests of the longest file run one after the other; started first, it ends with the rest.
    { name: 'longest', testMatch: LONGEST, dependencies: ['first'] },
    { name: 'journeys', testIgnore: ['first.spec.ts', LONGEST, 'alone.spec.ts'], dependencies: ['first'] },
    { name: 'alone', testMatch: 'alone.spec.ts', workers: 1, dependencies: ['longest', 'journeys'] },
  ],
})
