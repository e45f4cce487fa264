import type { ChildProcess } from 'node:child_process'
import { KEYS } from './testing/app.ts'
import { eventually } from './testing/harness.ts'
import type { Report } from './testing/bench-app.ts'
import { freePorts } from './testing/ports.ts'
import { waitUntilRunning, endProcess, startAppProcess, startEngineProcess } from './testing/processes.ts'

export interface EngineFigures {
  /** Milliseconds from sending an event to the beginning of the first step. */
  firstStepMs: { median: number; p95: number }
  /** Milliseconds from one empty step to the next: of the means of ten runs. */
  stepMs: { median: number; p95: number }
  /** Runs of five empty steps that end per second, while hundreds wait. */
  fiveStepRunsPerSecond: number
}

function quantiles(values: number[]): { median: number; p95: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10
  return { median: at(0.5), p95: at(0.95) }
}

function presentMs(): number {
  return performance.timeOrigin + performance.now()
}

class Bench {
  private readonly reports: Report[] = []
  private readonly url: string

  constructor(app: ChildProcess, enginePort: number) {
    this.url = `http://127.0.0.1:${enginePort}/e/${KEYS.eventKey}`
    app.on('message', (report: Report) => this.reports.push(report))
  }

  /** Sends `count` events at once and waits for their runs. */
  async run(name: string, count: number): Promise<Report[]> {
    this.reports.length = 0
    const events = Array.from({ length: count }, () => ({ name, data: { sentAt: presentMs() } }))
    const answer = await fetch(this.url, { method: 'POST', body: JSON.stringify(events) })
    if (!answer.ok) throw new Error(`the engine refused the events: HTTP ${answer.status}`)
    await eventually(() => this.reports.length >= count)
    return [...this.reports]
  }
}

/** Measures the engine on an empty database of a server that writes durably. */
export async function benchEngine(databaseUrl: string): Promise<EngineFigures> {
  const ports = await freePorts()
  const app = await startAppProcess('./bench-app.ts', ports)
  const engine = startEngineProcess(databaseUrl, ports)
  try {
    await waitUntilRunning(engine, ports)
    const bench = new Bench(app, ports.engine)
    await bench.run('steps-5', 20) // warms everything up
    const single: Report[] = []
    for (let n = 0; n < 60; n++) single.push(...(await bench.run('steps-1', 1)))
    const long: Report[] = []
    for (let n = 0; n < 10; n++) long.push(...(await bench.run('steps-20', 1)))
    const began = presentMs()
    const many = await bench.run('steps-5', 500)
    const seconds = (Math.max(...many.map(({ lastStepAt }) => lastStepAt)) - began) / 1000
    return {
      firstStepMs: quantiles(single.map(({ sentAt, firstStepAt }) => firstStepAt - sentAt)),
      stepMs: quantiles(long.map(({ firstStepAt, lastStepAt }) => (lastStepAt - firstStepAt) / 19)),
      fiveStepRunsPerSecond: Math.round(many.length / seconds),
    }
  } finally {
    await endProcess(engine, 'SIGTERM')
    await endProcess(app, 'SIGTERM')
  }
}
