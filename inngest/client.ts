import { Inngest } from 'inngest'
import { log } from '#lib/core/log.ts'

/** For functions with a cron: after an outage, an Inngest server starts all missed ticks at once. */
export const ONE_TICK = 1

/** The client. Its settings decide whether it uses the embedded engine, a self-hosted Inngest or Inngest Cloud. */
export const inngest = new Inngest({
  id: 'tracklake',
  isDev: false, // overrides INNGEST_DEV: in development mode the SDK accepts unsigned calls
  logger: {
    info: () => undefined,
    debug: () => undefined,
    warn: (...details: unknown[]) => log.warn('inngest', fieldsOf(details)),
    error: (...details: unknown[]) => log.error('inngest', fieldsOf(details)),
  },
})

/** The SDK logs like pino, `({ err, …ids }, text)`, and sometimes only a text or an error. */
function fieldsOf(details: unknown[]): Record<string, unknown> {
  const isFields = (detail: unknown) => typeof detail === 'object' && detail !== null && !(detail instanceof Error)
  const others = details.filter((detail) => !isFields(detail))
  return { ...Object.assign({}, ...details.filter(isFields)), ...(others.length > 0 ? { details: others } : {}) }
}
