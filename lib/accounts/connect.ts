import { recordAudit } from '#lib/audit.ts'
import { DAY, now, SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { seal } from '#lib/core/seal.ts'
import { db, type Prisma, type Run } from '#lib/db.ts'
import { resolveAlert } from '#lib/notifications/alerts.ts'
import { tokenPlace } from '#lib/quota/access-token.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'
import { ACCEPTED } from '#lib/quota/refused-consent.ts'
import { moveWaits } from '#lib/runs/runs.ts'
import { scheduleListener } from '#lib/schedule/plan.ts'
import type { Tokens } from '#lib/spotify/accounts.ts'
import { accountKey, type Profile } from '#lib/spotify/profile.ts'
import { keepsEmbeddedCopies } from '#lib/storage/destinations.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { EMBEDDED_KIND } from '#lib/warehouse/facts.ts'
import { hasActiveListener, hasListeners, isNamed, lockAdmins } from './admins.ts'
import { countUse } from './invites.ts'
import { claimApp } from './own-app.ts'
import { type Attempt, isDifferentListener } from './sign-in-attempt.ts'

/** How far back the simulated Spotify knows rankings. */
const DEMO_HISTORY_DAYS = 30

/** The invite was used up, revoked or expired before the sign-up was finished. */
export class InviteEnded extends Error {}

/**
 * Creates a listener. The first one of the instance becomes its admin, even when two sign up at once.
 * @param invite id of the invite: its use is counted together with the listener, or not at all
 * @param needsInvite whether everybody but the first listener needs an invite
 * @throws InviteEnded
 */
export async function createListener(
  data: Prisma.UserCreateInput,
  { invite = null, needsInvite = false }: { invite?: string | null; needsInvite?: boolean } = {},
) {
  return db().$transaction(async (tx) => {
    await lockAdmins(tx)
    const isFirst = !(await hasListeners(tx))
    const isInvited = invite !== null && (await countUse(tx, invite))
    if (needsInvite && !isInvited && !isFirst) throw new InviteEnded('the invite has ended')
    const isAdmin = settings().ADMINS.length === 0 && !(await hasActiveListener(tx))
    return tx.user.create({ data: { ...data, isAdmin } })
  })
}

/** Which Spotify app a consent was given to, and whether the listener chose it. */
export interface ConsentApp {
  appId: string
  /** The operator's app, which a sign-in uses by default. */
  byDefault: boolean
}

/** Which app the consent of a returning visitor was given to. A choice by another listener does not count as theirs. */
export function consentApp(attempt: Attempt, userId: string): ConsentApp {
  return { appId: attempt.app, byDefault: attempt.trust === 'instance' || isDifferentListener(attempt, userId) }
}

/**
 * Stores a new consent (sealed tokens, date, app) and starts the first run, or the first one after a lapse. Resumes
 * stream runs that waited because the old sign-in was refused.
 * @param app the app that the consent was given to, by default the operator's
 * @returns the run to dispatch, or null when none is needed
 */
export async function connectListener(
  userId: string,
  profile: Profile,
  tokens: Tokens,
  app?: ConsentApp,
): Promise<Run | null> {
  const { appId, byDefault } = app ?? { appId: (await instanceApp()).id, byDefault: true }
  const account = { provider: 'spotify', providerAccountId: accountKey(profile) }
  const before = await db().account.findFirst({ where: { userId, ...account }, include: { spotifyApp: true } })
  // The sign-in only proves who they are; it must not replace a working consent to an app of their own.
  const works = before?.consent === 'given' && before.retryAt === null
  const keepsApp = byDefault && works && Boolean(before.spotifyApp?.ownerId)
  if (!keepsApp) {
    await db().account.updateMany({
      where: { userId, ...account },
      data: {
        ...sealedTokens(account, tokens),
        expires_at: Math.floor(Date.now() / SECOND) + tokens.expires_in,
        scope: tokens.scope,
        spotifyAppId: appId,
        authorizedAt: now(),
        ...ACCEPTED,
        disconnectedAt: null,
        refreshingUntil: null,
      },
    })
  }
  const user = await db().user.update({ where: { id: userId }, data: listenerFacts(profile) })
  const connection = { userId, kind: EMBEDDED_KIND }
  if (keepsEmbeddedCopies())
    await db().warehouseConnection.upsert({ where: { userId_kind: connection }, create: connection, update: {} })
  await recordAudit(userId, before?.authorizedAt ? 'signed in' : 'signed up', userId)
  await claimApp(userId, appId)
  await resolveAlert(userId, { kind: 'consent' })
  await moveWaits(userId, 'consent', now())
  const runs = await db().run.count({ where: { userId } })
  if (runs > 0 && before?.consent === 'given') return null
  await scheduleListener(userId, user.zone ?? 'UTC', now())
  return orderRun(userId, 'sign_in', { instants: runs === 0 ? demoInstants() : [] })
}

/** Tokens as they are stored: sealed, each bound to its row and column. */
function sealedTokens(account: { provider: string; providerAccountId: string }, tokens: Tokens) {
  return {
    access_token: seal(tokens.access_token, tokenPlace(account, 'access_token')),
    // A refresh token of the previous app would be refused as revoked.
    refresh_token: tokens.refresh_token ? seal(tokens.refresh_token, tokenPlace(account, 'refresh_token')) : null,
  }
}

function listenerFacts(profile: Profile): Prisma.UserUpdateInput {
  return {
    name: profile.name ?? profile.userId,
    image: profile.image,
    ...(profile.accountId ? { spotifyAccountId: profile.accountId } : {}),
    spotifyUserId: profile.userId,
    ...(settings().ADMINS.length > 0 ? { isAdmin: isNamed(profile) } : {}),
  }
}

/** In the demo the first run also reads past days, oldest first, so that rank lines have something to show. */
function demoInstants(): Date[] {
  if (settings().TRACKLAKE_MODE !== 'demo') return []
  const today = Math.floor(now().getTime() / DAY) * DAY
  return Array.from(
    { length: DEMO_HISTORY_DAYS },
    (_, index) => new Date(today - (DEMO_HISTORY_DAYS - index) * DAY + DAY / 2),
  )
}
