import { spotifyUrls } from '#lib/core/config.ts'
import { messageOf, Reconnect, Transient } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { type Account, db, type SpotifyApp } from '#lib/db.ts'
import { resolveAlert } from '#lib/notifications/alerts.ts'
import { alertConsentEnded } from '#lib/notifications/consent-ended.ts'
import { acceptConsent, refuseToken, retryToken } from '#lib/quota/access-token.ts'
import { MIN_RETRY_MS } from '#lib/quota/refused-consent.ts'
import { withinLimits } from '#lib/quota/request-limits.ts'
import { moveWaits } from '#lib/runs/runs.ts'
import { readProfile } from '#lib/spotify/profile.ts'

/** Retries refused sign-ins. Nothing else does: their streams wait, and nothing new is planned. */

/** Per tick; each takes up to two requests of at most 15 s. */
const MAX_TRIES = 50
const AT_ONCE = 10

interface RefusedAccount extends Account {
  spotifyApp: SpotifyApp | null
}

/** Retries the sign-ins that are due. Success clears the refusals, resolves the alert and resumes the streams. */
export async function retryConsents(now: Date): Promise<void> {
  const due = await db().account.findMany({
    where: { provider: 'spotify', retryAt: { lte: now }, user: { suspendedAt: null, erasingAt: null } },
    orderBy: { retryAt: 'asc' },
    take: MAX_TRIES,
    include: { spotifyApp: true },
  })
  for (let from = 0; from < due.length; from += AT_ONCE)
    await Promise.all(due.slice(from, from + AT_ONCE).map((account) => retry(account, now)))
}

async function retry(account: RefusedAccount, now: Date): Promise<void> {
  const { id, userId, retryAt } = account
  // Claims the try, so that of two concurrent ticks only one makes it, and schedules the next in case Spotify doesn't
  // respond.
  const { count } = await db().account.updateMany({
    where: { id, retryAt },
    data: { retryAt: new Date(now.getTime() + MIN_RETRY_MS) },
  })
  if (count === 0) return
  await tryConsent(account).catch((error) =>
    log.info('a refused sign-in was tried again', { userId, problem: messageOf(error) }),
  )
  await followConsent(userId, now)
}

async function tryConsent({ userId, spotifyApp }: RefusedAccount): Promise<void> {
  const token = await retryToken(userId)
  try {
    if (spotifyApp) await withinLimits(spotifyApp, 'account', () => readProfile(spotifyUrls().api, token))
  } catch (error) {
    if (error instanceof Reconnect) throw (await refuseToken(userId, token, error)) ?? error
    // Any response except an outage means that Spotify knows the token, even if it refuses the request.
    if (error instanceof Transient) throw error
  }
  await acceptConsent(userId, token)
}

/** Updates the alert and the streams after the try. */
async function followConsent(userId: string, now: Date): Promise<void> {
  const account = await db().account.findFirst({ where: { userId, provider: 'spotify' } })
  if (!account) return
  if (account.consent === 'reconnect') await alertConsentEnded(userId, account.consentProblem)
  if (account.consent === 'given' && !account.retryAt) await resolveAlert(userId, { kind: 'consent' })
  // If the consent has ended, they resume now and each stream run fails with the reason.
  await moveWaits(userId, 'consent', account.retryAt ?? now)
}
