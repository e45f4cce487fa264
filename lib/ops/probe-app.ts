import { countCheck } from '#lib/accounts/check-limit.ts'
import { MINUTE, now } from '#lib/core/clock.ts'
import { spotifyUrls } from '#lib/core/config.ts'
import { messageOf, Refused } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import { openAlert, resolveAlert } from '#lib/notifications/alerts.ts'
import { lastRun } from '#lib/notifications/run-facts.ts'
import { accessToken } from '#lib/quota/access-token.ts'
import { PROBE_EVERY_MS, resumeApp } from '#lib/quota/paused-apps.ts'
import { withinLimits } from '#lib/quota/request-limits.ts'
import type { StreamRequest } from '#lib/runs/runs.ts'
import { recoverStreamRuns } from '#lib/schedule/plan.ts'
import { kindOf } from '#lib/spotify/failures.ts'
import { readProfile } from '#lib/spotify/profile.ts'

/** Checks whether Spotify responds again to a paused app. */

const ALERT = { kind: 'premium' } as const
const MAX_APPS = 100
/** Probes that are due before the next check, 20 minutes later, are made now. */
const EARLY_MS = 10 * MINUTE
/** An ended consent says nothing about the app, so other listeners' consents are tried. */
const MAX_CONSENTS = 5
const MAX_LISTENERS = 1_000

/** The hourly probe of each paused app. */
export async function probeApps(now: Date): Promise<void> {
  const due = await db().spotifyApp.findMany({
    where: {
      problem: { not: null },
      OR: [
        { probeAt: null },
        { probeAt: { lte: now } },
        // The first probe must not be early: it serves as a second opinion.
        { refusals: { gt: 1 }, probeAt: { lte: new Date(now.getTime() + EARLY_MS) } },
      ],
    },
    orderBy: { probeAt: 'asc' },
    take: MAX_APPS,
  })
  for (const app of due) {
    // Of two checks at once only one probes.
    const { count } = await db().spotifyApp.updateMany({
      where: { id: app.id, probeAt: app.probeAt },
      data: { probeAt: new Date(now.getTime() + PROBE_EVERY_MS) },
    })
    if (count === 1) await probe(app, now)
  }
  await notifyPauses()
}

/** @returns whether Spotify responds to the app */
async function probe(app: SpotifyApp, now: Date): Promise<boolean> {
  const consents = await db().account.findMany({
    where: { spotifyAppId: app.id, consent: 'given', retryAt: null, user: { suspendedAt: null, erasingAt: null } },
    orderBy: { authorizedAt: 'desc' },
    take: MAX_CONSENTS,
  })
  for (const { userId } of consents) {
    try {
      const token = await accessToken(userId)
      await withinLimits(app, 'account', () => readProfile(spotifyUrls().api, token))
      await resumeApp(app.id, now)
      return true
    } catch (error) {
      log.info('a paused Spotify app was probed', { spotifyAppId: app.id, problem: messageOf(error) })
      if (kindOf(error) !== 'premium-lapsed') continue
      await db().spotifyApp.update({ where: { id: app.id }, data: { refusals: { increment: 1 } } })
      return false
    }
  }
  return false
}

/** Opens an alert for each listener of a paused app, once a second response has confirmed why, and resolves it once the app works again. */
async function notifyPauses(): Promise<void> {
  const paused = await db().account.findMany({
    where: {
      consent: 'given',
      spotifyApp: { problem: { not: null }, refusals: { gt: 1 } },
      user: { suspendedAt: null, erasingAt: null, alerts: { none: { ...ALERT, endedAt: null } } },
    },
    include: { spotifyApp: true },
    take: MAX_LISTENERS,
  })
  for (const { userId, spotifyApp } of paused) {
    await openAlert(userId, ALERT, {
      ...(await lastRun(userId)),
      problem: spotifyApp?.problem ?? '',
      remedy: 'The owner has to renew Premium. Tracklake checks every hour and resumes by itself.',
    })
  }
  const resolved = await db().alert.findMany({
    where: { ...ALERT, endedAt: null, user: { accounts: { none: { spotifyApp: { problem: { not: null } } } } } },
    take: MAX_LISTENERS,
  })
  for (const { userId } of resolved) await resolveAlert(userId, ALERT)
}

/**
 * The button that probes a paused app: the listener's own, or any app for an admin.
 * @param clientId if null, the app of the listener's consent
 * @returns whether Spotify responds to it, and the stream runs that can resume
 * @throws Refused 404, 429 after too many probes
 */
export async function probeNow(
  listener: { id: string; isAdmin: boolean },
  clientId: string | null,
): Promise<{ answers: boolean; requests: StreamRequest[] }> {
  const used = { accounts: { some: { userId: listener.id } } }
  const app = await db().spotifyApp.findFirst({
    where: clientId ? { clientId, ...(listener.isAdmin ? {} : used) } : used,
  })
  if (!app) throw new Refused(404, 'not-found', 'This app does not exist', 'Reload the page.')
  if (!app.problem) return { answers: true, requests: [] }
  await countCheck({ listener: listener.id })
  const answers = await probe(app, now())
  await notifyPauses()
  return { answers, requests: answers ? await recoverStreamRuns(now()) : [] }
}
