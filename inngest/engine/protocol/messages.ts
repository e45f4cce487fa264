import { z } from 'zod'
import { DAY } from '#lib/core/clock.ts'
import type { Outcome } from './app.ts'

/** The shapes that the SDK sends, checked where they enter. */

/** Control characters would end up in keys; Postgres refuses some of them. */
const readable = z.string().regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')

export const IncomingEvent = z.looseObject({
  name: readable.min(1).max(256),
  id: readable.max(256).nullish(),
  data: z.looseObject({}).nullish(),
  ts: z.number().nullish(),
})
export type IncomingEvent = z.infer<typeof IncomingEvent>

/** One send holds one event or many. */
export const EventRequest = z.preprocess((one) => [one].flat(), z.array(IncomingEvent).max(5_000))

export const Operation = z.object({
  id: z.string().regex(/^[\w:.-]{1,128}$/),
  op: z.string(),
  name: z.string().nullish(),
  data: z.unknown().optional(),
  error: z.unknown().optional(),
  opts: z.looseObject({ parallelMode: z.unknown().optional() }).nullish(),
})
export type Operation = z.infer<typeof Operation>

export const CheckpointRequest = z.object({
  run_id: z.string(),
  qi_id: z.string(),
  steps: z.array(Operation).max(1_000),
})
export type CheckpointRequest = z.infer<typeof CheckpointRequest>

const Operations = z.preprocess((one) => [one].flat(), z.array(Operation).max(1_000))

const FunctionError = z.looseObject({ name: z.string(), message: z.string() })
export type Thrown = z.infer<typeof FunctionError>

/** What an error was, in the shape that the SDK can turn into an Error again. */
export function toFunctionError(value: unknown): Thrown {
  const read = FunctionError.safeParse(value)
  if (read.success) return read.data
  return { name: 'Error', message: typeof value === 'string' ? value : JSON.stringify(value ?? null) }
}

/** What the app's answer to a call means. */
export type CallResult =
  | { kind: 'operations'; operations: Operation[]; retry: Retry }
  | { kind: 'returned'; value: unknown }
  | { kind: 'threw'; error: Thrown; retry: Retry }

export interface Retry {
  allowed: boolean
  /** Milliseconds the app asks to wait; undefined leaves it to the back-off table. */
  afterMs: number | undefined
}

const MAX_RETRY_AFTER_MS = DAY

function readRetry(headers: Record<string, unknown>, now: Date): Retry {
  const after = headers['retry-after']
  const text = typeof after === 'string' ? after : ''
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime()
  return {
    allowed: headers['x-inngest-no-retry'] !== 'true',
    afterMs: Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS),
  }
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body || 'null')
  } catch {
    return body.slice(0, 500)
  }
}

/** Reads an answer of the SDK: 200 the function returned, 206 operations, anything else it threw. */
export function readResponse(answer: Extract<Outcome, { kind: 'answered' }>, now: Date): CallResult {
  const { status, headers } = answer
  const retry = readRetry(headers, now)
  const value = parseBody(answer.body)
  if (!headers['x-inngest-sdk']) {
    const message = `The app answered HTTP ${status}, and not from its Inngest route.`
    return { kind: 'threw', error: { name: 'Error', message }, retry: { allowed: true, afterMs: undefined } }
  }
  if (status === 200) return { kind: 'returned', value }
  if (status !== 206) return { kind: 'threw', error: toFunctionError(value), retry }
  const operations = Operations.safeParse(value)
  if (operations.success) return { kind: 'operations', operations: operations.data, retry }
  const message = `The app answered operations that the engine cannot read: ${z.prettifyError(operations.error)}`
  return { kind: 'threw', error: { name: 'Error', message }, retry: { allowed: false, afterMs: undefined } }
}
