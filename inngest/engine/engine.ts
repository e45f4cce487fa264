import type pg from 'pg'
import { HOUR, MINUTE, pause, SECOND, toIso } from '#lib/core/clock.ts'
import { messageOf, Refused, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { correctCrons, fireCrons, planCrons } from './cron.ts'
import { Dispatcher } from './dispatch.ts'
import { acceptEvents } from './events.ts'
import { type Engine, type EngineOptions, type Health, withDefaults } from './options.ts'
import { type App, createApp } from './protocol/app.ts'
import { Functions, fetchFunctions, waitForFunctions } from './protocol/functions.ts'
import { type Handlers, listen, type Registered } from './protocol/http.ts'
import { inTransaction, openPool } from './store/database.ts'
import { becomeOnlyEngine } from './store/lock.ts'
import { removeOld, resumeCalls, saveCheckpoint } from './store/runs.ts'
import { SCHEMA } from './store/schema.ts'
import { prepareQueue, startWorker, sweepQueue, wakeQueue } from './worker.ts'

/** How long a request with events waits for the first sync before the sender has to retry. */
const SYNC_TIMEOUT_MS = 10 * SECOND
const STALE_AFTER_MS = 15 * SECOND

/**
 * An Inngest server for one app. It speaks the official protocol with the app's `serve()` route, keeps its state in
 * Postgres, implements what our functions use and refuses the rest.
 */
export function createEngine(options: EngineOptions): Engine {
  return new EmbeddedEngine(options)
}

class EmbeddedEngine implements Engine {
  private readonly options: Required<EngineOptions>
  private readonly functions = new Functions()
  private readonly stopping = new AbortController()
  private announceSync = () => {}
  private readonly synced = new Promise<void>((resolve) => {
    this.announceSync = () => {
      this.known = true
      resolve()
    }
  })
  /** Closed in reverse order. */
  private readonly closers: (() => unknown)[] = []
  private state: Health['state'] = 'starting'
  private lastTickAt: Date | undefined
  private problem: string | null = null
  private failed = false
  private listening = false
  /** Whether the functions are known, which is necessary for accepting events. */
  private known = false

  constructor(options: EngineOptions) {
    this.options = withDefaults(options)
  }

  async start(): Promise<void> {
    try {
      await this.startUp()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    this.state = 'stopped'
    this.stopping.abort(new Error('the engine is stopped'))
    for (let close = this.closers.pop(); close; close = this.closers.pop()) await close()
  }

  health(): Health {
    const fresh = this.lastTickAt !== undefined && Date.now() - this.lastTickAt.getTime() < STALE_AFTER_MS
    const { state, problem } = this
    const ok = (state === 'running' || state === 'standing by') && fresh && problem === null
    return { ok, state, lastTickAt: toIso(this.lastTickAt), problem }
  }

  private async startUp(): Promise<void> {
    const pool = this.pool(10, true)
    const app = this.app()
    this.every(this.options.syncEveryMs, () => this.syncAgain(app, pool))
    const lock = await becomeOnlyEngine(this.options.databaseUrl, this.stopping.signal, {
      onStandBy: () => this.standBy(app, pool),
      onSeen: () => this.markAlive(),
      onLost: (cause) => this.fail(cause),
    })
    this.closers.push(() => lock.release())
    this.state = 'starting'
    const quickPool = this.pool(6, false)

    await prepareQueue(pool)
    await pool.query(SCHEMA)
    const broken = await resumeCalls(pool)
    if (broken > 0) log.info('interrupted calls are repeated', { calls: broken })
    await sweepQueue(pool)

    await this.listen(app, pool)
    this.functions.replace(await waitForFunctions(app, this.stopping.signal))
    await planCrons(pool, this.functions, this.options.clock)
    await this.startWork(app, pool, quickPool)
    this.startTimers(pool)
    this.state = 'running'
    this.markAlive()
    this.announceSync()
    log.info('the engine is running', { functions: this.functions.all().length })
  }

  /**
   * Accepts events from this instance's app while another engine is active. The active one works on the same tables, so
   * events of every instance start their functions at once.
   */
  private standBy(app: App, pool: pg.Pool): void {
    const acceptEventsOnly = async () => {
      // On one machine, the other engine may still use the port.
      await this.listen(app, pool).catch((error) =>
        log.info('the engine accepts no events while it stands by', { error: messageOf(error) }),
      )
      const functions = await waitForFunctions(app, this.stopping.signal)
      // If this engine has become the active one by now, startUp fetches the functions itself.
      if (this.state === 'standing by') this.functions.replace(functions)
      this.announceSync()
    }
    this.state = 'standing by'
    acceptEventsOnly().catch((error) => this.fail(error))
  }

  private markAlive(): void {
    this.lastTickAt = new Date()
  }

  private pool(size: number, durable: boolean): pg.Pool {
    const pool = openPool(this.options.databaseUrl, size, durable)
    this.closers.push(() => pool.end())
    return pool
  }

  private app(): App {
    const app = createApp(this.options)
    this.closers.push(() => app.close())
    return app
  }

  private async listen(app: App, pool: pg.Pool): Promise<void> {
    if (this.listening) return
    this.listening = true
    const server = await listen(this.options, this.handlers(app, pool)).catch((error) => {
      this.listening = false
      throw error
    })
    this.closers.push(() => {
      server.close()
      server.closeAllConnections()
    })
  }

  private handlers(app: App, pool: pg.Pool): Handlers {
    return {
      accept: async (events, seed) => {
        await this.waitForSync()
        return inTransaction(pool, (db) => acceptEvents(db, this.functions, events, seed, this.options.clock))
      },
      register: () => this.register(app, pool),
      checkpoint: async (runId, { qi_id, steps }) => {
        const foreign = steps.find(({ op }) => op !== 'StepRun')
        if (foreign) {
          throw new Refused(
            400,
            'operation',
            `The engine doesn't support "${foreign.op}" in a checkpoint.`,
            'Remove it.',
          )
        }
        const done = steps.map(({ id, data }) => ({ id, outcome: 'data' as const, value: data }))
        return saveCheckpoint(pool, runId, qi_id, done)
      },
      health: () => this.health(),
    }
  }

  /** Events can't be accepted before the first sync: until then, the engine doesn't know what they start. */
  private async waitForSync(): Promise<void> {
    if (this.known) return
    const timeout = pause(SYNC_TIMEOUT_MS).then(() => {
      throw new Refused(503, 'not-synced', "The engine hasn't reached the app yet.", 'Send the events again.')
    })
    await Promise.race([this.synced, timeout])
  }

  private async startWork(app: App, pool: pg.Pool, quickPool: pg.Pool): Promise<void> {
    const { concurrency, pollMs, graceMs, freeEveryMs } = this.options
    const dispatcher = new Dispatcher({ ...this.options, app, pool, quickPool, functions: this.functions })
    // A job fails only when the database is unavailable; the next start recovers from that.
    const worker = await startWorker({
      pool: quickPool,
      concurrency,
      pollMs,
      call: (due) => dispatcher.call(due).catch((error) => this.fail(error)),
      sleep: (due) => dispatcher.wake(due).catch((error) => this.fail(error)),
    })
    worker.ended.catch((error) => this.fail(error))
    this.every(freeEveryMs, () => dispatcher.freeOrphanedCalls())
    this.closers.push(async () => {
      dispatcher.stop()
      const ended = worker.stop()
      await Promise.race([ended, pause(graceMs)])
      app.close()
      await ended
    })
  }

  private startTimers(pool: pg.Pool): void {
    const { tickMs, clock } = this.options
    this.every(tickMs, async () => {
      if (await correctCrons(pool, clock)) await wakeQueue(pool)
      await fireCrons(pool, this.functions, clock)
      this.markAlive()
    })
    // The first time after a minute, for machines that never run for an hour.
    this.every(HOUR, () => removeOld(pool, clock()), MINUTE)
  }

  /** Syncs because the app says it has changed. The app's address is fixed, so no caller can redirect the engine. */
  private async register(app: App, pool: pg.Pool): Promise<Registered> {
    await this.syncAgain(app, pool)
    const { problem } = this
    return problem === null ? { ok: true, status: 200, modified: true } : { ok: false, status: 400, error: problem }
  }

  /** Fetches the functions again. Keeps the old ones when the app is unreachable or uses something unsupported. */
  private async syncAgain(app: App, pool: pg.Pool): Promise<void> {
    try {
      this.functions.replace(await fetchFunctions(app))
      this.problem = null
    } catch (error) {
      if (error instanceof Stop) this.problem = `${error.message} ${error.remedy}`
      return
    }
    if (this.state === 'running') await planCrons(pool, this.functions, this.options.clock)
  }

  /** Repeats `work` until the engine stops, with `ms` between the end of one run and the start of the next. */
  private every(ms: number, work: () => Promise<void>, firstAfterMs = ms): void {
    const { signal } = this.stopping
    const run = async () => {
      for (let wait = firstAfterMs; !signal.aborted; wait = ms) {
        await pause(wait, signal)
        if (!signal.aborted) await work()
      }
    }
    run().catch((cause) => this.fail(cause))
  }

  private fail(cause: unknown): void {
    if (this.failed || this.stopping.signal.aborted) return
    this.failed = true
    this.state = 'stopped'
    log.error("the engine can't continue", { error: cause })
    this.options.onLost(cause)
  }
}
