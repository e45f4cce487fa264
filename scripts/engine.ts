import { createEngine } from '#inngest/engine/engine.ts'
import { PERSON_HAS_TO_ACT, settings, TRY_AGAIN } from '#lib/core/config.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'

/**
 * The process of the embedded engine. It exits with 0 when it was asked to, with 75 when a new process can continue (the
 * database is gone or read-only), and with 78 when the operator has to act.
 */

const {
  DATABASE_URL,
  INNGEST_SERVE_ORIGIN,
  ENGINE_PORT,
  ENGINE_BACKOFF_MS,
  POOL_SLOTS,
  INNGEST_EVENT_KEY,
  INNGEST_SIGNING_KEY,
} = settings()

/** Concurrent calls besides the slices that POOL_SLOTS allows, so that slices never block everything else. */
const OTHER_CALLS = 14

function end(code: number, reason: unknown): never {
  log.error('the engine exits', {
    error: messageOf(reason),
    remedy: reason instanceof Stop ? reason.remedy : undefined,
  })
  process.exit(code)
}

if (!DATABASE_URL || !INNGEST_EVENT_KEY || !INNGEST_SIGNING_KEY) {
  end(PERSON_HAS_TO_ACT, 'DATABASE_URL, INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY must be set. `npm start` sets them.')
}

const engine = createEngine({
  databaseUrl: DATABASE_URL,
  port: ENGINE_PORT,
  appUrl: `${INNGEST_SERVE_ORIGIN}/api/inngest`,
  eventKey: INNGEST_EVENT_KEY,
  signingKey: INNGEST_SIGNING_KEY,
  concurrency: POOL_SLOTS + OTHER_CALLS,
  backoffMs: ENGINE_BACKOFF_MS === undefined ? undefined : () => ENGINE_BACKOFF_MS,
  onLost: (cause) => end(cause instanceof Stop ? PERSON_HAS_TO_ACT : TRY_AGAIN, cause),
})

let leaving = false
function leave(): void {
  if (leaving) return
  leaving = true
  engine.stop().then(
    () => process.exit(0),
    (error) => end(TRY_AGAIN, error),
  )
}

process.once('SIGTERM', leave)
process.once('SIGINT', leave)
if (process.env.TRACKLAKE_SUPERVISED === '1') process.stdin.on('end', leave).on('error', leave).resume()

engine.start().catch((error) => {
  if (!leaving) end(error instanceof Stop ? PERSON_HAS_TO_ACT : TRY_AGAIN, error)
})
