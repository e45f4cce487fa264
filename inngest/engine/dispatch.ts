import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'
import { Admission } from './admission.ts'
import type { App, Outcome } from './protocol/app.ts'
import { unreachableDelayMs } from './backoff.ts'
import { inTransaction, type Querier } from './store/database.ts'
import { readResponse, type CallResult } from './protocol/messages.ts'
import { failRun, continueRun, type ResultContext, applyResult } from './apply-result.ts'
import {
  endSleep,
  fieldOfEvent,
  freeCalls,
  type HeldCall,
  heldTokens,
  holdCall,
  releaseCall,
  schedule,
} from './store/runs.ts'

/** A job's payload: which call is due. */
export const DueCall = z.object({ runId: z.string(), functionId: z.string(), target: z.string() })
export type DueCall = z.infer<typeof DueCall>

/** A call that asks for a place, with whose it is. */
type QueuedCall = DueCall & { key?: string }

export interface DispatchContext extends ResultContext {
  app: App
  pool: pg.Pool
  /** Connections whose commits need not be on disk, see openPool. */
  quickPool: pg.Pool
  /** How long calls of a function wait that the app does not have. */
  unknownForMs: number
}

/**
 * A call under which the app went away this often is taken for the cause and given up, before the supervisor gives the
 * app up, which it does after five deaths within a minute.
 */
const MAX_LOSSES = 4
const LOSS_DELAY_MS = SECOND / 5

function toRequest(call: HeldCall, maxAttempts: number) {
  const event: unknown = JSON.parse(call.event)
  return {
    event,
    events: [event],
    steps: Object.fromEntries(
      call.steps.map(([id, outcome, value]) => [id, { type: outcome, [outcome]: JSON.parse(value) as unknown }]),
    ),
    version: 2,
    use_api: false,
    ctx: {
      run_id: call.runId,
      attempt: call.attempt,
      max_attempts: maxAttempts,
      disable_immediate_execution: false,
      use_api: false,
      stack: { stack: call.steps.map(([id]) => id), current: call.steps.length },
      // With these two the SDK hands steps in one by one while it goes on (checkpoints), instead of one call per step.
      fn_id: call.functionId,
      qi_id: call.token,
    },
  }
}

/** Calls the app for what is due and settles its answers. */
export class Dispatcher {
  private readonly context: DispatchContext
  private readonly admission = new Admission<QueuedCall>()
  /** The tokens under which this engine holds calls. */
  private readonly held = new Set<string>()
  private stopping = false
  /** Since when nobody answers for the app. */
  private unreachableSince: number | undefined
  /** Since when calls are due of functions that the app does not have. */
  private readonly unknownSince = new Map<string, number>()

  constructor(context: DispatchContext) {
    this.context = context
  }

  /** From now on nothing new is called; what is under way goes on. */
  stop(): void {
    this.stopping = true
  }

  /** A sleep is over. */
  async wake({ runId, functionId, target }: DueCall): Promise<void> {
    await inTransaction(this.context.pool, async (db) => {
      if (await endSleep(db, { runId, target })) await continueRun(db, runId, functionId)
    })
  }

  /** A call is due. When the function has no place free it waits in line, and the call that leaves takes it along. */
  async call(due: DueCall): Promise<void> {
    const known = this.context.functions.get(due.functionId)
    const limits = { limit: known?.limit, perKey: known?.perKey?.limit }
    const asking = known?.perKey ? { ...due, key: await this.keyOf(due, known.perKey.field) } : due
    if (!this.admission.enter(asking, limits)) return
    for (let next: QueuedCall | undefined = asking; next && !this.stopping; next = this.admission.leave(next)) {
      await this.perform(next)
    }
  }

  /** Frees calls that an engine took which had lost its lock and is gone: what is held now and not by this one. */
  async freeOrphanedCalls(): Promise<void> {
    const { pool } = this.context
    const lost = (await heldTokens(pool)).filter((token) => !this.held.has(token))
    if (lost.length === 0) return
    log.warn('calls that another engine held are repeated', { calls: lost.length })
    await freeCalls(pool, lost)
  }

