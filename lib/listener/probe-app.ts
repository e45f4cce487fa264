import { MINUTE, now } from '../clock.ts'
import { spotifyUrls } from '../config.ts'
import { db, type SpotifyApp } from '../db.ts'
import { messageOf, Refused } from '../errors.ts'
import { log } from '../log.ts'
import { accessToken } from '../pipeline/access-token.ts'
import { endLapse, PROBE_EVERY_MS } from '../pipeline/app-trouble.ts'
import { takenUp } from '../pipeline/plan.ts'
import { withinLimits } from '../pipeline/request-limits.ts'
import type { StreamRequest } from '../pipeline/runs.ts'
import { kindOf } from '../sources/spotify/failures.ts'
import { countCheck } from './check-limit.ts'
import { readProfile } from './profile.ts'
import { lastRun } from './telling/run-words.ts'
import { beginTrouble, endTrouble } from './telling/tell.ts'

/** Looks whether Spotify answers again through an app that is paused. */

const ALERT = { kind: 'premium' } as const
const MOST_APPS = 100
/** The watch comes every 20 minutes: a look that is due before the next one is done with this one. */
const EARLY_MS = 10 * MINUTE
/** A consent that is over says nothing of the app: then another listener's is tried. */
const MOST_CONSENTS = 5
const MOST_LISTENERS = 1_000

/** The hourly look at each paused app. */
export async function probeApps(now: Date): Promise<void> {
  const due = await db().spotifyApp.findMany({
    where: {
      problem: { not: null },
      OR: [{ probeAt: null }, { probeAt: { lte: new Date(now.getTime() + EARLY_MS) } }],
    },
    orderBy: { probeAt: 'asc' },
    take: MOST_APPS,
  })
  for (const app of due) {
    // Of two watchers at once only one looks.
    const { count } = await db().spotifyApp.updateMany({
      where: { id: app.id, probeAt: app.probeAt },
      data: { probeAt: new Date(now.getTime() + PROBE_EVERY_MS) },
    })
    if (count === 1) await probe(app, now)
  }
  await tellPauses()
}

/** @returns whether Spotify answers through the app */
async function probe(app: SpotifyApp, now: Date): Promise<boolean> {
  const consents = await db().account.findMany({
    where: { spotifyAppId: app.id, consent: 'given', user: { suspendedAt: null, erasingAt: null } },
    orderBy: { authorizedAt: 'desc' },
    take: MOST_CONSENTS,
  })
  for (const { userId } of consents) {
    try {
      const token = await accessToken(userId)
      await withinLimits(app, 'account', () => readProfile(spotifyUrls().api, token))
      await endLapse(app.id, now)
      return true
    } catch (thrown) {
      log.info('a paused Spotify app was looked at', { spotifyAppId: app.id, problem: messageOf(thrown) })
      if (kindOf(thrown) === 'premium-lapsed') return false
    }
  }
  return false
}

/** Whoever signs in through a paused app is told once, and once that it is over. */
async function tellPauses(): Promise<void> {
  const paused = await db().account.findMany({
    where: {
      consent: 'given',
      spotifyApp: { problem: { not: null } },
      user: { suspendedAt: null, erasingAt: null, alerts: { none: { ...ALERT, endedAt: null } } },
    },
    include: { spotifyApp: true },
    take: MOST_LISTENERS,
  })
  for (const { userId, spotifyApp } of paused) {
    await beginTrouble(userId, ALERT, {
      ...(await lastRun(userId)),
      problem: spotifyApp?.problem ?? '',
      remedy: 'The owner renews Premium. Tracklake looks every hour and goes on by itself.',
    })
  }
  const over = await db().alert.findMany({
    where: { ...ALERT, endedAt: null, user: { accounts: { none: { spotifyApp: { problem: { not: null } } } } } },
    take: MOST_LISTENERS,
  })
  for (const { userId } of over) await endTrouble(userId, ALERT)
}

/**
 * "Look now", of a paused app: one's own, or any one for an admin.
 * @param clientId the app of the listener's consent when left out
 * @returns whether Spotify answers through it, and what may go on because of it
 * @throws Refused 404, 429 after too many
 */
export async function probeNow(
  listener: { id: string; isAdmin: boolean },
  clientId: string | null,
): Promise<{ answers: boolean; requests: StreamRequest[] }> {
  const used = { accounts: { some: { userId: listener.id } } }
  const app = await db().spotifyApp.findFirst({
    where: clientId ? { clientId, ...(listener.isAdmin ? {} : used) } : used,
  })
  if (!app) throw new Refused(404, 'not-found', 'There is no such app', 'Reload the page.')
  if (!app.problem) return { answers: true, requests: [] }
  await countCheck({ listener: listener.id })
  const answers = await probe(app, now())
  await tellPauses()
  return { answers, requests: answers ? await takenUp(now()) : [] }
}
