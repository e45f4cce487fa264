import { MINUTE } from '#lib/core/clock.ts'
import { isAlive } from '#scripts/processes.ts'
import { eventually } from '#testing/eventually.ts'
import { startInstance, type TestInstance } from './instance.ts'
import { PROCESSES, type ProcessName, processOf } from './real-instance.ts'

/** An instance in real mode that somebody looks after: what does not come back by itself is started again on its data. */

const PATIENCE_MS = 4 * MINUTE

/** What has to stay the same from one start to the next. */
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
    // One that is killed while it starts is started again by whoever looks after it.
    await started.printed('ready on').catch((thrown) => {
      if (this.#isRunning()) throw thrown
    })
  }

  pid(name: ProcessName): number | undefined {
    return processOf(this.dataFolder, name)
  }

  /** A supervisor that was killed is gone, and one whose children died too often gives up. */
  async startAgain(): Promise<void> {
    const supervisor = this.pid('supervisor')
    if (supervisor !== undefined && isAlive(supervisor) && this.#isRunning()) return
    await this.start()
  }

  /** Resolves when all parts of it answer. */
  async recover(): Promise<void> {
    await eventually(async () => {
      if (!this.#isRunning()) await this.start()
      const answer = await fetch(`${this.origin}/api/health`).catch(() => undefined)
      const health = (await answer?.json().catch(() => undefined)) as { status: string } | undefined
      return health?.status === 'ok'
    }, PATIENCE_MS)
  }

  /** The whole machine goes at once. */
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
