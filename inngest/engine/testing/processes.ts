import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from '#testing/eventually.ts'
import { KEYS, type Ports, serveUrl } from './app.ts'

/** Runs engine and apps in their own processes, as in production, so that they can be measured and killed. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Starts an app from this folder and waits until it listens. The process ends with its parent. */
export async function startAppProcess(file: string, ports: Ports, ...args: string[]): Promise<ChildProcess> {
  const app = fork(here(file), [String(ports.app), String(ports.engine), ...args])
  await once(app, 'message')
  return app
}

/** Starts scripts/engine.ts without waiting for it to be active. */
export function startEngineProcess(databaseUrl: string, ports: Ports): ChildProcess {
  return fork(here('../../../scripts/engine.ts'), {
    stdio: ['pipe', 2, 2, 'ipc'],
    env: {
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl,
      INNGEST_SERVE_ORIGIN: new URL(serveUrl(ports)).origin,
      ENGINE_PORT: String(ports.engine),
      ENGINE_BACKOFF_MS: '20',
      TRACKLAKE_SUPERVISED: '1',
      INNGEST_EVENT_KEY: KEYS.eventKey,
      INNGEST_SIGNING_KEY: KEYS.signingKey,
    },
  })
}

/** Waits until the engine reports that it is running. @throws when it exits instead */
export async function waitUntilRunning(engine: ChildProcess, ports: Ports): Promise<void> {
  await eventually(async () => {
    if (engine.exitCode !== null) throw new Error(`the engine exited with ${engine.exitCode}`)
    const response = await fetch(`http://127.0.0.1:${ports.engine}/health`).catch(() => undefined)
    const health = (await response?.json()) as { ok: boolean } | undefined
    return health?.ok
  })
}

/** Ends a process and waits for its exit. @returns its exit code */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
  return child.exitCode
}
