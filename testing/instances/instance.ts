import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MINUTE } from '#lib/core/clock.ts'
import { freePort } from '#scripts/postgres.ts'

/** A complete instance, started with the same script as by a person, with its own ports and data folder. */
export interface TestInstance {
  origin: string
  engine: string
  simulator: string
  dataFolder: string
  process: ChildProcess
  /** Everything printed so far to standard output and error. */
  output(): string
  /** Resolves when the text has been printed. Rejects with the output when the process exits before. */
  printed(text: string): Promise<void>
  /** Stops it as Ctrl-C does. @returns the exit code */
  stop(): Promise<number | null>
}

const START = join(import.meta.dirname, '..', '..', 'scripts', 'start.mjs')

// Settings from the environment of the tests must not reach the instance.
const OWN =
  /^(DATA_DIR|DATABASE_URL|SPOTIFY_|DEMO|TRACKLAKE_|ADMINS|SIGN_UPS|INNGEST_|SNOWFLAKE_|SERVE_FROM|SMTP_|METRICS_|WEBHOOKS_|TRUSTED_|APP_URL|HOST|PORT|NODE_ENV|VITEST)/

/** The current environment without settings of the app. */
export function environmentWithoutSettings(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN.test(name)))
}

/** Starts without waiting. @param environment settings; PORT, ENGINE_PORT and SIMULATOR_PORT default to free ports */
export async function startInstance(environment: Record<string, string> = {}): Promise<TestInstance> {
  const [port, engine, simulator] = [await freePort(), await freePort(), await freePort()]
  const settings = {
    PORT: String(port),
    ENGINE_PORT: String(engine),
    SIMULATOR_PORT: String(simulator),
    DATA_DIR: environment.DATA_DIR ?? testFolder(),
    ...environment,
  }
  const child = spawn(process.execPath, [START], {
    env: { ...environmentWithoutSettings(), NODE_ENV: 'production', ...settings },
    // With the IPC channel it exits when the test run does.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const output = collect(child)
  return {
    origin: `http://127.0.0.1:${settings.PORT}`,
    engine: `http://127.0.0.1:${settings.ENGINE_PORT}`,
    simulator: `http://127.0.0.1:${settings.SIMULATOR_PORT}`,
    dataFolder: settings.DATA_DIR,
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

/** Creates a data folder. Remove it with `removeTestFolder`. */
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
  const printed = (expected: string) =>
    new Promise<void>((done, fail) => {
      const reject = (problem: string) => fail(new Error(`${problem} before it printed "${expected}":\n${text}`))
      const timer = setTimeout(() => reject('two minutes passed'), 2 * MINUTE)
      const check = () => {
        if (!text.includes(expected)) return
        clearTimeout(timer)
        listeners.delete(check)
        done()
      }
      listeners.add(check)
      child.once('close', () => reject('the instance exited'))
      check()
    })
  return { printed, text: () => text }
}
