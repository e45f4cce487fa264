import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Failure, Reconnect, Stop, Transient } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { type Account, db, type SpotifyApp } from '#lib/db.ts'
import { refresh } from '#lib/spotify/accounts.ts'
import { appCredentials } from './app-credentials.ts'

/** A token that expires within this time is refreshed before use. */
const FRESH_FOR_MS = MINUTE
/** Longer than the accounts service's deadline: a process that holds the lease longer has died. */
const LEASE_MS = 30 * SECOND
const MAX_TRIES = 300
const RETRY_MS = 100

/**
 * A listener's access token; refreshed by one caller at a time, through the app that issued it.
 * @param stale the token that Spotify just refused, if any
 * @throws Reconnect if the consent has ended (and records that), Transient if Spotify's accounts service is unavailable
 */
export async function accessToken(userId: string, stale?: string): Promise<string> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const account = await consentedAccount(userId)
    const token = freshToken(account, stale)
    if (token) return token
    if (await acquireLease(account.id)) return refreshWithLease(account.id, userId, stale)
    await pause(RETRY_MS)
  }
  throw new Transient('Refreshing the Spotify sign-in took too long', {
    remedy: 'Tracklake tries again by itself.',
    context: { userId },
  })
}

function freshToken(account: Account, stale?: string): string | null {
  const token = account.access_token ? unseal(account.access_token, tokenPlace(account, 'access_token')) : ''
  const endsAt = (account.expires_at ?? 0) * SECOND
  return token && token !== stale && endsAt > Date.now() + FRESH_FOR_MS ? token : null
}

/** The place a token is sealed to. It names the account by its provider id, which is known before its row exists. */
export function tokenPlace(account: { provider: string; providerAccountId: string }, column: string) {
  return { table: 'Account', row: `${account.provider}:${account.providerAccountId}`, column }
}

type ConsentedAccount = Account & { spotifyApp: SpotifyApp | null }

async function consentedAccount(userId: string): Promise<ConsentedAccount> {
  const where = { userId, provider: 'spotify' }
  const account = await db().account.findFirst({ where, include: { spotifyApp: true } })
  if (account?.consent !== 'given') {
    throw new Reconnect(account?.consentProblem ?? 'Spotify is disconnected', {
      remedy: 'Press "Reconnect" on Connections. Everything loaded so far stays.',
      context: { userId },
    })
  }
  return account
}

async function acquireLease(accountId: string): Promise<boolean> {
  const now = new Date()
  const { count } = await db().account.updateMany({
    where: { id: accountId, OR: [{ refreshingUntil: null }, { refreshingUntil: { lt: now } }] },
    data: { refreshingUntil: new Date(now.getTime() + LEASE_MS) },
  })
  return count === 1
}

/** Holds the lease. Reads the row again: the previous holder may have refreshed, and a refresh token may work only once. */
async function refreshWithLease(accountId: string, userId: string, stale?: string): Promise<string> {
  try {
    const account = await consentedAccount(userId)
    return freshToken(account, stale) ?? (await refreshNow(account))
  } finally {
    await db().account.updateMany({ where: { id: accountId }, data: { refreshingUntil: null } })
  }
}

async function refreshNow(account: ConsentedAccount): Promise<string> {
  // If the listener disconnects or reconnects meanwhile, the result of the old token is not saved.
  const where = { id: account.id, refresh_token: account.refresh_token }
  try {
    const refreshToken = account.refresh_token
      ? unseal(account.refresh_token, tokenPlace(account, 'refresh_token'))
      : null
    if (!refreshToken || !account.spotifyAppId) {
      throw new Reconnect('There is no refresh token', { remedy: 'Press "Reconnect" on Connections.' })
    }
    const tokens = await refresh(spotifyUrls().accounts, await appCredentials(account.spotifyAppId), refreshToken)
    await db().account.updateMany({
      where,
      data: {
        access_token: seal(tokens.access_token, tokenPlace(account, 'access_token')),
        expires_at: Math.floor(Date.now() / SECOND) + tokens.expires_in,
        // Spotify often sends none; the old one stays valid then.
        ...(tokens.refresh_token
          ? { refresh_token: seal(tokens.refresh_token, tokenPlace(account, 'refresh_token')) }
          : {}),
      },
    })
    return tokens.access_token
  } catch (error) {
    if (error instanceof Reconnect) {
      await db().account.updateMany({ where, data: { consent: 'reconnect', consentProblem: error.message } })
    }
    throw ownAppSecretFailure(error, account.spotifyApp) ?? error
  }
}

/**
 * Ends a consent whose token Spotify refused right after a refresh, unless the listener has reconnected meanwhile.
 * @param token the refused one
 */
export async function endRefusedConsent(userId: string, token: string, problem: string): Promise<void> {
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify', consent: 'given' } })
  if (!account?.access_token || unseal(account.access_token, tokenPlace(account, 'access_token')) !== token) return
  await db().account.updateMany({
    where: { id: account.id, access_token: account.access_token },
    data: { consent: 'reconnect', consentProblem: problem },
  })
}

/** Listeners can fix a wrong client secret of their own app, so the remedy says where. */
function ownAppSecretFailure(error: unknown, app: SpotifyApp | null): Failure | null {
  if (!(error instanceof Failure) || error.context.kind !== 'wrong-secret' || !app?.ownerId) return null
  return new Stop('Spotify rejected the client secret of your own app', {
    remedy: 'Enter the current one on Connections, under "Your own Spotify app".',
    context: error.context,
  })
}
