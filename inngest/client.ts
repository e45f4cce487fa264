import { Inngest } from 'inngest'
import { log } from '#lib/core/log.ts'

/** For functions with a cron: after a pause, an Inngest server starts all the ticks that it missed at once. */
export const ONE_TICK = 1

/** The client. Its settings decide whether it uses the embedded engine, a self-hosted Inngest or Inngest Cloud. */
export const inngest = new Inngest({
  id: 'tracklake',
  isDev: false, // overrides INNGEST_DEV: in development mode the SDK accepts unsigned calls
  logger: {
    info: () => undefined,
    debug: () => undefined,
    warn: (...details: unknown[]) => log.warn('inngest', { details: details.map(String).join(' ') }),
    error: (...details: unknown[]) => log.error('inngest', { details: details.map(String).join(' ') }),
  },
})
