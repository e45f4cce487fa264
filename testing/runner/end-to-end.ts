import { join } from 'node:path'
import { runningServerUrl } from '#scripts/postgres.ts'
import { removeTestFolder, startInstance } from '#testing/instances/instance.ts'
import { startSnowflake } from '#testing/instances/snowflake-process.ts'
import { findBrowser } from './browser.ts'
import { type Counts, readPlaywrightCounts, resultFile } from './results.ts'

type Run = (command: string[], environment: Record<string, string>) => Promise<number>

// Avoids waiting, and turns on the simulator's switches for tests.
const QUICK = {
  SIMULATOR_ADMIN: '1',
  SIMULATOR_LATENCY_MS: '0',
  SIMULATOR_WINDOW_SECONDS: '2',
  ENGINE_BACKOFF_MS: '100',
  // The tests start receivers for webhooks on this machine.
  WEBHOOKS_TO_LOOPBACK: '1',
  // Scheduled runs would interfere with those that a test starts.
  PLAN_EVERY: '30m',
}

/**
 * Runs the browser tests against one demo instance. Environment variables tell them the instance (E2E_ORIGIN), its
 * simulator (E2E_SIMULATOR), its data (E2E_DATA_FOLDER, E2E_DATABASE_URL), the Snowflake test server (E2E_SNOWFLAKE) and
 * the browser (E2E_BROWSER_LAUNCH, a Browser as JSON).
 */
export async function runEndToEnd(args: string[], run: Run): Promise<Counts> {
  const browser = await findBrowser()
  console.log(`browser: ${browser.from}`)
  const snowflake = await startSnowflake()
  const instance = await startInstance({ ...QUICK, SNOWFLAKE_ENDPOINT: snowflake.url })
  try {
    await instance.printed('ready on')
    const file = resultFile('e2e')
    const code = await run(['node_modules/@playwright/test/cli.js', 'test', ...args], {
      E2E_ORIGIN: instance.origin,
      E2E_SIMULATOR: instance.simulator,
      E2E_SNOWFLAKE: snowflake.url,
      E2E_DATA_FOLDER: instance.dataFolder,
      E2E_DATABASE_URL: runningServerUrl(join(instance.dataFolder, 'postgres'), 'tracklake_demo'),
      E2E_BROWSER_LAUNCH: JSON.stringify(browser),
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    })
    return readPlaywrightCounts(file, code)
  } finally {
    await instance.stop()
    await snowflake.stop()
    removeTestFolder(instance.dataFolder)
  }
}
