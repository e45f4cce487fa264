import { forgetUnclaimed } from '#lib/accounts/own-app.ts'
import { DAY, HOUR } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'
import { notify, resolveAlert } from '#lib/notifications/alerts.ts'
import { alertConsentEnded } from '#lib/notifications/consent-ended.ts'
import { CONSENT_MS } from '#lib/spotify/accounts.ts'
import { probeApps } from './probe-app.ts'
import { probeCapabilities } from './probe-capabilities.ts'

const EVENT = 'consent ending'
/** Reminders are sent this many days before a consent expires; closest first. */
const REMIND_DAYS = [1, 7, 30]
/** Per check; the next check continues with the others. */
const MAX_NOTIFIED = 1_000

/**
 * Checks consents and apps: reminders, ended consents, probes of paused apps and denied capabilities, unused apps. Repeating
 * it changes nothing.
 */
export async function watchConsent(now: Date, atMost = MAX_NOTIFIED): Promise<void> {
  const checks = {
    reminders: () => remind(now, atMost),
    'ended consents': () => notifyEndedConsents(atMost),
    probes: () => probeApps(now),
    capabilities: () => probeCapabilities(now),
    'unused apps': () => forgetUnclaimed(now),
  }
  for (const [name, check] of Object.entries(checks)) {
    // One that fails must not stop the others.
    await check().catch((error) => log.error('a consent check failed', { name, problem: messageOf(error) }))
  }
}

/** Reminds listeners of consents that end soon. Each reminder is sent once, however often this runs. */
async function remind(now: Date, atMost: number): Promise<void> {
  for (const [index, days] of REMIND_DAYS.entries()) {
    await sendReminders({ days, closer: REMIND_DAYS[index - 1] ?? 0 }, now, atMost)
  }
}

/** Sends one of the reminders, to listeners who have more than `closer` days left: from then on the next reminder is due. */
async function sendReminders(
  { days, closer }: { days: number; closer: number },
  now: Date,
  atMost: number,
): Promise<void> {
  const endsIn = (count: number) => new Date(now.getTime() + count * DAY - CONSENT_MS)
  // Skips listeners who have this reminder already. Reminders about an earlier consent are older than that.
  const sent = { event: EVENT, reminderDays: days, createdAt: { gt: endsIn(days) } }
  const ending = await db().account.findMany({
    where: {
      provider: 'spotify',
      consent: 'given',
      authorizedAt: { lte: endsIn(days), gt: endsIn(closer) },
      user: {
        erasingAt: null,
        suspendedAt: null,
        channels: { some: { events: { has: EVENT }, messages: { none: sent } } },
      },
    },
    orderBy: { authorizedAt: 'asc' },
    take: atMost,
  })
  for (const { userId, authorizedAt } of ending) {
    if (!authorizedAt) continue
    const endsAt = new Date(authorizedAt.getTime() + CONSENT_MS)
    await notify(userId, {
      event: EVENT,
      subject: `${authorizedAt.toISOString()} ${days}`,
      reminderDays: days,
      title: `Your Spotify connection expires in ${formatDuration(endsAt.getTime() - now.getTime())}`,
      facts: { Ends: endsAt.toISOString() },
      problem: 'Spotify connections expire after six months. After that, nothing new is synced',
      remedy: 'Press "Reconnect" on Connections before then so that no plays are missed.',
      path: '/connections',
    })
  }
}

function formatDuration(ms: number): string {
  if (ms < DAY) return ms < 2 * HOUR ? 'less than two hours' : `${Math.floor(ms / HOUR)} hours`
  const days = Math.round(ms / DAY)
  return days === 1 ? 'one day' : `${days} days`
}

/** Opens an alert for each refused consent, notified once, and resolves alerts that a crash left open. */
async function notifyEndedConsents(atMost: number): Promise<void> {
  const ended = await db().account.findMany({
    where: {
      provider: 'spotify',
      consent: 'reconnect',
      user: { erasingAt: null, suspendedAt: null, alerts: { none: { kind: 'consent', endedAt: null } } },
    },
    take: atMost,
  })
  for (const { userId, consentProblem } of ended) {
    await alertConsentEnded(userId, consentProblem)
  }
  const accepted = await db().alert.findMany({
    where: {
      kind: 'consent',
      endedAt: null,
      user: { accounts: { some: { provider: 'spotify', consent: 'given', retryAt: null } } },
    },
    take: atMost,
  })
  for (const { userId } of accepted) await resolveAlert(userId, { kind: 'consent' })
}
