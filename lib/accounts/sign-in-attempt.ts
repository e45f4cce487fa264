import { z } from 'zod'
import { MINUTE, now } from '#lib/core/clock.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import type { SealedPlace } from '#lib/core/sealed-columns.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'

/**
 * One trip to Spotify's consent page and back. The Spotify app is chosen at the start and carried, sealed, by the
 * browser: the code that Spotify returns is valid for that app alone.
 */

/** Long enough to read the consent page; also the lifetime of the state cookie. */
export const ATTEMPT_MS = 15 * MINUTE

const ATTEMPT = z.object({
  /** Row id of the Spotify app. */
  app: z.string(),
  /**
   * Why this app may be used: it is the operator's; the signed-in listener uses or chose it; its secret was just
   * entered; or it was only named, which admits only people who already use it.
   */
  trust: z.enum(['instance', 'session', 'secret', 'named']),
  /** Who was signed in at the start. */
  listener: z.string().nullable(),
  /** Token of the invite link; the database has only its hash. */
  invite: z.string().nullable(),
  /** Row id of the session that the signed-in listener confirms; null for a sign-in. */
  confirms: z.string().nullable().default(null),
  endsAt: z.number(),
})

export type Attempt = z.infer<typeof ATTEMPT>

const OFFER = z.object({ app: z.string(), endsAt: z.number() })

const place = (column: 'attempt' | 'offer'): SealedPlace => ({ table: 'SignIn', row: 'attempt', column })

export interface AttemptRequest {
  /** A client id, or the result of `offerApp`; null: the app in use. */
  app: string | null
  invite: string | null
  /** Client id that this browser last signed in through. */
  remembered: string | null
  /** Who is signed in. */
  listener: string | null
}

/** Starts an attempt by choosing the app. @returns null when the named app is unknown */
export async function beginAttempt({ app, invite, remembered, listener }: AttemptRequest): Promise<Attempt | null> {
  const chosen = await choose({ app, remembered, listener })
  return chosen && { ...chosen, listener, invite, confirms: null, endsAt: now().getTime() + ATTEMPT_MS }
}

/** Starts an attempt in which a session's listener confirms their identity through the Spotify app they use. */
export async function beginConfirmation(session: { id: string; userId: string }): Promise<Attempt> {
  const chosen = await choose({ app: null, remembered: null, listener: session.userId })
  return {
    ...(chosen ?? { app: (await instanceApp()).id, trust: 'instance' }),
    listener: session.userId,
    invite: null,
    confirms: session.id,
    endsAt: now().getTime() + ATTEMPT_MS,
  }
}

type Chosen = Pick<Attempt, 'app' | 'trust'>

async function choose({ app, remembered, listener }: Omit<AttemptRequest, 'invite'>): Promise<Chosen | null> {
  if (app) {
    const offered = open(app, 'offer', OFFER)
    return offered ? { app: offered.app, trust: 'secret' } : byClientId(app, listener)
  }
  const account = listener ? await db().account.findFirst({ where: { userId: listener, provider: 'spotify' } }) : null
  if (account?.spotifyAppId) return { app: account.spotifyAppId, trust: 'session' }
  const last = remembered ? await byClientId(remembered, null) : null
  return last ?? { app: (await instanceApp()).id, trust: 'instance' }
}

async function byClientId(clientId: string, listener: string | null): Promise<Chosen | null> {
  const instance = await instanceApp()
  if (clientId === instance.clientId) return { app: instance.id, trust: listener ? 'session' : 'instance' }
  const found = await db().spotifyApp.findUnique({ where: { clientId } })
  return found && { app: found.id, trust: 'named' }
}

/** Whether the person who came back is not the one who was signed in at the start. */
export function isDifferentListener({ listener }: Attempt, userId: string): boolean {
  return listener !== null && listener !== userId
}

/** A sealed permit to sign in through an app whose secret Spotify just accepted. */
export function offerApp({ id }: SpotifyApp): string {
  return seal(JSON.stringify({ app: id, endsAt: now().getTime() + ATTEMPT_MS }), place('offer'))
}

export function sealAttempt(attempt: Attempt): string {
  return seal(JSON.stringify(attempt), place('attempt'))
}

/** The attempt that a browser carries; the operator's app if it carries no readable one. */
export async function openAttempt(sealed: string | null): Promise<Attempt> {
  const attempt = sealed ? open(sealed, 'attempt', ATTEMPT) : null
  if (attempt && (await db().spotifyApp.count({ where: { id: attempt.app } })) > 0) return attempt
  return { app: (await instanceApp()).id, trust: 'instance', listener: null, invite: null, confirms: null, endsAt: 0 }
}

function open<T extends { endsAt: number }>(
  sealed: string,
  column: 'attempt' | 'offer',
  shape: z.ZodType<T>,
): T | null {
  try {
    const parsed = shape.safeParse(JSON.parse(unseal(sealed, place(column))))
    return parsed.success && parsed.data.endsAt > now().getTime() ? parsed.data : null
  } catch {
    // Forged, truncated, or sealed with a key that is gone.
    return null
  }
}
