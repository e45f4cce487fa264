import type { OwnAppResult } from '#lib/api/spotify-app.ts'
import { recordAudit } from '#lib/audit.ts'
import { DAY, now, SECOND } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import { instanceApp, saveApp } from '#lib/quota/app-credentials.ts'
import { resumeApp } from '#lib/quota/paused-apps.ts'
import type { AppCredentials } from '#lib/spotify/accounts.ts'
import { countCheck } from './check-limit.ts'
import { usableInvite } from './invites.ts'
import { offerApp } from './sign-in-attempt.ts'
import { formChecks, spotifyChecks } from './spotify-app-checks.ts'

/** A listener's own Spotify app: entered with an invite or a session, checked, stored, then used to sign in. */

export interface OwnAppForm extends AppCredentials {
  save: boolean
  /** Client id of another app of the same developer account; Spotify counts their requests together. */
  sameDeveloperAs: string | null
}

/** Who enters the app: a signed-in listener, or the holder of an open invite. */
export type EnteredBy = { listener: { id: string; isAdmin: boolean } } | { listener: null; invite: string }

/** Apps that were entered with an invite and never used to sign in; more of them suggest abuse. */
const MAX_UNCLAIMED = 50
const UNCLAIMED_FOR_MS = DAY

/**
 * Checks an app and names each mistake. With `save` and no mistakes it is stored, and the response lets its holder sign
 * in through the app.
 * @throws Refused 401 without a session or open invite, 400 for a developer account that is not theirs, 429 after too
 * many checks
 */
export async function enterOwnApp(entrant: EnteredBy, form: OwnAppForm): Promise<OwnAppResult> {
  const by = await requireEntrant(entrant)
  const app = { clientId: form.clientId.toLowerCase(), clientSecret: form.clientSecret.toLowerCase() }
  const checks = formChecks(app)
  const developerAccount = await developerOf(entrant.listener, form.sameDeveloperAs)
  if (checks.every(({ ok }) => ok)) {
    await countCheck(by)
    checks.push(...(await spotifyChecks(spotifyUrls().accounts, app)))
  }
  if (!form.save || !checks.every(({ ok }) => ok)) return { checks, saved: false, app: null }
  if (!entrant.listener) await requireRoom()
  const stored = await saveApp(app, { developerAccount, ownerId: entrant.listener?.id ?? null })
  await recordAudit(entrant.listener?.id ?? null, 'entered a Spotify app', stored.id)
  return { checks, saved: true, app: offerApp(stored) }
}

async function requireEntrant(entrant: EnteredBy): Promise<Parameters<typeof countCheck>[0]> {
  if (entrant.listener) return { listener: entrant.listener.id }
  const invite = await usableInvite(entrant.invite)
  if (invite) return { invite: invite.id }
  throw new Refused(
    401,
    'not-invited',
    'You need an invite, or to be signed in, to add a Spotify app',
    'Open your invite link again, or ask an admin for a new one.',
  )
}

async function requireRoom(): Promise<void> {
  await forgetUnclaimed(now())
  if ((await db().spotifyApp.count({ where: await unclaimed() })) < MAX_UNCLAIMED) return
  throw new Refused(
    429,
    'too-many-apps',
    'Too many unused Spotify apps were added today',
    'Try again tomorrow, or ask an admin.',
    undefined,
    DAY / SECOND,
  )
}

async function unclaimed() {
  const { id } = await instanceApp()
  return { id: { not: id }, ownerId: null, accounts: { none: {} } }
}

/** Deletes apps, with their secrets, that were entered with an invite and not used to sign in within a day. */
export async function forgetUnclaimed(now: Date): Promise<void> {
  const since = new Date(now.getTime() - UNCLAIMED_FOR_MS)
  await db().spotifyApp.deleteMany({ where: { ...(await unclaimed()), createdAt: { lt: since } } })
}

/**
 * The developer account whose quota the app shares. Listeners can only choose their own accounts, because a limit
 * on one app holds back all apps of the account.
 */
async function developerOf(
  listener: { id: string; isAdmin: boolean } | null,
  sameDeveloperAs: string | null,
): Promise<string | null> {
  if (!sameDeveloperAs) return null
  const shared = (await shareableApps(listener)).find(({ clientId }) => clientId === sameDeveloperAs)
  if (shared) return shared.developerAccount
  throw new Refused(
    400,
    'not-your-developer-account',
    'Only your own apps can share a developer account',
    'Choose "A separate account".',
  )
}

/** The apps whose developer account a listener may choose: their own, and for admins the instance's. */
export async function shareableApps(listener: { id: string; isAdmin: boolean } | null): Promise<SpotifyApp[]> {
  if (!listener) return []
  const own = await db().spotifyApp.findMany({
    where: { ownerId: listener.id },
    orderBy: { createdAt: 'asc' },
    take: 20,
  })
  return listener.isAdmin ? [await instanceApp(), ...own] : own
}

/**
 * Updates ownership after a sign-in: an app without an owner now belongs to this listener, and their apps that no
 * consent uses are deleted. The successful sign-in also ends a pause of the app.
 */
export async function claimApp(userId: string, appId: string): Promise<void> {
  const { id: operators } = await instanceApp()
  if (appId !== operators) {
    await db().spotifyApp.updateMany({ where: { id: appId, ownerId: null }, data: { ownerId: userId } })
  }
  await db().spotifyApp.deleteMany({
    where: { ownerId: userId, id: { notIn: [appId, operators] }, accounts: { none: {} } },
  })
  await resumeApp(appId, now())
}
