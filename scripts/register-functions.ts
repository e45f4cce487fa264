import { z } from 'zod'
import { signatureOf } from '../inngest/engine/signing.ts'
import { SECOND } from '../lib/clock.ts'
import { messageOf, Transient } from '../lib/errors.ts'

const Answer = z.object({ message: z.string().optional(), modified: z.boolean().optional() })

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
    const { message } = Answer.parse(await answer.json())
    if (answer.ok) return
    throw new Error(message ?? `HTTP ${answer.status}`)
  } catch (cause) {
    throw new Transient(`Inngest did not take the functions: ${messageOf(cause)}.`, { cause, remedy })
  }
}
