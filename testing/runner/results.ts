import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** Reads the numbers of passed and failed tests from the reports of test tools. */

export interface Counts {
  passed: number
  failed: number
}

const ROOT = join(import.meta.dirname, '..', '..')

const VitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number() })

const PlaywrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
})

/** Where a tool writes its report. Deletes an older report so that it can't be mistaken for the new one. */
export function resultFile(name: string): string {
  const folder = join(ROOT, '.cache', 'results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  rmSync(file, { force: true })
  return file
}

export function readVitestCounts(file: string, exitCode: number): Counts {
  const report = VitestReport.safeParse(readReport(file)).data
  return withToolFailure({ passed: report?.numPassedTests ?? 0, failed: report?.numFailedTests ?? 0 }, exitCode)
}

export function readPlaywrightCounts(file: string, exitCode: number): Counts {
  const stats = PlaywrightReport.safeParse(readReport(file)).data?.stats
  const failed = stats ? stats.unexpected + stats.flaky : 0
  return withToolFailure({ passed: stats?.expected ?? 0, failed }, exitCode)
}

/** A tool that fails without a failed test (a file that can't be loaded, a crash) counts as one failure. */
function withToolFailure(counts: Counts, exitCode: number): Counts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // the tool exited before it wrote one
  }
}
