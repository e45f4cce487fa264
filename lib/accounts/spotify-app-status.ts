import type { SpotifyApp } from '#lib/api/admin.ts'
import type { ConnectionsResponse, PlaysGap } from '#lib/api/connections.ts'
import type { AppPlaces, PausedApp } from '#lib/api/shapes.ts'
import { toIso } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db, type SpotifyApp as SpotifyAppRow } from '#lib/db.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'
import { shareableApps } from './own-app.ts'
import { requireUser } from './require-user.ts'
import { redirectUri } from './spotify-app-checks.ts'

/** What pages show about Spotify apps, and about plays that may have been lost during a pause. */

/** Maximum number of people in a development-mode app (Spotify, since February 2026). */
const MAX_LISTENERS = 5
const MAX_APPS = 20
const TAKES_A_PLACE = { consent: { not: 'disconnected' } } as const

/** Why and since when an app is paused. */
export function pausedApp(app: SpotifyAppRow | null | undefined): PausedApp | null {
  if (!app?.problem) return null
  const { problem, problemSince, probeAt } = app
  return { problem, since: toIso(problemSince) ?? '', nextLookAt: toIso(probeAt), isOwn: app.ownerId !== null }
}

/** The listener's choices when they enter a Spotify app of their own. */
export async function appChoices(listener: { id: string }): Promise<ConnectionsResponse['ownApp']> {
  const { isAdmin } = requireUser(await db().user.findUnique({ where: { id: listener.id }, select: { isAdmin: true } }))
  const operators = settings().SPOTIFY_CLIENT_ID
  const sharable = await shareableApps({ id: listener.id, isAdmin })
  return {
    redirectUri: redirectUri(),
    instanceApp: (await instanceApp()).clientId,
    sharable: sharable.map(({ clientId }) => ({ clientId, isOwn: clientId !== operators })),
  }
}

/** How many people are connected through an app, and how many Spotify allows. */
export async function seatsOf(appId: string | null | undefined): Promise<AppPlaces> {
  const taken = appId ? await db().account.count({ where: { spotifyAppId: appId, ...TAKES_A_PLACE } }) : 0
  return { taken, most: MAX_LISTENERS }
}

/** The operator's app, paused apps, and the newest of the others, without secrets. /admin/quota lists all. */
export async function notableApps(): Promise<SpotifyApp[]> {
  const operators = settings().SPOTIFY_CLIENT_ID ?? ''
  const include = {
    owner: { select: { name: true } },
    _count: { select: { accounts: { where: TAKES_A_PLACE } } },
  } as const
  const [own, others] = await Promise.all([
    db().spotifyApp.findMany({ where: { clientId: operators }, include }),
    db().spotifyApp.findMany({
      where: { clientId: { not: operators } },
      include,
      orderBy: [{ problemSince: { sort: 'asc', nulls: 'last' } }, { createdAt: 'desc' }],
      take: MAX_APPS,
    }),
  ])
  return [...own, ...others].map((app) => ({
    clientId: app.clientId,
    isInstances: app.clientId === operators,
    owner: app.owner?.name ?? null,
    developerAccount: app.developerAccount,
    places: { taken: app._count.accounts, most: MAX_LISTENERS },
    paused: pausedApp(app),
  }))
}

/**
 * Whether plays may be missing around the last consent. Spotify keeps only the last 50 plays; the first poll after a
 * pause shows whether it reaches back to the last one before.
 */
export async function playsGap(
  userId: string,
  account: { consent: string; authorizedAt: Date | null; disconnectedAt: Date | null } | null | undefined,
): Promise<PlaysGap | null> {
  if (!account?.authorizedAt) return null
  if (account.consent !== 'given') {
    const last = await db().poll.findFirst({ where: { userId }, orderBy: { at: 'desc' } })
    return last && { state: 'growing', from: toIso(last.at) ?? '', to: null }
  }
  const [before, after] = await Promise.all([
    db().poll.findFirst({ where: { userId, at: { lt: account.authorizedAt } }, orderBy: { at: 'desc' } }),
    db().poll.findFirst({
      // A poll without plays proves nothing.
      where: { userId, at: { gte: account.authorizedAt }, overlapped: { not: null } },
      orderBy: { at: 'asc' },
    }),
  ])
  if (!before) return null
  if (!after) return { state: 'not known yet', from: toIso(before.at) ?? '', to: null }
  if (after.overlapped) return { state: 'none', from: toIso(before.at) ?? '', to: toIso(after.at) }
  return { state: 'missing', from: toIso(before.newest ?? before.at) ?? '', to: toIso(after.oldest ?? after.at) }
}
