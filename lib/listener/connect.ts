import { DAY, now, SECOND } from '../clock.ts'
import { settings } from '../config.ts'
import { db, type Prisma, type Run } from '../db.ts'
import { place } from '../pipeline/access-token.ts'
import { servingKind } from '../pipeline/destinations.ts'
import { orderRun, scheduleListener } from '../pipeline/plan.ts'
import { onlyThisMachine } from '../reach.ts'
import { seal } from '../seal.ts'
import type { Tokens } from '../sources/spotify/accounts.ts'
import { audit } from './audit.ts'
import { hasAdmin, hasListeners, takeAdminTurn } from './first-admin.ts'
import { instanceApp } from './spotify-app.ts'

/** Spotify ends a consent so long after it was given, whatever is refreshed (June 2026). */
export const CONSENT_MS = 180 * DAY

/** The rank history that the simulated Spotify can answer for. */
const DEMO_HISTORY_DAYS = 30

/** What Spotify says of a listener; newer apps learn no e-mail and no country. */
export interface Profile {
  /** Stable since May 2026. */
  accountId: string | null
  /** What playlist owners are compared with. */
  userId: string
  name: string | null
  image: string | null
}

/** What names the Spotify account of a listener. */
export function accountKey({ accountId, userId }: Profile): string {
  return accountId ?? userId
}

/** Whether everything of this listener is being deleted right now. */
export async function isBeingErased(profile: Profile): Promise<boolean> {
  const where = { provider: 'spotify', providerAccountId: accountKey(profile), user: { erasingAt: { not: null } } }
  return (await db().account.count({ where })) > 0
}

/** Whether somebody new may sign up, and why not. */
export async function maySignUp(profile: Profile): Promise<boolean> {
  const known = await db().account.count({ where: { provider: 'spotify', providerAccountId: accountKey(profile) } })
  if (known > 0) return true
  const { SIGN_UPS } = settings()
  if (SIGN_UPS) return SIGN_UPS === 'open'
  return onlyThisMachine(settings()) || !(await hasAdmin())
}

/** Makes the first listener of the instance its admin, also when two come at once; a crash must not leave them without account. */
export async function createListener(data: Prisma.UserCreateInput) {
  return db().$transaction(async (tx) => {
    await takeAdminTurn(tx)
    const first = settings().ADMINS.length === 0 && !(await hasListeners(tx))
    return tx.user.create({ data: { ...data, isAdmin: first } })
  })
}

/**
 * Keeps a consent that was just given: tokens sealed, 180 days from now, the app that issued them; and starts the
 * first run, or the first one after the consent had been over.
 * @returns the run to send, or null when none is needed
 */
export async function connectListener(userId: string, profile: Profile, tokens: Tokens): Promise<Run | null> {
  const app = await instanceApp()
  const account = { provider: 'spotify', providerAccountId: accountKey(profile) }
  const before = await db().account.findFirst({ where: { userId, ...account } })
  await db().account.updateMany({
    where: { userId, ...account },
    data: {
      ...sealedTokens(account, tokens),
      expires_at: Math.floor(Date.now() / SECOND) + tokens.expires_in,
      scope: tokens.scope,
      spotifyAppId: app.id,
      authorizedAt: now(),
      consent: 'given',
      consentProblem: null,
      disconnectedAt: null,
      refreshingUntil: null,
    },
  })
  const user = await db().user.update({ where: { id: userId }, data: listenerFacts(profile) })
  const connection = { userId, kind: 'duckdb' as const }
  if (servingKind() === 'duckdb')
    await db().warehouseConnection.upsert({ where: { userId_kind: connection }, create: connection, update: {} })
  await audit(userId, before?.authorizedAt ? 'signed in' : 'signed up', userId)
  const runs = await db().run.count({ where: { userId } })
  if (runs > 0 && before?.consent === 'given') return null
  await scheduleListener(userId, user.zone ?? 'UTC', now())
  return orderRun(userId, 'sign_in', { instants: runs === 0 ? demoInstants() : [] })
}

/** Tokens as they are kept: sealed, each bound to its place. */
function sealedTokens(account: { provider: string; providerAccountId: string }, tokens: Tokens) {
  return {
    access_token: seal(tokens.access_token, place(account, 'access_token')),
    ...(tokens.refresh_token ? { refresh_token: seal(tokens.refresh_token, place(account, 'refresh_token')) } : {}),
  }
}

function listenerFacts(profile: Profile): Prisma.UserUpdateInput {
  const { ADMINS } = settings()
  const named = ADMINS.includes(profile.userId) || (profile.accountId !== null && ADMINS.includes(profile.accountId))
  return {
    name: profile.name ?? profile.userId,
    image: profile.image,
    spotifyAccountId: profile.accountId,
    spotifyUserId: profile.userId,
    ...(ADMINS.length > 0 ? { isAdmin: named } : {}),
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
