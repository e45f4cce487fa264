import type pg from 'pg'
import { HOUR, MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { messageOf, Refused, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { type App, createApp } from './protocol/app.ts'
import { fireCrons, planCrons, correctCrons } from './cron.ts'
import { inTransaction, openPool } from './store/database.ts'
import { Dispatcher } from './dispatch.ts'
import { acceptEvents } from './events.ts'
import { Functions } from './protocol/functions.ts'
import { type Handlers, listen, type Registered } from './protocol/http.ts'
import { becomeOnlyEngine } from './store/lock.ts'
import { complete, type Engine, type EngineOptions, type Health } from './options.ts'
import { repeat } from './repeat.ts'
import { removeOld } from './retention.ts'
import { SCHEMA } from './store/schema.ts'
import { resumeCalls, saveCheckpoint } from './store/runs.ts'
import { fetchFunctions, waitForFunctions } from './sync.ts'
import { prepareQueue, startWorker, sweepQueue, wakeQueue } from './worker.ts'

/** How long an event waits for the first sync before the sender has to come again. */
const SYNC_TIMEOUT_MS = 10 * SECOND
const STALE_AFTER_MS = 15 * SECOND

/**
 * An Inngest server for one app on one machine: it speaks the official protocol to the app's `serve()` route and keeps
 * its state in Postgres. It does what the app's functions use and refuses the rest.
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
  /** What to close, the latest first. */
  private readonly closers: (() => unknown)[] = []
  private state: Health['state'] = 'starting'
  private lastTickAt: Date | undefined
  private problem: string | null = null
  private failed = false
  private listening = false
  /** The functions are known, so that events can be taken in. */
  private known = false

  constructor(options: EngineOptions) {
    this.options = complete(options)
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
    return { ok, state, lastTickAt: this.lastTickAt?.toISOString() ?? null, problem }
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
    if (broken > 0) log.info('calls that broke off are repeated', { calls: broken })
    await sweepQueue(pool)

    await this.listen(app, pool)
    this.functions.replace(await waitForFunctions(app, this.stopping.signal))
    await planCrons(pool, this.functions, this.options.clock)
    await this.startWork(app, pool, quickPool)
    this.startTimers(pool)
    this.state = 'running'
    this.markAlive()
    this.announceSync()
    log.info('the engine is at work', { functions: this.functions.all().length })
  }

  /**
   * What an engine does while another one works: it takes in what its own app sends, and the other one, on the same
   * tables, carries it out. So events of every instance start their functions at once.
   */
  private standBy(app: App, pool: pg.Pool): void {
    const takeIn = async () => {
      // On one machine the port may still be the other one's.
      await this.listen(app, pool).catch((error) => log.info('it takes nothing in', { error: messageOf(error) }))
      const functions = await waitForFunctions(app, this.stopping.signal)
      // It may have become the working one meanwhile, which asks for itself.
      if (this.state === 'standing by') this.functions.replace(functions)
      this.announceSync()
    }
    this.state = 'standing by'
    takeIn().catch((error) => this.fail(error))
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
        if (foreign) throw new Refused(400, 'operation', `The engine does not know "${foreign.op}" here.`, 'Remove it.')
        const done = steps.map(({ id, data }) => ({ id, outcome: 'data' as const, value: data }))
        return saveCheckpoint(pool, runId, qi_id, done)
      },
      health: () => this.health(),
    }
  }

  /** Before the first sync nobody knows what an event starts, so it must not be taken in. */
  private async waitForSync(): Promise<void> {
    if (this.known) return
    const patience = pause(SYNC_TIMEOUT_MS).then(() => {
      throw new Refused(503, 'not-synced', 'The engine has not reached the app yet.', 'Send it again.')
    })
    await Promise.race([this.synced, patience])
  }

  private async startWork(app: App, pool: pg.Pool, quickPool: pg.Pool): Promise<void> {
    const { concurrency, pollMs, graceMs, freeEveryMs } = this.options
    const dispatcher = new Dispatcher({ ...this.options, app, pool, quickPool, functions: this.functions })
    // A job that fails has met a broken database; the next start finds everything in order again.
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
    // Also of a machine that never runs for an hour.
    this.every(HOUR, () => removeOld(pool, clock()), MINUTE)
  }

  /** The app says that it has changed. Where it is, the engine knows: no caller can lead it elsewhere. */
  private async register(app: App, pool: pg.Pool): Promise<Registered> {
    await this.syncAgain(app, pool)
    const { problem } = this
    return problem === null ? { ok: true, status: 200, modified: true } : { ok: false, status: 400, error: problem }
  }

  /** The app may have been replaced by a newer one. When it is away, or wants too much, the old functions stay. */
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

  private every(ms: number, work: () => Promise<void>, firstAfterMs?: number): void {
    repeat(ms, work, { signal: this.stopping.signal, onFailure: (cause) => this.fail(cause) }, firstAfterMs)
  }

  private fail(cause: unknown): void {
    if (this.failed || this.stopping.signal.aborted) return
    this.failed = true
    this.state = 'stopped'
    log.error('the engine cannot go on', { error: cause })
    this.options.onLost(cause)
  }
}
