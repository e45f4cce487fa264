import { HOUR } from '#lib/core/clock.ts'
import { settings, spotifyUrls } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { type CapabilityDenial, db, type SpotifyApp } from '#lib/db.ts'
import { accessToken } from '#lib/quota/access-token.ts'
import { recordAvailable, recordDenied } from '#lib/quota/capabilities.ts'
import { withinLimits } from '#lib/quota/request-limits.ts'
import { getFromSpotify } from '#lib/spotify/client.ts'
import { kindOf } from '#lib/spotify/failures.ts'
import { streams } from '#lib/streams/index.ts'

/** Retries denied capabilities with one request each, so that no run has to show them as skipped. */

/** Per check; each takes one request. */
const MAX_PROBES = 20
/** Delay if it can't be tried, for example because nobody is connected through the app. */
const LATER_MS = HOUR

/** Tries the denials that are due. */
export async function probeCapabilities(now: Date): Promise<void> {
  const due = await db().capabilityDenial.findMany({
    where: { probeAt: { lte: now }, app: { problem: null } },
    orderBy: { probeAt: 'asc' },
    take: MAX_PROBES,
    include: { app: true },
  })
  for (const denial of due) {
    const { spotifyAppId, capability, probeAt } = denial
    const { count } = await db().capabilityDenial.updateMany({
      where: { spotifyAppId, capability, probeAt },
      data: { probeAt: new Date(now.getTime() + LATER_MS) },
    })
    if (count === 1) await probe(denial, now)
  }
}

async function probe({ app, capability }: CapabilityDenial & { app: SpotifyApp }, now: Date): Promise<void> {
  const stream = streams.find((one) => one.capability === capability)
  const account = await db().account.findFirst({
    where: { spotifyAppId: app.id, consent: 'given', retryAt: null, user: { suspendedAt: null, erasingAt: null } },
    orderBy: { authorizedAt: 'desc' },
  })
  if (!stream || !account) return
  try {
    const token = await accessToken(account.userId)
    const query = { ...stream.query, limit: '1' }
    const request = { path: stream.endpoint, query, token, deadlineMs: settings().SPOTIFY_DEADLINE_MS }
    const { body } = await withinLimits(app, stream.requests, () => getFromSpotify(spotifyUrls().api, request))
    stream.page(body)
    await recordAvailable(app.id, capability, now)
  } catch (error) {
    if (kindOf(error) === 'not-available') return recordDenied(app.id, capability, now)
    log.info('a capability could not be tried', { spotifyAppId: app.id, capability, problem: messageOf(error) })
  }
}
