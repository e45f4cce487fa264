import type { Clock } from '#lib/core/clock.ts'
import { log } from '#lib/core/log.ts'
import { newId, startRuns } from './events.ts'
import type { AppFunction, Functions } from './protocol/functions.ts'
import {
  type CallResult,
  type FunctionError,
  type Operation,
  type Retry,
  sleepLength,
  toFunctionError,
} from './protocol/messages.ts'
import type { Querier } from './store/database.ts'
import { endRun, functionCall, type HeldCall, isWaiting, type NewCall, saveSteps, schedule } from './store/runs.ts'

/** Applies the app's response to a call, in the transaction that releases the call. */

export interface ResultContext {
  functions: Functions
  clock: Clock
  /** Milliseconds before the attempt that follows `attempt` (0 is the first). */
  backoffMs: (attempt: number) => number
}

/** Calls the function again once its run waits for nothing else. */
export async function continueRun(db: Querier, runId: string, functionId: string): Promise<void> {
  if (!(await isWaiting(db, runId))) await schedule(db, [functionCall(runId, functionId)])
}

/** Ends a run as failed and starts the function's `onFailure`, if it has one. */
export async function failRun(
  db: Querier,
  { functions, clock }: ResultContext,
  call: Pick<HeldCall, 'runId' | 'functionId' | 'event'>,
  error: FunctionError,
): Promise<void> {
  const { runId, functionId } = call
  log.warn('a function run failed', { functionId, runId, error: error.name })
  await endRun(db, runId, 'failed', error)
  const event: unknown = JSON.parse(call.event)
  await startRuns(db, functions.handlingFailureOf(functionId), {
    id: newId(),
    name: 'inngest/function.failed',
    data: { function_id: functionId, run_id: runId, event, events: [event], error },
    ts: clock().getTime(),
  })
}

function retryOf(call: HeldCall, { backoffMs }: ResultContext, retry: Retry): NewCall {
  const delayMs = retry.afterMs ?? backoffMs(call.attempt)
  const { runId, functionId, target, attempt } = call
  return { runId, functionId, target, kind: 'call', attempt: attempt + 1, losses: 0, delayMs }
}

/** The call or sleep for an unfinished step. @returns an error message when this engine doesn't support the operation */
function toCall(call: HeldCall, operation: Operation, clock: Clock): NewCall | string {
  const { id: target, op, name, opts } = operation
  if (opts?.parallelMode) return `The embedded engine doesn't support the parallel mode "${opts.parallelMode}".`
  const plan = { ...functionCall(call.runId, call.functionId), target }
  if (op === 'StepPlanned') return plan
  if (op !== 'Sleep') return `The embedded engine doesn't support the operation "${op}".`
  const delayMs = sleepLength(name ?? '', clock())
  if (delayMs === undefined) return `The embedded engine can't read the length of the sleep "${name}".`
  return { ...plan, kind: 'sleep', delayMs }
}

async function applyOperations(
  db: Querier,
  context: ResultContext,
  call: HeldCall,
  verdict: Extract<CallResult, { kind: 'operations' }>,
  mayRetry: boolean,
): Promise<void> {
  const { operations, retry } = verdict
  const done = operations.filter(({ op }) => op === 'StepRun')
  await saveSteps(
    db,
    call.runId,
    done.map(({ id, data }) => ({ id, outcome: 'data', value: data })),
  )
  const failed = operations.filter(({ op }) => op === 'StepFailed' || op === 'StepError')
  if (failed.some(({ op }) => op === 'StepError') && mayRetry) return schedule(db, [retryOf(call, context, retry)])
  await saveSteps(
    db,
    call.runId,
    failed.map(({ id, error }) => ({ id, outcome: 'error', value: toFunctionError(error) })),
  )
  const complete = operations.find(({ op }) => op === 'RunComplete')
  if (complete) return endRun(db, call.runId, 'completed', complete.data)

  const finished = new Set([...done, ...failed])
  const plans = operations
    .filter((operation) => !finished.has(operation))
    .map((operation) => toCall(call, operation, context.clock))
  const unknown = plans.find((plan) => typeof plan === 'string')
  if (unknown) return failRun(db, context, call, { name: 'UnknownOperation', message: unknown })
  await schedule(
    db,
    plans.filter((plan) => typeof plan !== 'string'),
  )
  await continueRun(db, call.runId, call.functionId)
}

/** Applies the result of a call that was just released. */
export async function applyResult(
  db: Querier,
  context: ResultContext,
  { maxAttempts }: AppFunction,
  call: HeldCall,
  verdict: CallResult,
): Promise<void> {
  if (verdict.kind === 'returned') return endRun(db, call.runId, 'completed', verdict.value)
  const mayRetry = verdict.retry.allowed && call.attempt + 1 < maxAttempts
  if (verdict.kind === 'operations') return applyOperations(db, context, call, verdict, mayRetry)
  if (mayRetry) return schedule(db, [retryOf(call, context, verdict.retry)])
  return failRun(db, context, call, verdict.error)
}
