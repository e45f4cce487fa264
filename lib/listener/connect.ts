import { DAY, now, SECOND } from '../clock.ts'
import { settings } from '../config.ts'
import { db, type Prisma, type Run } from '../db.ts'
import { place } from '../pipeline/access-token.ts'
import { servingKind } from '../pipeline/destinations.ts'
import { orderRun, scheduleListener } from '../pipeline/plan.ts'
import { seal } from '../seal.ts'
import type { Tokens } from '../sources/spotify/accounts.ts'
import { audit } from './audit.ts'
import { hasActing, hasListeners, isNamed, takeAdminTurn } from './first-admin.ts'
import { countUse } from './invites.ts'
import { settleApps } from './own-app.ts'
import { accountKey, type Profile } from './profile.ts'
import { type Attempt, isSomebodyElse } from './sign-in-attempt.ts'
import { instanceApp } from './spotify-app.ts'
import { endTrouble } from './telling/tell.ts'

/** Spotify ends a consent so long after it was given, whatever is refreshed (June 2026). */
export const CONSENT_MS = 180 * DAY

/** The rank history that the simulated Spotify can answer for. */
const DEMO_HISTORY_DAYS = 30

/** The link that somebody came by was used up, revoked or over before they were through. */
export class InviteOver extends Error {}

/**
 * Makes the first listener of the instance its admin, also when two come at once; a crash must not leave them without account.
 * @param invite id of the link that lets them in: it counts one use, with the listener or not at all
 * @param needsInvite whether nobody but the first listener comes without one
 * @throws InviteOver
 */
export async function createListener(
  data: Prisma.UserCreateInput,
  { invite = null, needsInvite = false }: { invite?: string | null; needsInvite?: boolean } = {},
) {
  return db().$transaction(async (tx) => {
    await takeAdminTurn(tx)
    const isFirst = !(await hasListeners(tx))
    const isInvited = invite !== null && (await countUse(tx, invite))
    if (needsInvite && !isInvited && !isFirst) throw new InviteOver('the invite is over')
    const isAdmin = settings().ADMINS.length === 0 && !(await hasActing(tx))
    return tx.user.create({ data: { ...data, isAdmin } })
  })
}

/** Through which Spotify app a consent came, and whether the listener chose it. */
export interface ConsentWay {
  appId: string
  /** Nobody chose: it is merely the operator's app, which is where a sign-in leads by itself. */
  byDefault: boolean
}

/** How the consent of somebody came who is back from Spotify. What another listener chose, they did not. */
export function consentWay(attempt: Attempt, userId: string): ConsentWay {
  return { appId: attempt.app, byDefault: attempt.trust === 'instance' || isSomebodyElse(attempt, userId) }
}

/**
 * Keeps a consent that was just given: tokens sealed, 180 days from now, the app that issued them; and starts the
 * first run, or the first one after the consent had been over.
 * @param way the operator's app unless said
 * @returns the run to send, or null when none is needed
 */
export async function connectListener(
  userId: string,
  profile: Profile,
  tokens: Tokens,
  way?: ConsentWay,
): Promise<Run | null> {
  const { appId, byDefault } = way ?? { appId: (await instanceApp()).id, byDefault: true }
  const account = { provider: 'spotify', providerAccountId: accountKey(profile) }
  const before = await db().account.findFirst({ where: { userId, ...account }, include: { spotifyApp: true } })
  // Who they are is proved; a consent that still stands to an app of their own is no more to be lost than their data.
  const keepsApp = byDefault && before?.consent === 'given' && Boolean(before.spotifyApp?.ownerId)
  if (!keepsApp) {
    await db().account.updateMany({
      where: { userId, ...account },
      data: {
        ...sealedTokens(account, tokens),
        expires_at: Math.floor(Date.now() / SECOND) + tokens.expires_in,
        scope: tokens.scope,
        spotifyAppId: appId,
        authorizedAt: now(),
        consent: 'given',
        consentProblem: null,
        disconnectedAt: null,
        refreshingUntil: null,
      },
    })
  }
  const user = await db().user.update({ where: { id: userId }, data: listenerFacts(profile) })
  const connection = { userId, kind: 'duckdb' as const }
  if (servingKind() === 'duckdb')
    await db().warehouseConnection.upsert({ where: { userId_kind: connection }, create: connection, update: {} })
  await audit(userId, before?.authorizedAt ? 'signed in' : 'signed up', userId)
  await settleApps(userId, appId)
  await endTrouble(userId, { kind: 'consent' })
  const runs = await db().run.count({ where: { userId } })
  if (runs > 0 && before?.consent === 'given') return null
  await scheduleListener(userId, user.zone ?? 'UTC', now())
  return orderRun(userId, 'sign_in', { instants: runs === 0 ? demoInstants() : [] })
}

/** Tokens as they are kept: sealed, each bound to its place. */
function sealedTokens(account: { provider: string; providerAccountId: string }, tokens: Tokens) {
  return {
    access_token: seal(tokens.access_token, place(account, 'access_token')),
    // One of an app before would be refused as taken back.
    refresh_token: tokens.refresh_token ? seal(tokens.refresh_token, place(account, 'refresh_token')) : null,
  }
}

function listenerFacts(profile: Profile): Prisma.UserUpdateInput {
  return {
    name: profile.name ?? profile.userId,
    image: profile.image,
    spotifyAccountId: profile.accountId,
    spotifyUserId: profile.userId,
    ...(settings().ADMINS.length > 0 ? { isAdmin: isNamed(profile) } : {}),
  }
}

/** In the demo a first run also asks for the past days, oldest first, so that rank lines show something real. */
function demoInstants(): Date[] {
  if (settings().TRACKLAKE_MODE !== 'demo') return []
  const today = Math.floor(now().getTime() / DAY) * DAY
  return Array.from(
    { length: DEMO_HISTORY_DAYS },
    (_, index) => new Date(today - (DEMO_HISTORY_DAYS - index) * DAY + DAY / 2),
  )
}
