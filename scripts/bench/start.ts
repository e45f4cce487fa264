import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { freePort } from '#scripts/postgres.ts'
import { isAlive } from '#scripts/processes.ts'
import { eventually } from '#testing/eventually.ts'
import { environmentWithoutSettings } from '#testing/instances/instance.ts'
import { processOf } from '#testing/instances/real-instance.ts'
import type { Figure, Part } from './figure.ts'
import { formatMemory, memoryOf, totalOf } from './process-tree.ts'

/** The budget for everything a first start does after installing packages. */
const BESIDES_INSTALLATION_S = 45
const IDLE_MS = 10 * SECOND

interface Started {
  /** Until `ready on …` was printed. */
  seconds: number
  origin: string
  /** The pid of npm. */
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

/** Measures the seconds it takes to install an instance's packages into an empty folder. */
function measureInstallation(folder: string): number {
  mkdirSync(folder)
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(file, join(folder, file))
  const start = performance.now()
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: folder, stdio: 'ignore', timeout: 10 * MINUTE })
  return (performance.now() - start) / SECOND
}

async function measureIn(folder: string): Promise<Figure[]> {
  const clone = join(folder, 'clone')
  execFileSync('git', ['clone', '--quiet', process.cwd(), clone], { timeout: MINUTE })
  const installation = measureInstallation(join(folder, 'packages'))
  const first = await npmStart(clone)
  await first.stop()
  const second = await npmStart(clone)
  await fetch(second.origin).then((response) => response.text())
  await pause(IDLE_MS)
  const memory = memoryOf(second.root)
  await second.stop()
  return [
    {
      name: 'npm start in a fresh clone',
      value: first.seconds,
      unit: 's',
      target: { atMost: installation + BESIDES_INSTALLATION_S },
      baseline: `${installation.toFixed(1)} s for \`npm ci --omit=dev\` alone, right before`,
      how: `git clone of the last commit into a temporary folder, then \`npm start\` until it prints "ready on": packages (with the npm cache of this machine), client, build, Postgres, migrations, demo. The target is \`npm ci --omit=dev\` and ${BESIDES_INSTALLATION_S} s.`,
    },
    { name: 'second start', value: second.seconds, unit: 's', target: { atMost: 3 }, how: 'The same command again.' },
    ...(memory
      ? [
          {
            name: 'idle memory of all processes',
            value: totalOf(memory),
            unit: 'MB' as const,
            target: { atMost: 400 },
            baseline: formatMemory(memory),
            how: 'The demo 10 s after the second start and one view of the start page; proportional set sizes, including npm and the supervisor.',
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
      return await measureIn(folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
