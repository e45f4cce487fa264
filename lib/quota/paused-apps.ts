import { HOUR, MINUTE } from '#lib/core/clock.ts'
import { Wait } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import { kindOf } from '#lib/spotify/failures.ts'

/** While the Premium of a Spotify app's owner has lapsed, every data call of the app fails: nothing is asked through it. */

/** A new subscription takes hours to count, so one look an hour is enough. */
export const PROBE_EVERY_MS = HOUR
/** The look is late, because the engine was away: its result is waited for a little longer. */
const LATE_MS = 10 * MINUTE

const REMEDY =
  'The owner renews Premium; Spotify counts it after some hours. Tracklake looks every hour and goes on by itself.'

/** What a job has to know of an app before it asks through it. */
export type AppHealth = Pick<SpotifyApp, 'id' | 'problem' | 'probeAt'>

/** @throws Wait while the app is paused */
export function requireWell({ id, problem, probeAt }: AppHealth, now: Date): void {
  if (!problem) return
  const until = new Date(Math.max(probeAt?.getTime() ?? 0, now.getTime() + LATE_MS))
  throw new Wait(problem, until, { remedy: REMEDY, reason: 'premium_lapsed', context: { spotifyAppId: id } })
}

/** Pauses the app when the failure says that its owner's Premium has lapsed. @returns whether it does */
export async function noteLapse(appId: string, thrown: unknown, now: Date): Promise<boolean> {
  if (kindOf(thrown) !== 'premium-lapsed' || !(thrown instanceof Error)) return false
  const { count } = await db().spotifyApp.updateMany({
    where: { id: appId, problem: null },
    data: { problem: thrown.message, problemSince: now, probeAt: new Date(now.getTime() + PROBE_EVERY_MS) },
  })
  if (count > 0) log.error('a Spotify app is paused', { spotifyAppId: appId, problem: thrown.message })
  return true
}

/** Spotify answers through the app again: what waited for it goes on. @returns whether it was paused */
export async function endLapse(appId: string, now: Date): Promise<boolean> {
  const { count } = await db().spotifyApp.updateMany({
    where: { id: appId, problem: { not: null } },
    data: { problem: null, problemSince: null, probeAt: null },
  })
  if (count === 0) return false
  log.info('a Spotify app goes on', { spotifyAppId: appId })
  // Only those that wait for this: a quota has a time of its own.
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
