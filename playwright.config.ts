import { defineConfig } from '@playwright/test'
import type { Browser } from './scripts/testing/browser.ts'

// `npm run test:e2e` starts an instance, finds a browser and hands both over in the environment.
const { E2E_ORIGIN, E2E_BROWSER_LAUNCH } = process.env
if (!E2E_ORIGIN || !E2E_BROWSER_LAUNCH) {
  throw new Error('Run the browser tests with `npm run test:e2e`; arguments for Playwright follow after --.')
}
const { executablePath, args, env } = JSON.parse(E2E_BROWSER_LAUNCH) as Browser

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 2,
  forbidOnly: true,
  reporter: [['list'], ['json']],
  use: {
    baseURL: E2E_ORIGIN,
    launchOptions: { executablePath, args, env },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
})
