import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What test tools report about a run, brought down to two figures. */

export interface Counts {
  passed: number
  failed: number
}

const ROOT = join(import.meta.dirname, '..', '..')

const VitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number() })

const PlaywrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }),
})

/** Where a tool writes its report; an older report is removed, so that it cannot be taken for the new one. */
export function resultFile(name: string): string {
  const folder = join(ROOT, '.cache', 'results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  rmSync(file, { force: true })
  return file
}

export function readVitestCounts(file: string, exitCode: number): Counts {
  const report = VitestReport.safeParse(readReport(file)).data
  return settle({ passed: report?.numPassedTests ?? 0, failed: report?.numFailedTests ?? 0 }, exitCode)
}

export function readPlaywrightCounts(file: string, exitCode: number): Counts {
  const stats = PlaywrightReport.safeParse(readReport(file)).data?.stats
  const failed = stats ? stats.unexpected + stats.flaky : 0
  return settle({ passed: stats?.expected ?? 0, failed }, exitCode)
}

/** A tool that fails without a failed test (a file that cannot be loaded, a crash) counts as one. */
function settle(counts: Counts, exitCode: number): Counts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function readReport(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // the tool ended before it could write one
  }
}
