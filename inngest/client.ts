import { Inngest } from 'inngest'
import { log } from '#lib/core/log.ts'

/** The client; the environment decides whether it talks to the embedded engine, a self-hosted Inngest or the Cloud. */
export const inngest = new Inngest({
  id: 'tracklake',
  isDev: false, // whatever INNGEST_DEV says: in development mode the SDK takes calls that nobody signed
  logger: {
    info: () => undefined,
    debug: () => undefined,
    warn: (...said: unknown[]) => log.warn('inngest', { said: said.map(String).join(' ') }),
    error: (...said: unknown[]) => log.error('inngest', { said: said.map(String).join(' ') }),
  },
})
