import { z } from 'zod'
import { MINUTE, now } from '#lib/core/clock.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'

/**
 * One way through Spotify's consent page and back. Which app it goes through is decided when it begins and carried,
 * sealed, by the browser: the code that comes back is worth something to that app alone.
 */

/** Longer than anybody reads a consent page; also how long the note against forged sign-ins lives. */
export const ATTEMPT_MS = 15 * MINUTE

const ATTEMPT = z.object({
  /** Row id of the Spotify app. */
  app: z.string(),
  /**
   * Why this app may be used: it is the operator's; the listener who is signed in uses it or asked for it; its secret
   * was just entered; or somebody merely named it, which lets in only who uses it already.
   */
  trust: z.enum(['instance', 'session', 'secret', 'named']),
  /** Who was signed in when it began. */
  listener: z.string().nullable(),
  /** Of the link that somebody came by; its hash alone is in the database. */
  invite: z.string().nullable(),
  endsAt: z.number(),
})

export type Attempt = z.infer<typeof ATTEMPT>

const OFFER = z.object({ app: z.string(), endsAt: z.number() })

const place = (column: string) => ({ table: 'SignIn', row: 'attempt', column })

export interface Wish {
  /** A client id, or what `offerApp` gave; nothing: the app in use. */
  app: string | null
  invite: string | null
  /** Client id that this browser used last. */
  remembered: string | null
  /** Who is signed in. */
  listener: string | null
}

/** Decides on the app. @returns null when an app was named that is not known here */
export async function beginAttempt({ app, invite, remembered, listener }: Wish): Promise<Attempt | null> {
  const chosen = await choose({ app, remembered, listener })
  return chosen && { ...chosen, listener, invite, endsAt: now().getTime() + ATTEMPT_MS }
}

type Chosen = Pick<Attempt, 'app' | 'trust'>

async function choose({ app, remembered, listener }: Omit<Wish, 'invite'>): Promise<Chosen | null> {
  if (app) {
    const offered = opened(app, 'offer', OFFER)
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

/** Whether somebody else came back than who was signed in when it began. */
export function isSomebodyElse({ listener }: Attempt, userId: string): boolean {
  return listener !== null && listener !== userId
}

/** Lets whoever holds the answer sign in through an app whose secret Spotify just accepted. */
export function offerApp({ id }: SpotifyApp): string {
  return seal(JSON.stringify({ app: id, endsAt: now().getTime() + ATTEMPT_MS }), place('offer'))
}

export function sealAttempt(attempt: Attempt): string {
  return seal(JSON.stringify(attempt), place('attempt'))
}

/** The attempt that a browser carries; the operator's app when it carries none that can be read. */
export async function openAttempt(sealed: string | null): Promise<Attempt> {
  const attempt = sealed ? opened(sealed, 'attempt', ATTEMPT) : null
  if (attempt && (await db().spotifyApp.count({ where: { id: attempt.app } })) > 0) return attempt
  return { app: (await instanceApp()).id, trust: 'instance', listener: null, invite: null, endsAt: 0 }
}

function opened<T extends { endsAt: number }>(sealed: string, column: string, shape: z.ZodType<T>): T | null {
  try {
    const parsed = shape.safeParse(JSON.parse(unseal(sealed, place(column))))
    return parsed.success && parsed.data.endsAt > now().getTime() ? parsed.data : null
  } catch {
    // Typed, cut off, or sealed with a key of another time.
    return null
  }
}
