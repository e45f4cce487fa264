import { Cron } from 'croner'
import { z } from 'zod'
import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf, Stop, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import type { App } from './app.ts'

/**
 * The app's functions and their configuration. Options that this engine doesn't implement are refused: a limit that is
 * silently ignored would be worse than a start that fails with an explanation.
 */

const Limit = z.strictObject({ limit: z.number().int().min(1) })
/** Calls with the same value in this field of the event share the second limit. */
const KEY = /^event\.data\.(\w+)$/
const KeyedLimit = z.strictObject({ limit: z.number().int().min(1), key: z.string().regex(KEY) })

const Concurrency = z.union([z.number().int().min(1), Limit, z.tuple([Limit]), z.tuple([Limit, KeyedLimit])])

const Trigger = z.union([
  z.strictObject({ event: z.string().min(1).max(256), expression: z.string().optional() }),
  z.strictObject({ cron: z.string().min(1).max(256) }),
])

const Configuration = z.strictObject({
  id: z.string().min(1).max(256),
  name: z.string(),
  triggers: z.array(Trigger).max(20),
  steps: z.strictObject({
    step: z.strictObject({
      id: z.literal('step'),
      name: z.string(),
      runtime: z.strictObject({ type: z.literal('http'), url: z.string() }),
      retries: z.strictObject({ attempts: z.number().int().min(0).max(20) }).optional(),
    }),
  }),
  concurrency: Concurrency.optional(),
})

type Configuration = z.infer<typeof Configuration>

const Description = z.object({ functions: z.array(z.looseObject({ id: z.string() })).max(500) })

export interface AppFunction {
  id: string
  /** Attempts of one call, including the first. */
  maxAttempts: number
  /** Concurrent calls; undefined means no limit. */
  limit: number | undefined
  /** Concurrent calls for events with the same value in `field`. */
  perKey: { limit: number; field: string } | undefined
  events: string[]
  crons: string[]
  /** The function whose failed runs start this one (the SDK's `onFailure`). */
  handlesFailureOf: string | undefined
}

const FAILED = 'inngest/function.failed'
const FAILURE_OF = /^event\.data\.function_id == '([^']+)'$/
// The SDK's default.
const RETRIES = 4

function refusal(functionId: string, what: string, cause?: unknown): Stop {
  return new Stop(`The embedded engine can't run the function ${functionId}: ${what}.`, {
    remedy: 'Remove this option from the function, or set INNGEST_BASE_URL to run on Inngest itself.',
    context: { functionId },
    cause,
  })
}

/** The next time a cron expression fires after `after`, in UTC or in a named zone (`TZ=Europe/Berlin 0 9 * * *`). */
export function nextFiring(expression: string, after: Date): Date | null {
  const zoned = /^TZ=(\S+)\s+(.+)$/.exec(expression)
  return new Cron(zoned?.[2] ?? expression, { timezone: zoned?.[1] ?? 'UTC', paused: true }).nextRun(after)
}

function checkCron(functionId: string, expression: string): void {
  try {
    nextFiring(expression, new Date())
  } catch (error) {
    throw refusal(functionId, `its cron "${expression}" is invalid (${messageOf(error)})`, error)
  }
}

function checkEvent(functionId: string, { event, expression }: { event: string; expression?: string }): void {
  if (event.includes('*')) throw refusal(functionId, `its event "${event}" has a wildcard`)
  if (event === FAILED && expression && FAILURE_OF.test(expression)) return
  if (event.startsWith('inngest/')) throw refusal(functionId, `it waits for the internal event "${event}"`)
  if (expression) throw refusal(functionId, `its trigger has the condition "${expression}"`)
}

function limitsOf(concurrency: Configuration['concurrency']): Pick<AppFunction, 'limit' | 'perKey'> {
  if (!Array.isArray(concurrency)) {
    return { limit: typeof concurrency === 'object' ? concurrency.limit : concurrency, perKey: undefined }
  }
  const [{ limit }, keyed] = concurrency
  const field = KEY.exec(keyed?.key ?? '')?.[1]
  return { limit, perKey: keyed && field ? { limit: keyed.limit, field } : undefined }
}

function readFunction(id: string, described: unknown): AppFunction {
  const read = Configuration.safeParse(described)
  if (!read.success) throw refusal(id, z.prettifyError(read.error).replace(/\s+/g, ' '), read.error)
  const { triggers, steps, concurrency } = read.data
  const events = triggers.filter((trigger) => 'event' in trigger)
  const crons = triggers.filter((trigger) => 'cron' in trigger).map(({ cron }) => cron)
  for (const trigger of events) checkEvent(id, trigger)
  for (const expression of crons) checkCron(id, expression)
  const failure = events.find(({ event }) => event === FAILED)
  return {
    id,
    maxAttempts: (steps.step.retries?.attempts ?? RETRIES) + 1,
    ...limitsOf(concurrency),
    events: events.filter((trigger) => trigger !== failure).map(({ event }) => event),
    crons: [...new Set(crons)],
    handlesFailureOf: failure && FAILURE_OF.exec(failure.expression ?? '')?.[1],
  }
}

/** @throws Stop that names the function and the unsupported option */
export function readFunctions(description: unknown): AppFunction[] {
  const read = Description.safeParse(description)
  if (!read.success) {
    throw new Stop("The embedded engine can't read the app's description of its functions.", {
      remedy: 'Check that the installed version of the inngest package is the one in package.json.',
      cause: read.error,
    })
  }
  return read.data.functions.map((described) => readFunction(described.id, described))
}

const RETRY_EVERY = SECOND / 5

/**
 * Requests the list of functions from the app.
 *
 * @throws Transient when the app can't be reached or refuses the request
 * @throws Stop when a function uses something this engine doesn't implement
 */
export async function fetchFunctions(app: App): Promise<AppFunction[]> {
  const outcome = await app.describe()
  if (outcome.kind !== 'responded') {
    throw new Transient(`The app at ${app.url} can't be reached.`, {
      remedy: 'Start the app; the engine will try again by itself.',
    })
  }
  if (outcome.status !== 200 || outcome.headers['x-inngest-sync-kind'] !== 'in_band') {
    throw new Transient(`The app responded with HTTP ${outcome.status} to the request for its functions.`, {
      remedy:
        'Check that app and engine have the same INNGEST_SIGNING_KEY, and INNGEST_ALLOW_IN_BAND_SYNC is not false.',
    })
  }
  return readFunctions(JSON.parse(outcome.body))
}

/** Retries until the app lists its functions. @throws Stop as fetchFunctions does, or when `signal` is aborted */
export async function waitForFunctions(app: App, signal: AbortSignal): Promise<AppFunction[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetchFunctions(app)
    } catch (error) {
      if (error instanceof Stop) throw error
      signal.throwIfAborted()
      if (attempt % 50 === 10) log.warn('the engine is waiting for the app', { error: messageOf(error) })
    }
    await pause(RETRY_EVERY, signal)
  }
}

/** The app's functions as of the last sync. */
export class Functions {
  private readonly byId = new Map<string, AppFunction>()

  replace(functions: AppFunction[]): void {
    this.byId.clear()
    for (const one of functions) this.byId.set(one.id, one)
  }

  get(id: string): AppFunction | undefined {
    return this.byId.get(id)
  }

  all(): AppFunction[] {
    return [...this.byId.values()]
  }

  startedBy(event: string): AppFunction[] {
    return this.all().filter(({ events }) => events.includes(event))
  }

  handlingFailureOf(id: string): AppFunction[] {
    return this.all().filter(({ handlesFailureOf }) => handlesFailureOf === id)
  }
}
