import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { freePort } from '#scripts/postgres.ts'
import { isAlive } from '#scripts/processes.ts'
import { eventually } from '#testing/eventually.ts'
import { environmentWithoutSettings } from '#testing/instances/instance.ts'
import { processOf } from '#testing/instances/real-instance.ts'
import type { Figure, Part } from './figure.ts'
import { formatMemory, memoryOf } from './memory.ts'
import { totalOf } from './process-tree.ts'

const SETTLING_MS = 10 * SECOND

interface Started {
  /** Until `ready on …` was printed. */
  seconds: number
  origin: string
  /** Number of the npm process. */
  root: number
  stop(): Promise<void>
}

/** Runs `npm start` in a clone and waits until it is ready. */
async function npmStart(clone: string): Promise<Started> {
  const [port, engine, simulator] = [await freePort(), await freePort(), await freePort()]
  const ports = { PORT: String(port), ENGINE_PORT: String(engine), SIMULATOR_PORT: String(simulator) }
  const start = performance.now()
  const npm = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...environmentWithoutSettings(), NODE_ENV: 'production', ...ports },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const closed = once(npm, 'close')
  await eventually(() => {
    if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode}:\n${printed}`)
    return printed.includes('ready on')
  }, 10 * MINUTE)
  const seconds = (performance.now() - start) / SECOND
  return {
    seconds,
    origin: `http://127.0.0.1:${port}`,
    root: npm.pid ?? 0,
    stop: async () => {
      const supervisor = processOf(join(clone, '.data'), 'supervisor')
      if (supervisor !== undefined && isAlive(supervisor)) process.kill(supervisor, 'SIGTERM')
      await closed
    },
  }
}

async function measureIn(clone: string): Promise<Figure[]> {
  execFileSync('git', ['clone', '--quiet', process.cwd(), clone], { timeout: MINUTE })
  const first = await npmStart(clone)
  await first.stop()
  const second = await npmStart(clone)
  await fetch(second.origin).then((answer) => answer.text())
  await pause(SETTLING_MS)
  const memory = memoryOf(second.root)
  await second.stop()
  return [
    {
      name: 'npm start in a fresh clone',
      value: first.seconds,
      unit: 's',
      target: { atMost: 100 },
      how: 'git clone of the last commit into a temporary folder, then `npm start` until it prints "ready on": npm ci (with npm’s cache as it is on this machine), client, build, Postgres, migrations, demo.',
    },
    { name: 'second start', value: second.seconds, unit: 's', target: { atMost: 3 }, how: 'The same command again.' },
    ...(memory
      ? [
          {
            name: 'idle memory of all processes',
            value: totalOf(memory),
            unit: 'MB' as const,
            target: { atMost: 500 },
            baseline: formatMemory(memory),
            how: 'Demo after the second start and one view of the start page, 10 s later; proportional set sizes, npm and the starting processes included.',
          },
        ]
      : []),
  ]
}

export const startPart: Part = {
  title: 'Start and idle',
  async measure() {
    const folder = mkdtempSync(join(tmpdir(), 'tracklake-bench-'))
    try {
      return await measureIn(join(folder, 'clone'))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
