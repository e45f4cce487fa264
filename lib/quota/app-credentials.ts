import { settings } from '#lib/core/config.ts'
import { Stop } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import type { SealedPlace } from '#lib/core/sealed-columns.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import type { AppCredentials } from '#lib/spotify/accounts.ts'

const secretPlace = (clientId: string): SealedPlace => ({ table: 'SpotifyApp', row: clientId, column: 'clientSecret' })

/**
 * The Spotify app of this instance. It has a row so that tokens can refer to the app that issued them.
 * @throws Stop if no app is configured
 */
export async function instanceApp(): Promise<SpotifyApp> {
  const { SPOTIFY_CLIENT_ID: clientId, SPOTIFY_CLIENT_SECRET: secret } = settings()
  if (!clientId || !secret) {
    throw new Stop('No Spotify app is set up', {
      remedy: 'Open /setup, or set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET.',
    })
  }
  const known = await db().spotifyApp.findUnique({ where: { clientId } })
  // The secret is saved: tokens that this app issued need it even after the settings name another app.
  if (known?.clientSecret && unseal(known.clientSecret, secretPlace(clientId)) === secret) return known
  const clientSecret = seal(secret, secretPlace(clientId))
  return db().spotifyApp.upsert({
    where: { clientId },
    create: { clientId, clientSecret, developerAccount: clientId },
    // If a listener brought this app before, it is the operator's now.
    update: { clientSecret, ownerId: null },
  })
}

/**
 * Saves an app whose secret Spotify just accepted. A known app keeps its owner.
 * @param developerAccount the account whose quota it shares; null keeps the current one, at first its own
 */
export async function saveApp(
  { clientId, clientSecret }: AppCredentials,
  { developerAccount, ownerId }: { developerAccount: string | null; ownerId: string | null },
): Promise<SpotifyApp> {
  const sealed = seal(clientSecret, secretPlace(clientId))
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

/** The public facts about the app a browser signed in through. */
export async function usedApp(id: string): Promise<{ clientId: string; isOwn: boolean }> {
  const { clientId } = await db().spotifyApp.findUniqueOrThrow({ where: { id } })
  return { clientId, isOwn: clientId !== settings().SPOTIFY_CLIENT_ID }
}

/** The credentials of the app that issued a listener's tokens. */
export async function appCredentials(appId: string): Promise<AppCredentials> {
  const app = await db().spotifyApp.findUniqueOrThrow({ where: { id: appId } })
  if (!app.clientSecret) {
    throw new Stop('The client secret of the Spotify app is missing', { remedy: 'Enter it again on /setup.' })
  }
  return { clientId: app.clientId, clientSecret: unseal(app.clientSecret, secretPlace(app.clientId)) }
}
