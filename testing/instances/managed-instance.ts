import { MINUTE } from '#lib/core/clock.ts'
import { isAlive } from '#scripts/processes.ts'
import { eventually } from '#testing/eventually.ts'
import { startInstance, type TestInstance } from './instance.ts'
import { PROCESSES, type ProcessName, processOf } from './real-instance.ts'

/** An instance in real mode that is restarted on the same data when it doesn't come back by itself. */

const RECOVERY_TIMEOUT_MS = 4 * MINUTE

/** Settings that must stay the same across restarts. */
type Settings = Record<string, string> & { DATA_DIR: string; PORT: string; ENGINE_PORT: string }

export class ManagedInstance {
  readonly dataFolder: string
  readonly origin: string
  readonly #settings: Settings
  #process: TestInstance | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.dataFolder = settings.DATA_DIR
    this.origin = `http://127.0.0.1:${settings.PORT}`
  }

  async start(): Promise<void> {
    const started = await startInstance(this.#settings)
    this.#process = started
    // An instance that is killed while it starts is restarted later.
    await started.printed('ready on').catch((error) => {
      if (this.#isRunning()) throw error
    })
  }

  pid(name: ProcessName): number | undefined {
    return processOf(this.dataFolder, name)
  }

  /** Restarts the instance if its supervisor was killed or has given up. */
  async startAgain(): Promise<void> {
    const supervisor = this.pid('supervisor')
    if (supervisor !== undefined && isAlive(supervisor) && this.#isRunning()) return
    await this.start()
  }

  /** Resolves when all its parts respond. */
  async recover(): Promise<void> {
    await eventually(async () => {
      if (!this.#isRunning()) await this.start()
      const response = await fetch(`${this.origin}/api/health`).catch(() => undefined)
      const health = (await response?.json().catch(() => undefined)) as { status: string } | undefined
      return health?.status === 'ok'
    }, RECOVERY_TIMEOUT_MS)
  }

  /** Kills all processes except Postgres at once, as if the machine had failed. */
  killAll(): void {
    for (const name of PROCESSES.filter((each) => each !== 'postgres')) {
      const pid = this.pid(name)
      if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL')
    }
  }

  async stop(): Promise<void> {
    await this.#process?.stop()
  }

  #isRunning(): boolean {
    const child = this.#process?.process
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }
}
