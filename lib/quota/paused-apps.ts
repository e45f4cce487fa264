import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import { kindOf } from '#lib/spotify/failures.ts'

/** If the Premium of a Spotify app's owner lapses, every data request of the app fails, so the app is paused. */

/** A new subscription takes hours to take effect, so one probe an hour is enough. */
export const PROBE_EVERY_MS = HOUR
/** The first probe is sooner: one response may be wrong, and listeners are notified only once a second one agrees. */
const CONFIRM_AFTER_MS = 10 * MINUTE
/** If the probe is late because the engine was down, runs wait this long for it. */
const LATE_MS = 10 * MINUTE

const REMEDY =
  'The owner has to renew Premium, which can take a few hours to count. Tracklake checks every hour and resumes by itself.'

/** What a job needs to know about an app before it sends requests. */
export type AppHealth = Pick<SpotifyApp, 'id' | 'problem' | 'probeAt'>

/** @throws Wait while the app is paused */
export function requireNotPaused({ id, problem, probeAt }: AppHealth, now: Date): void {
  if (!problem) return
  const until = new Date(Math.max(probeAt?.getTime() ?? 0, now.getTime() + LATE_MS))
  throw new Wait(problem, until, { remedy: REMEDY, reason: 'premium_lapsed', context: { spotifyAppId: id } })
}

/**
 * Pauses the app if the error says that its owner's Premium has lapsed.
 * @returns whether it does
 */
export async function pauseIfLapsed(appId: string, error: unknown, now: Date): Promise<boolean> {
  if (kindOf(error) !== 'premium-lapsed' || !(error instanceof Error)) return false
  const { count } = await db().spotifyApp.updateMany({
    where: { id: appId, problem: null },
    data: {
      problem: error.message,
      problemSince: now,
      refusals: 1,
      probeAt: new Date(now.getTime() + CONFIRM_AFTER_MS),
    },
  })
  if (count > 0) log.error('a Spotify app is paused', { spotifyAppId: appId, problem: error.message })
  return true
}

/** Ends the pause and wakes the stream runs that waited for it. @returns whether the app was paused */
export async function resumeApp(appId: string, now: Date): Promise<boolean> {
  const { count } = await db().spotifyApp.updateMany({
    where: { id: appId, problem: { not: null } },
    data: { problem: null, problemSince: null, refusals: 0, probeAt: null },
  })
  if (count === 0) return false
  log.info('a Spotify app has resumed', { spotifyAppId: appId })
  // Only those that wait for this; a quota has a time of its own.
  await db().streamRun.updateMany({
    where: {
      state: 'waiting',
      waitReason: 'premium_lapsed',
      run: { user: { accounts: { some: { spotifyAppId: appId } } } },
    },
    data: { waitingUntil: now },
  })
  return true
}
