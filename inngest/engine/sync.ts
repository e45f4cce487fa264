import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf, Stop, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import type { App } from './protocol/app.ts'
import { type AppFunction, readFunctions } from './protocol/functions.ts'

const RETRY_EVERY = SECOND / 5

/**
 * Asks the app for its functions.
 *
 * @throws Transient when the app cannot say it now, Stop when a function wants what this engine does not do
 */
export async function fetchFunctions(app: App): Promise<AppFunction[]> {
  const outcome = await app.describe()
  if (outcome.kind !== 'answered') {
    throw new Transient(`Nobody answers at ${app.url}.`, {
      remedy: 'Start the app; the engine asks again by itself.',
    })
  }
  if (outcome.status !== 200 || outcome.headers['x-inngest-sync-kind'] !== 'in_band') {
    throw new Transient(`The app answered HTTP ${outcome.status} when asked for its functions.`, {
      remedy:
        'Check that app and engine have the same INNGEST_SIGNING_KEY, and INNGEST_ALLOW_IN_BAND_SYNC is not false.',
    })
  }
  return readFunctions(JSON.parse(outcome.body))
}

/** Asks until the app answers. @throws Stop as askFunctions does, or when `signal` says stop */
export async function waitForFunctions(app: App, signal: AbortSignal): Promise<AppFunction[]> {
  for (let tries = 0; ; tries++) {
    try {
      return await fetchFunctions(app)
    } catch (error) {
      if (error instanceof Stop) throw error
      signal.throwIfAborted()
      if (tries % 50 === 10) log.warn('the engine waits for the app', { error: messageOf(error) })
    }
    await pause(RETRY_EVERY, signal)
  }
}
