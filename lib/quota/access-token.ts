import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Failure, Reconnect, Stop, Transient, type Wait } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import type { SealedPlace } from '#lib/core/sealed-columns.ts'
import { type Account, db, type SpotifyApp } from '#lib/db.ts'
import { refresh } from '#lib/spotify/accounts.ts'
import { appCredentials } from './app-credentials.ts'
import { ACCEPTED, recordRefusal, requireNotRefused } from './refused-consent.ts'

/** A token that expires within this time is refreshed before use. */
const FRESH_FOR_MS = MINUTE
/** Longer than the accounts service's deadline: a process that holds the lease longer has died. */
const LEASE_MS = 30 * SECOND
const MAX_TRIES = 300
const RETRY_MS = 100

/**
 * A listener's access token; refreshed by one caller at a time, through the app that issued it.
 * @param stale the token that Spotify just refused, if any
 * @throws Wait while a refused sign-in is to be retried, Reconnect once the consent has ended (both are recorded),
 *   Transient if Spotify's accounts service is unavailable
 */
export function accessToken(userId: string, stale?: string): Promise<string> {
  return tokenOf({ userId, stale, retries: false })
}

/**
 * Retries a refused sign-in by refreshing its token, even before it is due. It counts as refused until `acceptConsent`,
 * because Spotify may refresh a token and then refuse the new one.
 * @throws as accessToken
 */
export function retryToken(userId: string): Promise<string> {
  return tokenOf({ userId, retries: true })
}

interface TokenRequest {
  userId: string
  stale?: string | undefined
  /** Whether this is the retry of a refused sign-in. */
  retries: boolean
}

async function tokenOf(request: TokenRequest): Promise<string> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const account = await consentedAccount(request)
    const token = freshToken(account, request)
    if (token) return token
    if (await acquireLease(account.id)) {
      const refreshed = await refreshWithLease(account.id, request)
      if (refreshed) return refreshed
      // One try at a time: a concurrent change to the consent is more recent.
      if (request.retries) break
    } else await pause(RETRY_MS)
  }
  throw new Transient('Refreshing the Spotify sign-in took too long', {
    remedy: 'Tracklake will try again.',
    context: { userId: request.userId },
  })
}

function freshToken(account: Account, { stale, retries }: TokenRequest): string | null {
  // Only a refresh shows whether Spotify accepts the sign-in again.
  if (retries && account.retryAt) return null
  const token = account.access_token ? unseal(account.access_token, tokenPlace(account, 'access_token')) : ''
  const endsAt = (account.expires_at ?? 0) * SECOND
  return token && token !== stale && endsAt > Date.now() + FRESH_FOR_MS ? token : null
}

/** The place a token is sealed to. It names the account by its provider id, which is known before its row exists. */
export function tokenPlace(
  account: { provider: string; providerAccountId: string },
  column: 'access_token' | 'refresh_token',
): SealedPlace {
  return { table: 'Account', row: `${account.provider}:${account.providerAccountId}`, column }
}

type ConsentedAccount = Account & { spotifyApp: SpotifyApp | null }

async function consentedAccount({ userId, retries }: TokenRequest): Promise<ConsentedAccount> {
  const where = { userId, provider: 'spotify' }
  const account = await db().account.findFirst({ where, include: { spotifyApp: true } })
  if (!account || account.consent === 'disconnected' || (account.consent === 'reconnect' && !account.retryAt)) {
    throw new Reconnect(account?.consentProblem ?? 'Spotify is disconnected', {
      remedy: 'Press "Reconnect" on Connections. Everything loaded so far stays.',
      context: { userId },
    })
  }
  if (!retries) requireNotRefused(account, new Date())
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

/**
 * Holds the lease. Reads the row again: the previous holder may have refreshed, and a refresh token may work only once.
 * @returns null if the consent changed during the request
 */
async function refreshWithLease(accountId: string, request: TokenRequest): Promise<string | null> {
  try {
    const account = await consentedAccount(request)
    return freshToken(account, request) ?? (await refreshNow(account, request))
  } finally {
    await db().account.updateMany({ where: { id: accountId }, data: { refreshingUntil: null } })
  }
}

async function refreshNow(account: ConsentedAccount, { retries }: TokenRequest): Promise<string | null> {
  try {
    const refreshToken = account.refresh_token
      ? unseal(account.refresh_token, tokenPlace(account, 'refresh_token'))
      : null
    if (!refreshToken || !account.spotifyAppId) {
      throw new Reconnect('There is no refresh token', { remedy: 'Press "Reconnect" on Connections.' })
    }
    const tokens = await refresh(spotifyUrls().accounts, await appCredentials(account.spotifyAppId), refreshToken)
    await db().account.updateMany({
      // If the listener disconnects or reconnects in the meantime, the result for the old token is not saved.
      where: { id: account.id, refresh_token: account.refresh_token },
      data: {
        access_token: seal(tokens.access_token, tokenPlace(account, 'access_token')),
        expires_at: Math.floor(Date.now() / SECOND) + tokens.expires_in,
        // Spotify often sends none; the old one stays valid then.
        ...(tokens.refresh_token
          ? { refresh_token: seal(tokens.refresh_token, tokenPlace(account, 'refresh_token')) }
          : {}),
        // A slower process may have been refused because this one had already replaced the token.
        ...(retries ? {} : ACCEPTED),
      },
    })
    return tokens.access_token
  } catch (error) {
    if (!(error instanceof Reconnect)) throw ownAppSecretFailure(error, account.spotifyApp) ?? error
    const failure = await recordRefusal(account, error, new Date())
    if (failure) throw failure
    return null
  }
}

/**
 * Records that Spotify's API refused a token right after its refresh, unless the listener has a newer one meanwhile.
 * @returns the error to throw, or null if there is a newer token
 */
export async function refuseToken(userId: string, token: string, refusal: Reconnect): Promise<Wait | Reconnect | null> {
  const account = await db().account.findFirst({
    where: { userId, provider: 'spotify', consent: { not: 'disconnected' } },
  })
  if (!account?.access_token || unseal(account.access_token, tokenPlace(account, 'access_token')) !== token) return null
  return recordRefusal(account, refusal, new Date())
}

/** Clears earlier refusals, because Spotify accepted this token. @returns whether there were any */
export async function acceptConsent(userId: string, token: string): Promise<boolean> {
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify', retryAt: { not: null } } })
  if (!account?.access_token || unseal(account.access_token, tokenPlace(account, 'access_token')) !== token)
    return false
  const { count } = await db().account.updateMany({
    where: { id: account.id, access_token: account.access_token, retryAt: { not: null } },
    data: ACCEPTED,
  })
  return count === 1
}

/** Listeners can fix a wrong client secret of their own app, so the remedy says where. */
function ownAppSecretFailure(error: unknown, app: SpotifyApp | null): Failure | null {
  if (!(error instanceof Failure) || error.context.kind !== 'wrong-secret' || !app?.ownerId) return null
  return new Stop('Spotify rejected the client secret of your own app', {
    remedy: 'Enter the current one on Connections, under "Your own Spotify app".',
    context: error.context,
  })
}
