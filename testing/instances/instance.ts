import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MINUTE } from '#lib/core/clock.ts'
import { freePort } from '#scripts/postgres.ts'

/** A whole instance, started as a person would start it, on ports and in a data folder of its own. */
export interface TestInstance {
  origin: string
  engine: string
  simulator: string
  dataFolder: string
  process: ChildProcess
  /** Everything printed so far, of both streams. */
  output(): string
  /** Resolves when the text was printed; rejects when the process ends before, with what it said. */
  printed(text: string): Promise<void>
  /** Asks it to end, as Ctrl-C does. @returns the exit code */
  stop(): Promise<number | null>
}

const START = join(import.meta.dirname, '..', '..', 'scripts', 'start.mjs')

// Settings of the person who runs the tests must not reach an instance under test.
const OWN =
  /^(DATA_DIR|DATABASE_URL|SPOTIFY_|DEMO|TRACKLAKE_|ADMINS|SIGN_UPS|INNGEST_|SNOWFLAKE_|SERVE_FROM|SMTP_|METRICS_|WEBHOOKS_|APP_URL|HOST|PORT|NODE_ENV|VITEST)/

/** The environment of whoever runs this, without settings of the app. */
export function environmentWithoutSettings(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN.test(name)))
}

/** Starts without waiting. @param environment settings; PORT, ENGINE_PORT and SIMULATOR_PORT default to free ports */
export async function startInstance(environment: Record<string, string> = {}): Promise<TestInstance> {
  const [port, engine, simulator] = [await freePort(), await freePort(), await freePort()]
  const given = {
    PORT: String(port),
    ENGINE_PORT: String(engine),
    SIMULATOR_PORT: String(simulator),
    DATA_DIR: environment.DATA_DIR ?? testFolder(),
    ...environment,
  }
  const child = spawn(process.execPath, [START], {
    env: { ...environmentWithoutSettings(), NODE_ENV: 'production', ...given },
    // The channel makes it end when the test run does.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const output = collect(child)
  return {
    origin: `http://127.0.0.1:${given.PORT}`,
    engine: `http://127.0.0.1:${given.ENGINE_PORT}`,
    simulator: `http://127.0.0.1:${given.SIMULATOR_PORT}`,
    dataFolder: given.DATA_DIR,
    process: child,
    output: output.text,
    printed: output.printed,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill('SIGINT')
      await once(child, 'exit')
      return child.exitCode
    },
  }
}

/** A new empty folder for data; removed by `removeTestFolder`. */
export function testFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tracklake-instance-'))
}

export function removeTestFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function collect(child: ChildProcess): Pick<TestInstance, 'printed'> & { text(): string } {
  let text = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const listener of listeners) listener()
    })
  }
  const printed = (wanted: string) =>
    new Promise<void>((done, fail) => {
      const end = (problem: string) => fail(new Error(`${problem} before it printed "${wanted}":\n${text}`))
      const timer = setTimeout(() => end('two minutes went by'), 2 * MINUTE)
      const look = () => {
        if (!text.includes(wanted)) return
        clearTimeout(timer)
        listeners.delete(look)
        done()
      }
      listeners.add(look)
      child.once('close', () => end('the instance ended'))
      look()
    })
  return { printed, text: () => text }
}
