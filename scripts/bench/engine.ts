import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchEngine } from '#inngest/engine/engine.bench.ts'
import { createDatabase, startPostgres } from '#scripts/postgres.ts'
import type { Figure, Part } from './figure.ts'

async function measure(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-bench-'))
  const server = await startPostgres({ folder })
  try {
    await createDatabase(server.url('postgres'), 'bench')
    const { firstStepMs, stepMs, fiveStepRunsPerSecond } = await benchEngine(server.url('bench'))
    const setting = 'Engine, app and a Postgres that writes durably, each a process of its own.'
    return [
      {
        name: 'event to first step',
        value: firstStepMs.median,
        unit: 'ms',
        target: { atMost: 30 },
        baseline: `p95 ${firstStepMs.p95} ms`,
        how: `${setting} Median of 60 events, one after the other.`,
      },
      {
        name: 'from one step to the next',
        value: stepMs.median,
        unit: 'ms',
        target: { atMost: 10 },
        baseline: `p95 of the runs ${stepMs.p95} ms`,
        how: `${setting} Empty steps: the mean of a run of 20 steps, and of ten such runs the median.`,
      },
      {
        name: 'runs of five steps',
        value: fiveStepRunsPerSecond,
        unit: 'runs/s',
        target: { atLeast: 100 },
        how: `${setting} 500 runs sent at once.`,
      },
    ]
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

export const enginePart: Part = { title: 'Embedded engine', measure }
