import { z } from 'zod'
import { signatureOf } from '#inngest/engine/protocol/signing.ts'
import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf, Transient } from '#lib/core/errors.ts'

const Registration = z.object({ message: z.string().optional(), modified: z.boolean().optional() })

/**
 * Lets the app at this serve address tell its Inngest server which functions it has. The app takes that order from
 * whoever knows the signing key only.
 *
 * @throws Transient with what the server said
 */
export async function registerFunctions(serveUrl: string, signingKey: string): Promise<void> {
  const body = '{}'
  const remedy = 'Check INNGEST_BASE_URL, the keys, and that the server reaches INNGEST_SERVE_ORIGIN.'
  const headers = {
    'content-type': 'application/json',
    'x-inngest-signature': signatureOf(body, signingKey, new Date()),
  }
  try {
    const answer = await fetch(serveUrl, { method: 'PUT', body, headers, signal: AbortSignal.timeout(30 * SECOND) })
    const { message } = Registration.parse(await answer.json())
    if (answer.ok) return
    throw new Error(message ?? `HTTP ${answer.status}`)
  } catch (cause) {
    throw new Transient(`Inngest did not take the functions: ${messageOf(cause)}.`, { cause, remedy })
  }
}

const RETRY_EVERY = 10 * SECOND

/** Registers as soon as the server takes it: it may start later than the app. Says so on the console. */
export async function registerUntilAccepted(serveUrl: string, signingKey: string, signal: AbortSignal): Promise<void> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      await registerFunctions(serveUrl, signingKey)
      console.log('Inngest knows the background functions')
      return
    } catch (problem) {
      if (!(problem instanceof Transient)) throw problem
      if (tries % 30 === 0) console.log(`${problem.message} It is tried again. ${problem.remedy}`)
    }
    await pause(RETRY_EVERY, signal)
  }
}
