import { Cron } from 'croner'
import { z } from 'zod'
import { messageOf, Stop } from '#lib/core/errors.ts'

/**
 * What the app says about its functions, read strictly: configuration that this engine would not obey is refused, because
 * a limit that is silently not kept is worse than a start that stops with a sentence.
 */

const Limit = z.strictObject({ limit: z.number().int().min(1) })
/** Whose calls share the second limit: one field of the event. */
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
  /** Tries of one call, the first one included. */
  maxAttempts: number
  /** Calls under way at once; undefined is no limit. */
  limit: number | undefined
  /** Calls under way at once for events that are equal in `field`; those events take turns. */
  perKey: { limit: number; field: string } | undefined
  events: string[]
  crons: string[]
  /** The function whose failed runs start this one: the SDK's `onFailure`. */
  handlesFailureOf: string | undefined
}

const FAILED = 'inngest/function.failed'
const FAILURE_OF = /^event\.data\.function_id == '([^']+)'$/
// What the SDK says when nothing is set: four retries.
const RETRIES = 4

function refusal(functionId: string, what: string, cause?: unknown): Stop {
  return new Stop(`The embedded engine refuses the function ${functionId}: ${what}.`, {
    remedy: 'Remove it from the function, or run on Inngest itself by setting INNGEST_BASE_URL.',
    context: { functionId },
    cause,
  })
}

/** The next firing of a cron expression after `after`; `TZ=Europe/Berlin 0 9 * * *` names a zone, else it is UTC. */
export function nextFiring(expression: string, after: Date): Date | null {
  const zoned = /^TZ=(\S+)\s+(.+)$/.exec(expression)
  return new Cron(zoned?.[2] ?? expression, { timezone: zoned?.[1] ?? 'UTC', paused: true }).nextRun(after)
}

function checkCron(functionId: string, expression: string): void {
  try {
    nextFiring(expression, new Date())
  } catch (error) {
    throw refusal(functionId, `its cron "${expression}" cannot be read (${messageOf(error)})`, error)
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

/** @throws Stop that names the function and what the engine does not know about it */
export function readFunctions(answer: unknown): AppFunction[] {
  const read = Description.safeParse(answer)
  if (!read.success) {
    throw new Stop('The app describes its functions in a way the embedded engine cannot read.', {
      remedy: 'Check that the package inngest has the version that package.json pins.',
      cause: read.error,
    })
  }
  return read.data.functions.map((described) => readFunction(described.id, described))
}

/** The functions of the app as of the last sync. */
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
