import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { type Reconnect, Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { type Account, db, type Prisma } from '#lib/db.ts'
import { CONSENT_MS } from '#lib/spotify/accounts.ts'

/**
 * Spotify has refused valid sign-ins of many listeners at once, and a deleted token can't be restored. So a consent
 * only ends after repeated refusals; until then its streams wait and nothing else is requested.
 */

/** A refused sign-in is retried this long after the first refusal. A refusal of the last retry ends the consent. */
const RETRY_AFTER_MS = [10 * MINUTE, HOUR, 6 * HOUR, DAY]
/** The listener is notified after this many refusals. */
const NOTIFIED_FROM = 2
/** Tries are at least this far apart, even after the instance was down, so that each is a new opinion. */
export const MIN_RETRY_MS = 10 * MINUTE
/** How long streams wait for a try that is late because the engine was down. */
const LATE_MS = 2 * MINUTE

/** The columns of a consent that is not (or no longer) refused. */
export const NOT_REFUSED = { refusals: 0, refusedAt: null, retryAt: null } as const satisfies Prisma.AccountUpdateInput

/** The columns of a consent that Spotify accepts. */
export const ACCEPTED = {
  ...NOT_REFUSED,
  consent: 'given',
  consentProblem: null,
} as const satisfies Prisma.AccountUpdateInput

/** Makes streams wait until a refused sign-in is retried. */
function waitFor({ userId, retryAt }: Pick<Account, 'userId' | 'retryAt'>, now: Date): Wait {
  const until = new Date(Math.max(retryAt?.getTime() ?? 0, now.getTime() + LATE_MS))
  return new Wait('Spotify refused the sign-in', until, {
    remedy: 'Tracklake will retry it. You can press "Reconnect" on Connections at any time.',
    reason: 'consent',
    context: { userId },
  })
}

/** @throws Wait while a refused sign-in is still being retried */
export function requireNotRefused(account: Pick<Account, 'userId' | 'retryAt'>, now: Date): void {
  if (account.retryAt) throw waitFor(account, now)
}

/**
 * Records that Spotify refused a sign-in, and when to try it again. It ends at once if the consent is older than six
 * months or Spotify says that it expired.
 * @param account as it was when the refused tokens were read; a consent that changed since then is left alone
 * @returns the error to throw; null if the consent changed, so that its new tokens can be used
 */
export async function recordRefusal(account: Account, refusal: Reconnect, now: Date): Promise<Wait | Reconnect | null> {
  const { id, userId, access_token, refresh_token, authorizedAt } = account
  const refusals = account.refusals + 1
  const refusedAt = account.refusedAt ?? now
  const delayMs = RETRY_AFTER_MS[refusals - 1]
  const isOld = authorizedAt !== null && authorizedAt.getTime() + CONSENT_MS <= now.getTime()
  const isOver = isOld || refusal.context.hasExpired === true || refresh_token === null || delayMs === undefined
  const retryAt = isOver ? null : new Date(Math.max(refusedAt.getTime() + delayMs, now.getTime() + MIN_RETRY_MS))
  const { count } = await db().account.updateMany({
    where: { id, access_token, refresh_token, refusals: account.refusals, consent: { not: 'disconnected' } },
    data: {
      consent: isOver || refusals >= NOTIFIED_FROM ? 'reconnect' : 'given',
      consentProblem: refusal.message,
      refusals,
      refusedAt,
      retryAt,
    },
  })
  if (count === 0) return null
  log.warn('Spotify refused a sign-in', { userId, refusals, retryAt: retryAt?.toISOString() ?? null })
  return retryAt ? waitFor({ userId, retryAt }, now) : refusal
}
