import { serve } from 'inngest/next'
import { functions, inngest } from '#inngest/index.ts'

// Signed calls only: INNGEST_SIGNING_KEY is always set, and the client is never in development mode.
export const { GET, POST, PUT } = serve({ client: inngest, functions })

/** A slice may sleep for a rate window; the engine gives up after 15 minutes. */
export const maxDuration = 900
