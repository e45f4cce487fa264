import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'
import { Admission } from './admission.ts'
import { applyResult, continueRun, failRun, type ResultContext } from './apply-result.ts'
import { unreachableDelayMs } from './backoff.ts'
import type { App, Outcome } from './protocol/app.ts'
import { type CallResult, readResponse } from './protocol/messages.ts'
import { inTransaction, type Querier } from './store/database.ts'
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

/** The payload of a job: the call that is due. */
export const DueCall = z.object({ runId: z.string(), functionId: z.string(), target: z.string() })
export type DueCall = z.infer<typeof DueCall>

/** A due call with its concurrency key. */
type QueuedCall = DueCall & { key?: string }

export interface DispatchContext extends ResultContext {
  app: App
  pool: pg.Pool
  /** Its commits may return before they are on disk, see openPool. */
  quickPool: pg.Pool
  /** How long calls of an unknown function wait before they fail. */
  unknownForMs: number
}

/**
 * A call during which the app crashed this often is probably the cause and fails. The limit is lower than the five
 * crashes within a minute after which the supervisor gives up on the app.
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
      // With these two, the SDK reports steps one by one as it continues (checkpoints), instead of one call per step.
      fn_id: call.functionId,
      qi_id: call.token,
    },
  }
}

/** Makes due calls to the app and applies their results. */
export class Dispatcher {
  private readonly context: DispatchContext
  private readonly admission = new Admission<QueuedCall>()
  /** The tokens under which this engine holds calls. */
  private readonly held = new Set<string>()
  private stopping = false
  private unreachableSince: number | undefined
  /** When a call of a function that the app doesn't have first became due, by function. */
  private readonly unknownSince = new Map<string, number>()

  constructor(context: DispatchContext) {
    this.context = context
  }

  /** Starts no new calls from now on; active ones continue. */
  stop(): void {
    this.stopping = true
  }

  /** Continues a run whose sleep has ended. */
  async wake({ runId, functionId, target }: DueCall): Promise<void> {
    await inTransaction(this.context.pool, async (db) => {
      if (await endSleep(db, { runId, target })) await continueRun(db, runId, functionId)
    })
  }

  /** Makes a due call. At the function's limit it queues instead, and a call that ends makes the next one in the queue. */
  async call(due: DueCall): Promise<void> {
    const known = this.context.functions.get(due.functionId)
    const limits = { limit: known?.limit, perKey: known?.perKey?.limit }
    const call = known?.perKey ? { ...due, key: await this.keyOf(due, known.perKey.field) } : due
    if (!this.admission.enter(call, limits)) return
    for (let next: QueuedCall | undefined = call; next && !this.stopping; next = this.admission.leave(next)) {
      await this.perform(next)
    }
  }

  /** Releases calls that are held by an engine that lost its lock and is gone. */
  async freeOrphanedCalls(): Promise<void> {
    const { pool } = this.context
    const lost = (await heldTokens(pool)).filter((token) => !this.held.has(token))
    if (lost.length === 0) return
    log.warn('calls held by another engine are repeated', { calls: lost.length })
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
    this.unreachableSince = outcome.kind === 'unreachable' ? (this.unreachableSince ?? Date.now()) : undefined
    // A call that was interrupted because the engine stops stays held; the next start repeats it.
    if (this.stopping && outcome.kind !== 'responded') return
    await this.finish(call, (db) => {
      const result = this.resultOf(outcome)
      return result ? applyResult(db, this.context, known, call, result) : this.scheduleAgain(db, call, outcome)
    })
  }

  /** Releases the call and applies its result in one transaction. A stale response changes nothing. */
  private async finish(call: HeldCall, apply: (db: Querier) => Promise<void>): Promise<void> {
    await inTransaction(this.context.pool, async (db) => {
      if (await releaseCall(db, call)) await apply(db)
    })
  }

  /** @returns undefined when the app was unreachable or crashed, which doesn't count as an attempt */
  private resultOf(outcome: Outcome): CallResult | undefined {
    if (outcome.kind === 'responded') return readResponse(outcome, this.context.clock())
    if (outcome.kind === 'too large') {
      const message = `The app's response is larger than ${outcome.maxBytes / 2 ** 20} MB.`
      return { kind: 'threw', error: { name: 'TooLarge', message }, retry: { allowed: false, afterMs: undefined } }
    }
    if (outcome.kind !== 'timed out') return undefined
    const message = `The app didn't respond within ${outcome.afterMs / SECOND} s.`
    return { kind: 'threw', error: { name: 'Timeout', message }, retry: { allowed: true, afterMs: undefined } }
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
      return this.giveUp(db, call, `The app crashed ${losses} times during this call (${outcome.reason}).`)
    }
    await schedule(db, [{ ...again, losses, delayMs: LOSS_DELAY_MS }])
  }

  /** Waits for an unknown function: a newer instance may have sent the event before this one is upgraded. */
  private waitForFunction(db: Querier, call: HeldCall): Promise<void> {
    const { runId, functionId, target, attempt, losses } = call
    const since = this.unknownSince.get(functionId) ?? Date.now()
    this.unknownSince.set(functionId, since)
    const forMs = Date.now() - since
    if (forMs >= this.context.unknownForMs) return this.giveUp(db, call, 'The app has no such function.')
    return schedule(db, [
      { runId, functionId, target, kind: 'call', attempt, losses, delayMs: unreachableDelayMs(forMs) },
    ])
  }

  private giveUp(db: Querier, call: HeldCall, message: string): Promise<void> {
    return failRun(db, this.context, call, { name: 'EngineGaveUp', message })
  }
}
