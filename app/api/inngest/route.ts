import { serve } from 'inngest/next'
import { functions, inngest } from '../../../inngest/index.ts'

// Signed calls only: INNGEST_SIGNING_KEY is always set, and INNGEST_DEV never.
export const { GET, POST, PUT } = serve({ client: inngest, functions })

/** A slice may sleep for a rate window; the engine gives up after 15 minutes. */
export const maxDuration = 900
