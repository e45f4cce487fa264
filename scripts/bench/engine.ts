import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, KEYS } from '#inngest/engine/testing/app.ts'
import type { Report } from '#inngest/engine/testing/bench-app.ts'
import { endProcess, startAppProcess, startEngineProcess, waitUntilRunning } from '#inngest/engine/testing/processes.ts'
import { SECOND } from '#lib/core/clock.ts'
import { createDatabase, startPostgres } from '#scripts/postgres.ts'
import { eventually } from '#testing/eventually.ts'
import type { Figure, Part } from './figure.ts'
import { quantile } from './timing.ts'

function preciseNow(): number {
  return performance.timeOrigin + performance.now()
}

/** Sends events to an engine and collects the reports of their runs. */
class EngineBench {
  private readonly reports: Report[] = []
  private readonly url: string

  constructor(app: ChildProcess, enginePort: number) {
    this.url = `http://127.0.0.1:${enginePort}/e/${KEYS.eventKey}`
    app.on('message', (report: Report) => this.reports.push(report))
  }

  /** Sends `count` events at once and waits for their runs. */
  async run(name: string, count: number): Promise<Report[]> {
    this.reports.length = 0
    const events = Array.from({ length: count }, () => ({ name, data: { sentAt: preciseNow() } }))
    const response = await fetch(this.url, { method: 'POST', body: JSON.stringify(events) })
    if (!response.ok) throw new Error(`the engine refused the events: HTTP ${response.status}`)
    await eventually(() => this.reports.length >= count)
    return [...this.reports]
  }
}

async function measure(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-bench-'))
  const server = await startPostgres({ folder })
  try {
    await createDatabase(server.url('postgres'), 'bench')
    return await measureOn(server.url('bench'))
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureOn(databaseUrl: string): Promise<Figure[]> {
  const ports = await freePorts()
  const app = await startAppProcess('./bench-app.ts', ports)
  const engine = startEngineProcess(databaseUrl, ports)
  try {
    await waitUntilRunning(engine, ports)
    const bench = new EngineBench(app, ports.engine)
    await bench.run('steps-5', 20) // warm-up
    const single: Report[] = []
    for (let n = 0; n < 60; n++) single.push(...(await bench.run('steps-1', 1)))
    const long: Report[] = []
    for (let n = 0; n < 10; n++) long.push(...(await bench.run('steps-20', 1)))
    const start = preciseNow()
    const many = await bench.run('steps-5', 500)
    const seconds = (Math.max(...many.map(({ lastStepAt }) => lastStepAt)) - start) / SECOND
    return figures(
      single.map(({ sentAt, firstStepAt }) => firstStepAt - sentAt),
      long.map(({ firstStepAt, lastStepAt }) => (lastStepAt - firstStepAt) / 19),
      many.length / seconds,
    )
  } finally {
    await endProcess(engine, 'SIGTERM')
    await endProcess(app, 'SIGTERM')
  }
}

function figures(firstStepMs: number[], stepMs: number[], runsPerSecond: number): Figure[] {
  const setting = 'Engine, app and a durable Postgres, each in its own process.'
  return [
    {
      name: 'event to first step',
      value: quantile(firstStepMs, 0.5),
      unit: 'ms',
      target: { atMost: 30 },
      baseline: `p95 ${quantile(firstStepMs, 0.95).toFixed(1)} ms`,
      how: `${setting} Median of 60 events, one after the other.`,
    },
    {
      name: 'from one step to the next',
      value: quantile(stepMs, 0.5),
      unit: 'ms',
      target: { atMost: 10 },
      baseline: `p95 of the runs ${quantile(stepMs, 0.95).toFixed(1)} ms`,
      how: `${setting} Empty steps: the median of ten runs of 20 steps, each by its mean.`,
    },
    {
      name: 'runs of five steps',
      value: runsPerSecond,
      unit: 'runs/s',
      target: { atLeast: 100 },
      how: `${setting} 500 runs sent at once.`,
    },
  ]
}

export const enginePart: Part = { title: 'Embedded engine', measure }
