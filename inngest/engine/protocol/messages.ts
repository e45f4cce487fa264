import { z } from 'zod'
import { DAY } from '#lib/core/clock.ts'
import type { Outcome } from './app.ts'

/** The shapes that the SDK sends, and what they mean. Everything is checked here, where it enters. */

/** Control characters would end up in keys, and Postgres refuses some of them. */
const readable = z.string().regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')

export const IncomingEvent = z.looseObject({
  name: readable.min(1).max(256),
  id: readable.max(256).nullish(),
  data: z.looseObject({}).nullish(),
  ts: z.number().nullish(),
})
export type IncomingEvent = z.infer<typeof IncomingEvent>

/** A request holds one event or many. */
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
export type FunctionError = z.infer<typeof FunctionError>

/** Gives an error the shape that the SDK can turn into an Error again. */
export function toFunctionError(value: unknown): FunctionError {
  const read = FunctionError.safeParse(value)
  if (read.success) return read.data
  return { name: 'Error', message: typeof value === 'string' ? value : JSON.stringify(value ?? null) }
}

/** The result of a call to the app. */
export type CallResult =
  | { kind: 'operations'; operations: Operation[]; retry: Retry }
  | { kind: 'returned'; value: unknown }
  | { kind: 'threw'; error: FunctionError; retry: Retry }

export interface Retry {
  allowed: boolean
  /** Milliseconds the app wants to wait; undefined means the backoff table decides. */
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

/** Reads a response of the SDK: 200 means the function returned, 206 operations, anything else that it threw. */
export function readResponse(response: Extract<Outcome, { kind: 'responded' }>, now: Date): CallResult {
  const { status, headers } = response
  const retry = readRetry(headers, now)
  const value = parseBody(response.body)
  if (!headers['x-inngest-sdk']) {
    const message = `The app responded with HTTP ${status}, but not from its Inngest route.`
    return { kind: 'threw', error: { name: 'Error', message }, retry: { allowed: true, afterMs: undefined } }
  }
  if (status === 200) return { kind: 'returned', value }
  if (status !== 206) return { kind: 'threw', error: toFunctionError(value), retry }
  const operations = Operations.safeParse(value)
  if (operations.success) return { kind: 'operations', operations: operations.data, retry }
  const message = `The app sent operations that the engine can't read: ${z.prettifyError(operations.error)}`
  return { kind: 'threw', error: { name: 'Error', message }, retry: { allowed: false, afterMs: undefined } }
}

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const LENGTHS = /^(\d+(\.\d+)?(ms|[smhdw]))+$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T/

/**
 * Milliseconds from `from` to the end of a sleep, never negative. The SDK writes durations as `1h30m` and instants as
 * ISO 8601.
 *
 * @returns undefined when the text is neither
 */
export function sleepLength(text: string, from: Date): number | undefined {
  if (INSTANT.test(text)) {
    const until = Date.parse(text)
    return Number.isNaN(until) ? undefined : Math.max(0, until - from.getTime())
  }
  if (!LENGTHS.test(text)) return undefined
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    sum += Number(amount) * (UNITS[unit ?? ''] ?? 0)
  }
  return sum
}
