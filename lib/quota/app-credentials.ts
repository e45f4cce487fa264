import { settings } from '#lib/core/config.ts'
import { Stop } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import type { AppCredentials } from '#lib/spotify/accounts.ts'

const place = (clientId: string) => ({ table: 'SpotifyApp', row: clientId, column: 'clientSecret' })

/**
 * The Spotify app of this instance, with a row of its own so that tokens remember who issued them.
 * @throws Stop while no app is known
 */
export async function instanceApp(): Promise<SpotifyApp> {
  const { SPOTIFY_CLIENT_ID: clientId, SPOTIFY_CLIENT_SECRET: secret } = settings()
  if (!clientId || !secret) {
    throw new Stop('No Spotify app is known', {
      remedy: 'Open /setup, or set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET.',
    })
  }
  const known = await db().spotifyApp.findUnique({ where: { clientId } })
  // The secret is kept with the app: tokens that it issued need it even after the settings name another app.
  if (known?.clientSecret && unseal(known.clientSecret, place(clientId)) === secret) return known
  const clientSecret = seal(secret, place(clientId))
  return db().spotifyApp.upsert({
    where: { clientId },
    create: { clientId, clientSecret, developerAccount: clientId },
    // Whoever brought it before the operator did: it is the operator's now.
    update: { clientSecret, ownerId: null },
  })
}

/**
 * Keeps an app whose secret Spotify just accepted. One that is known stays whose it is.
 * @param developerAccount of another app that shares its budget; null: as it was, at first one of its own
 */
export async function keepApp(
  { clientId, clientSecret }: AppCredentials,
  { developerAccount, ownerId }: { developerAccount: string | null; ownerId: string | null },
): Promise<SpotifyApp> {
  const sealed = seal(clientSecret, place(clientId))
  const ofInstance = clientId === settings().SPOTIFY_CLIENT_ID
  return db().spotifyApp.upsert({
    where: { clientId },
    create: {
      clientId,
      clientSecret: sealed,
      developerAccount: developerAccount ?? clientId,
      ownerId: ofInstance ? null : ownerId,
    },
    update: { clientSecret: sealed, ...(developerAccount ? { developerAccount } : {}) },
  })
}

/** What a browser may know of the app that it signed in through. */
export async function usedApp(id: string): Promise<{ clientId: string; isOwn: boolean }> {
  const { clientId } = await db().spotifyApp.findUniqueOrThrow({ where: { id } })
  return { clientId, isOwn: clientId !== settings().SPOTIFY_CLIENT_ID }
}

/** The credentials of the app that issued a listener's tokens. */
export async function appCredentials(appId: string): Promise<AppCredentials> {
  const app = await db().spotifyApp.findUniqueOrThrow({ where: { id: appId } })
  if (!app.clientSecret) {
    throw new Stop('The secret of the Spotify app is not known', { remedy: 'Enter it again on /setup.' })
  }
  return { clientId: app.clientId, clientSecret: unseal(app.clientSecret, place(app.clientId)) }
}
