import { DAY, HOUR, MINUTE } from '#lib/core/clock.ts'
import { db, type SpotifyApp } from '#lib/db.ts'
import type { Stream } from '#lib/streams/stream.ts'

/**
 * Responses show what a Spotify app may read. One denial removes a stream from every listener's runs for an hour; a
 * second one removes it for longer. A denial is retried every week, because an app may gain access or a playlist may
 * come back.
 */

/** Denials within this time may have the same cause, such as an outage. */
const APART_MS = 10 * MINUTE
/** When one request confirms or reverses the first denial, in time for the next day's runs. */
const CONFIRM_AFTER_MS = HOUR
const RETRY_EVERY_MS = 7 * DAY

/** Whether a Spotify app may read a stream, as far as that is known. Without an app, every stream counts as available. */
export function isAvailable({ capability }: Stream, app: Pick<SpotifyApp, 'capabilities'> | null | undefined): boolean {
  const capabilities = (app?.capabilities ?? {}) as Record<string, boolean>
  return !capability || capabilities[capability] !== false
}

/** Records that Spotify let the app read something: earlier denials no longer count. */
export async function recordAvailable(appId: string, capability: string, now: Date): Promise<void> {
  await db().capabilityDenial.deleteMany({ where: { spotifyAppId: appId, capability } })
  await setCapability(appId, capability, true, now)
}

/** Records that Spotify denied the app something, and when to ask again. */
export async function recordDenied(appId: string, capability: string, now: Date): Promise<void> {
  const key = { spotifyAppId: appId, capability }
  const probeAt = new Date(now.getTime() + CONFIRM_AFTER_MS)
  await db().capabilityDenial.createMany({ data: { ...key, refusedAt: now, probeAt }, skipDuplicates: true })
  await db().capabilityDenial.updateMany({
    where: { ...key, refusedAt: { lte: new Date(now.getTime() - APART_MS) } },
    data: { refusals: { increment: 1 }, refusedAt: now, probeAt: new Date(now.getTime() + RETRY_EVERY_MS) },
  })
  await setCapability(appId, capability, false, now)
}

async function setCapability(appId: string, capability: string, available: boolean, now: Date): Promise<void> {
  await db().$executeRaw`
    update "SpotifyApp" set "probedAt" = ${now},
      capabilities = coalesce(capabilities, '{}') || jsonb_build_object(${capability}::text, ${available}::boolean)
    where id = ${appId}`
}
