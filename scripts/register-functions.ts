import { z } from 'zod'
import { signatureOf } from '#inngest/engine/protocol/signing.ts'
import { pause, SECOND } from '#lib/core/clock.ts'
import { messageOf, Transient } from '#lib/core/errors.ts'

const Registration = z.object({ message: z.string().optional(), modified: z.boolean().optional() })

/**
 * Makes the app register its functions with its Inngest server. The app requires a signed request for this.
 *
 * @throws Transient with the server's message
 */
export async function registerFunctions(serveUrl: string, signingKey: string): Promise<void> {
  const body = '{}'
  const remedy = 'Check INNGEST_BASE_URL, the keys, and that the server reaches INNGEST_SERVE_ORIGIN.'
  const headers = {
    'content-type': 'application/json',
    'x-inngest-signature': signatureOf(body, signingKey, new Date()),
  }
  try {
    const response = await fetch(serveUrl, { method: 'PUT', body, headers, signal: AbortSignal.timeout(30 * SECOND) })
    const { message } = Registration.parse(await response.json())
    if (response.ok) return
    throw new Error(message ?? `HTTP ${response.status}`)
  } catch (cause) {
    throw new Transient(`Inngest didn't accept the functions: ${messageOf(cause)}.`, { cause, remedy })
  }
}

const RETRY_EVERY = 10 * SECOND

/** Retries until the server accepts the functions, because it may start later than the app. Reports to the console. */
export async function registerUntilAccepted(serveUrl: string, signingKey: string, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await registerFunctions(serveUrl, signingKey)
      console.log('the background functions are registered with Inngest')
      return
    } catch (error) {
      if (!(error instanceof Transient)) throw error
      if (attempt % 30 === 0) console.log(`${error.message} Retrying. ${error.remedy}`)
    }
    await pause(RETRY_EVERY, signal)
  }
}