  private keyOf({ runId }: DueCall, field: string): Promise<string> {
    return fieldOfEvent(this.context.quickPool, runId, field)
  }

  private async perform(due: DueCall): Promise<void> {
    const token = randomUUID()
    this.held.add(token)
    try {
      const call = await holdCall(this.context.quickPool, due, token)
      if (call) await this.execute(call)
    } finally {
      this.held.delete(token)
    }
  }

  private async execute(call: HeldCall): Promise<void> {
    const { app, functions } = this.context
    const known = functions.get(call.functionId)
    if (!known) return this.finish(call, (db) => this.waitForFunction(db, call))
    this.unknownSince.delete(call.functionId)
    const outcome = await app.call(call.functionId, call.target, toRequest(call, known.maxAttempts))
    this.unreachableSince = outcome.kind === 'unreached' ? (this.unreachableSince ?? Date.now()) : undefined
    // What broke off because the engine stops stays as it is: the next start repeats it.
    if (this.stopping && outcome.kind !== 'answered') return
    await this.finish(call, (db) => {
      const verdict = this.resultOf(outcome)
      return verdict ? applyResult(db, this.context, known, call, verdict) : this.scheduleAgain(db, call, outcome)
    })
  }

  /** Gives the call back and applies what came of it, in one transaction; a stale answer changes nothing. */
  private async finish(call: HeldCall, apply: (db: Querier) => Promise<void>): Promise<void> {
    await inTransaction(this.context.pool, async (db) => {
      if (await releaseCall(db, call)) await apply(db)
    })
  }

  /** Undefined when the app was away: that is no try of the function's. */
  private resultOf(outcome: Outcome): CallResult | undefined {
    if (outcome.kind === 'answered') return readResponse(outcome, this.context.clock())
    if (outcome.kind === 'too large') {
      const message = `The app's answer is larger than ${outcome.maxBytes / 2 ** 20} MB.`
      return { kind: 'threw', error: { name: 'TooLarge', message }, retry: { allowed: false, afterMs: undefined } }
    }
    if (outcome.kind !== 'too late') return undefined
    const message = `The app gave no answer within ${outcome.afterMs / SECOND} s.`
    return { kind: 'threw', error: { name: 'NoAnswer', message }, retry: { allowed: true, afterMs: undefined } }
  }

  private async scheduleAgain(db: Querier, call: HeldCall, outcome: Outcome): Promise<void> {
    const { runId, functionId, target, attempt } = call
    const again = { runId, functionId, target, kind: 'call', attempt } as const
    if (outcome.kind !== 'broken') {
      const delayMs = unreachableDelayMs(Date.now() - (this.unreachableSince ?? Date.now()))
      return schedule(db, [{ ...again, losses: call.losses, delayMs }])
    }
    const losses = call.losses + 1
    if (losses >= MAX_LOSSES) {
      return this.giveUp(db, call, `The app went away ${losses} times during this call (${outcome.reason}).`)
    }
    await schedule(db, [{ ...again, losses, delayMs: LOSS_DELAY_MS }])
  }

  /** An instance that is newer may have sent the event: its app is this engine's own as soon as it is upgraded too. */
  private waitForFunction(db: Querier, call: HeldCall): Promise<void> {
    const { runId, functionId, target, attempt, losses } = call
    const since = this.unknownSince.get(functionId) ?? Date.now()
    this.unknownSince.set(functionId, since)
    const forMs = Date.now() - since
    if (forMs >= this.context.unknownForMs) return this.giveUp(db, call, 'The app has no such function.')
    return schedule(db, [{ runId, functionId, target, kind: 'call', attempt, losses, delayMs: unreachableDelayMs(forMs) }])
  }

  private giveUp(db: Querier, call: HeldCall, message: string): Promise<void> {
    return failRun(db, this.context, call, { name: 'EngineGaveUp', message })
  }
}
