import { existsSync } from 'node:fs'
import { MINUTE } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'
import { testLakePeers } from '#testing/lake/peers.ts'
import { testDbt } from '#testing/models/dbt.ts'
import { startCpuMeter } from '#testing/runner/cpu-meter.ts'
import { runEndToEnd } from '#testing/runner/end-to-end.ts'
import { type Counts, readVitestCounts, resultFile } from '#testing/runner/results.ts'
import { runTool as run } from '#testing/runner/run-tool.ts'
import { S3_TEST_SETTINGS } from '#testing/s3/test-bucket.ts'
import { missingSettings } from '#testing/snowflake/live/settings.ts'
import { formatSeries, soak } from '#testing/soak/soak.ts'
import { isFlat } from '#testing/soak/trend.ts'

/** The parts of `npm test` in the order in which they run: quick and informative ones first. */

/** @returns the counts, or why the part didn't run */
type Part = (args: string[]) => Promise<Counts | { notRun: string }>

/** Tests that kill processes wait for recovery each time. */
const KILLING_MS = 45 * MINUTE

const PARTS: Record<string, Part> = {
  lint: check('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
  words: check('scripts/check-vocabulary.ts'),
  types: async (args) => {
    const generated = await run(['node_modules/next/dist/bin/next', 'typegen']) // types that a build would generate
    return generated === 0 ? check('node_modules/typescript/bin/tsc', '--noEmit')(args) : { passed: 0, failed: 1 }
  },
  borders: check('scripts/check-borders.ts'),
  unused: check('node_modules/knip/bin/knip.js'),
  lock: check('scripts/check-lock.ts'),
  unit: vitest('unit'),
  integration: vitest('integration'),
  e2e: (args) => runEndToEnd(args, run),
  crash: (args) =>
    vitest(
      'integration',
      { CRASH_KILLS: process.env.CRASH_KILLS ?? '30' },
      KILLING_MS,
    )(['scripts/crash.integration.test.ts', 'scripts/import-crash.integration.test.ts', ...args]),
  two: vitest('two', {}, KILLING_MS),
  dbt: testDbt,
  lake: testLakePeers,
  soak: runSoak,
  answers: async (args) => {
    if (!hasRealResponses()) return { notRun: 'REAL_ANSWERS_DIR must name a folder with real responses' }
    if (!process.env.SPOTIFY_OPENAPI)
      console.log(
        "SPOTIFY_OPENAPI is not set, so the simulated Spotify isn't compared with Spotify's OpenAPI document.",
      )
    return vitest('answers')(args)
  },
  inngest: async (args) => {
    const missing = INNGEST.filter((name) => !process.env[name])
    return missing.length === 0 ? vitest('inngest')(args) : { notRun: `set ${missing.join(', ')}` }
  },
  s3: async (args) => {
    const missing = S3_TEST_SETTINGS.filter((name) => !process.env[name])
    return missing.length === 0 ? vitest('s3')(args) : { notRun: `set ${missing.join(', ')}` }
  },
  snowflake: async (args) => {
    const missing = missingSettings(process.env)
    return missing.length === 0 ? vitest('snowflake')(args) : { notRun: `set ${missing.join(', ')}` }
  },
}

/** The Inngest server for `npm run test:inngest`. */
const INNGEST = ['INNGEST_BASE_URL', 'INNGEST_EVENT_KEY', 'INNGEST_SIGNING_KEY']

// Run only on request: they use credits of a Snowflake account, take many minutes or install Python packages.
const ALONE = new Set(['snowflake', 'crash', 'two', 'soak', 'dbt', 'lake'])

/** @param only the name of one part; all parts without it @returns the exit code */
export async function runTests(only: string | undefined, args: string[]): Promise<number> {
  const names = only === undefined ? Object.keys(PARTS).filter((name) => !ALONE.has(name)) : [only]
  let total: Counts = { passed: 0, failed: 0 }
  for (const name of names) {
    const part = PARTS[name]
    if (!part) {
      console.error(`There is no part "${name}". Choose one of: ${Object.keys(PARTS).join(', ')}.`)
      return 1
    }
    const counts = await runPart(name, part, args)
    total = { passed: total.passed + counts.passed, failed: total.failed + counts.failed }
  }
  console.log(`${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

async function runPart(name: string, part: Part, args: string[]): Promise<Counts> {
  console.log(`\n── ${name}`)
  const start = performance.now()
  const stopCpuMeter = startCpuMeter()
  const outcome = await part(args).catch((error: unknown) => {
    if (!(error instanceof Stop)) throw error
    console.error(`${error.message} ${error.remedy}`)
    return { passed: 0, failed: 1 }
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const cpu = stopCpuMeter()
  if ('notRun' in outcome) {
    console.log(`test:${name} not run: ${outcome.notRun}`)
    return { passed: 0, failed: 0 }
  }
  console.log(
    `   ${name}: ${outcome.passed} passed, ${outcome.failed} failed (${seconds} s, CPU ${cpu === undefined ? '-' : `${cpu.toFixed(1)} s`})`,
  )
  return outcome
}

/** @param args --planted plants a leak that must be found */
async function runSoak(args: string[]): Promise<Counts | { notRun: string }> {
  if (process.platform !== 'linux') return { notRun: 'it reads /proc, which only Linux has' }
  const series = await soak({
    minutes: Number(process.env.SOAK_MINUTES ?? 10),
    seed: Number(process.env.SOAK_SEED ?? 1),
    plantLeak: args.includes('--planted'),
  })
  for (const one of series) console.log(formatSeries(one))
  const passed = series.filter(isFlat).length
  return { passed, failed: series.length - passed }
}

/** A tool that checks the whole project and counts as one test. */
function check(...command: string[]): Part {
  return async (args) =>
    (await run([...command, ...args])) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function vitest(project: string, environment: Record<string, string> = {}, maxMs?: number): Part {
  return async (args) => {
    const file = resultFile(project)
    const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const command = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...reports, ...args]
    const code = await run(command, environment, maxMs)
    return readVitestCounts(file, code)
  }
}

function hasRealResponses(): boolean {
  const folder = process.env.REAL_ANSWERS_DIR
  return folder !== undefined && existsSync(folder)
}
