import { MINUTE, pause, SECOND } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Failure, Reconnect, Stop, Transient } from '#lib/core/errors.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import { type Account, db, type SpotifyApp } from '#lib/db.ts'
import { refresh } from '#lib/spotify/accounts.ts'
import { appCredentials } from './app-credentials.ts'

/** A token that ends within this time is refreshed before it is used. */
const FRESH_FOR_MS = MINUTE
/** Longer than the accounts service's deadline: who holds the lease longer is dead. */
const LEASE_MS = 30 * SECOND
const TURNS = 300
const TURN_MS = 100

/**
 * A listener's access token, refreshed by one asker at a time and with the app that issued it.
 * @param stale the token that Spotify just refused, if any
 * @throws Reconnect when consent is over (and marks it), Transient when Spotify's accounts service is away
 */
export async function accessToken(userId: string, stale?: string): Promise<string> {
  for (let turn = 0; turn < TURNS; turn++) {
    const account = await consentedAccount(userId)
    const token = freshToken(account, stale)
    if (token) return token
    if (await takeTurn(account.id)) return refreshed(account.id, userId, stale)
    await pause(TURN_MS)
  }
  throw new Transient('Another process is refreshing the sign-in and does not end', {
    remedy: 'Tracklake tries again by itself.',
    context: { userId },
  })
}

function freshToken(account: Account, stale?: string): string | null {
  const token = account.access_token ? unseal(account.access_token, place(account, 'access_token')) : ''
  const endsAt = (account.expires_at ?? 0) * SECOND
  return token && token !== stale && endsAt > Date.now() + FRESH_FOR_MS ? token : null
}

/** Where a token is sealed: by the account's own name, which is known before its row is. */
export function place(account: { provider: string; providerAccountId: string }, column: string) {
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

async function takeTurn(accountId: string): Promise<boolean> {
  const now = new Date()
  const { count } = await db().account.updateMany({
    where: { id: accountId, OR: [{ refreshingUntil: null }, { refreshingUntil: { lt: now } }] },
    data: { refreshingUntil: new Date(now.getTime() + LEASE_MS) },
  })
  return count === 1
}

/** Has the turn. The row is read anew: whoever had the turn before may have refreshed, and a refresh token may work once. */
async function refreshed(accountId: string, userId: string, stale?: string): Promise<string> {
  try {
    const account = await consentedAccount(userId)
    return freshToken(account, stale) ?? (await refreshNow(account))
  } finally {
    await db().account.updateMany({ where: { id: accountId }, data: { refreshingUntil: null } })
  }
}

async function refreshNow(account: ConsentedAccount): Promise<string> {
  // A listener who disconnects or agrees anew meanwhile decides: what was asked with the old token is not written.
  const where = { id: account.id, refresh_token: account.refresh_token }
  try {
    const refreshToken = account.refresh_token ? unseal(account.refresh_token, place(account, 'refresh_token')) : null
    if (!refreshToken || !account.spotifyAppId) {
      throw new Reconnect('There is no refresh token', { remedy: 'Press "Reconnect" on Connections.' })
    }
    const tokens = await refresh(spotifyUrls().accounts, await appCredentials(account.spotifyAppId), refreshToken)
    await db().account.updateMany({
      where,
      data: {
        access_token: seal(tokens.access_token, place(account, 'access_token')),
        expires_at: Math.floor(Date.now() / SECOND) + tokens.expires_in,
        // Spotify often sends none: the old one stays then.
        ...(tokens.refresh_token ? { refresh_token: seal(tokens.refresh_token, place(account, 'refresh_token')) } : {}),
      },
    })
    return tokens.access_token
  } catch (thrown) {
    if (thrown instanceof Reconnect) {
      await db().account.updateMany({ where, data: { consent: 'reconnect', consentProblem: thrown.message } })
    }
    throw ownSecret(thrown, account.spotifyApp) ?? thrown
  }
}

/**
 * Spotify refuses a token that was just refreshed: the consent is over, unless the listener agreed anew meanwhile.
 * @param token the one that was refused
 */
export async function noteRefused(userId: string, token: string, problem: string): Promise<void> {
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify', consent: 'given' } })
  if (!account?.access_token || unseal(account.access_token, place(account, 'access_token')) !== token) return
  await db().account.updateMany({
    where: { id: account.id, access_token: account.access_token },
    data: { consent: 'reconnect', consentProblem: problem },
  })
}

/** The secret of a listener's own app is in their own hands. */
function ownSecret(thrown: unknown, app: SpotifyApp | null): Failure | null {
  if (!(thrown instanceof Failure) || thrown.context.kind !== 'wrong-secret' || !app?.ownerId) return null
  return new Stop('Spotify does not accept the client secret of your own app', {
    remedy: 'Enter the current one on Connections, under "A Spotify app of your own".',
    context: thrown.context,
  })
}
