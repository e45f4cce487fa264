import type { OwnAppResult } from '#lib/api/spotify-app.ts'
import { audit } from '#lib/audit.ts'
import { DAY, now } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import { instanceApp, keepApp } from '#lib/quota/app-credentials.ts'
import { endLapse } from '#lib/quota/paused-apps.ts'
import type { AppCredentials } from '#lib/spotify/accounts.ts'
import { countCheck } from './check-limit.ts'
import { usableInvite } from './invites.ts'
import { offerApp } from './sign-in-attempt.ts'
import { formChecks, spotifyChecks } from './spotify-app-checks.ts'

/** A Spotify app that a listener brings: entered with an invite or a session, checked, kept, then signed in through. */

export interface OwnAppForm extends AppCredentials {
  save: boolean
  /** Client id of another app of the same developer account: Spotify counts their requests together. */
  sameDeveloperAs: string | null
}

/** Who brings it: a listener who is signed in, or the holder of an open link. */
export type Bringer = { listener: { id: string; isAdmin: boolean } } | { listener: null; invite: string }

/** Apps that came with a link and were never signed in through; more of them means that somebody plays. */
const MOST_UNCLAIMED = 50
const UNCLAIMED_FOR_MS = DAY

/**
 * Checks an app, each mistake by its name; with `save` it is kept when nothing is wrong, and the answer lets whoever
 * holds it sign in through it.
 * @throws Refused 401 without session and open invite, 400 for an app that may not share its budget, 429 after
 * too many
 */
export async function bringApp(bringer: Bringer, form: OwnAppForm): Promise<OwnAppResult> {
  const by = await whoBrings(bringer)
  const app = { clientId: form.clientId.toLowerCase(), clientSecret: form.clientSecret.toLowerCase() }
  const checks = formChecks(app)
  const developerAccount = await developerOf(bringer.listener, form.sameDeveloperAs)
  if (checks.every(({ ok }) => ok)) {
    await countCheck(by)
    checks.push(...(await spotifyChecks(spotifyUrls().accounts, app)))
  }
  if (!form.save || !checks.every(({ ok }) => ok)) return { checks, saved: false, app: null }
  if (!bringer.listener) await requireRoom()
  const kept = await keepApp(app, { developerAccount, ownerId: bringer.listener?.id ?? null })
  await audit(bringer.listener?.id ?? null, 'entered a Spotify app', kept.id)
  return { checks, saved: true, app: offerApp(kept) }
}

async function whoBrings(bringer: Bringer): Promise<Parameters<typeof countCheck>[0]> {
  if (bringer.listener) return { listener: bringer.listener.id }
  const invite = await usableInvite(bringer.invite)
  if (invite) return { invite: invite.id }
  throw new Refused(
    401,
    'not-invited',
    'A Spotify app can be entered with an invite or after signing in',
    'Open the link of your invite again; an admin can make a new one.',
  )
}

async function requireRoom(): Promise<void> {
  await forgetUnclaimed(now())
  if ((await db().spotifyApp.count({ where: await unclaimed() })) < MOST_UNCLAIMED) return
  throw new Refused(
    429,
    'too-many-apps',
    'Too many apps were entered and not used today',
    'Try again tomorrow, or ask an admin.',
  )
}

async function unclaimed() {
  const { id } = await instanceApp()
  return { id: { not: id }, ownerId: null, accounts: { none: {} } }
}

/** Apps that came with a link and were not signed in through within a day go, with their secrets. */
export async function forgetUnclaimed(now: Date): Promise<void> {
  const since = new Date(now.getTime() - UNCLAIMED_FOR_MS)
  await db().spotifyApp.deleteMany({ where: { ...(await unclaimed()), createdAt: { lt: since } } })
}

/**
 * Whose budget the requests of the app count into. Nobody may count into that of others: what Spotify refuses to one
 * app of a developer account, Tracklake no longer asks through the others.
 */
async function developerOf(
  listener: { id: string; isAdmin: boolean } | null,
  sameDeveloperAs: string | null,
): Promise<string | null> {
  if (!sameDeveloperAs) return null
  const shared = (await sharableApps(listener)).find(({ clientId }) => clientId === sameDeveloperAs)
  if (shared) return shared.developerAccount
  throw new Refused(
    400,
    'not-your-developer-account',
    'Only apps of your own can share a developer account',
    'Choose "An account of its own".',
  )
}

/** The apps that a listener may say to be of their developer account: their own, and an admin's that of the instance. */
export async function sharableApps(listener: { id: string; isAdmin: boolean } | null): Promise<SpotifyApp[]> {
  if (!listener) return []
  const own = await db().spotifyApp.findMany({
    where: { ownerId: listener.id },
    orderBy: { createdAt: 'asc' },
    take: 20,
  })
  return listener.isAdmin ? [await instanceApp(), ...own] : own
}

/**
 * After a sign-in through an app: whoever signed in first owns it, if nobody does; apps of theirs that no consent uses
 * any more go, with their secrets. What Spotify answered ends a pause of the app.
 */
export async function settleApps(userId: string, appId: string): Promise<void> {
  const { id: operators } = await instanceApp()
  if (appId !== operators) {
    await db().spotifyApp.updateMany({ where: { id: appId, ownerId: null }, data: { ownerId: userId } })
  }
  await db().spotifyApp.deleteMany({
    where: { ownerId: userId, id: { notIn: [appId, operators] }, accounts: { none: {} } },
  })
  await endLapse(appId, now())
}
