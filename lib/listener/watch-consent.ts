import { DAY, HOUR } from '../clock.ts'
import { db } from '../db.ts'
import { messageOf } from '../errors.ts'
import { log } from '../log.ts'
import { CONSENT_MS } from './connect.ts'
import { forgetUnclaimed } from './own-app.ts'
import { probeApps } from './probe-app.ts'
import { tellConsentOver } from './telling/consent-over.ts'
import { tell } from './telling/tell.ts'

const EVENT = 'consent ending'
/** Days before the end on which a listener is reminded, the last reminder first; the closest one counts. */
const REMIND_DAYS = [1, 7, 30]
/** In one look; the next one goes on with the others. */
const MOST_TOLD = 1_000

/** Looks after consents and apps: reminders, consents that are over, probes of paused apps. Repeating it changes nothing. */
export async function watchConsent(now: Date, atMost = MOST_TOLD): Promise<void> {
  const looks = {
    reminders: () => remind(now, atMost),
    'consents over': () => tellOver(atMost),
    probes: () => probeApps(now),
    'apps not used': () => forgetUnclaimed(now),
  }
  for (const [name, look] of Object.entries(looks)) {
    // One that fails must not cost the others their turn.
    await look().catch((thrown) => log.error('a look after consents failed', { name, problem: messageOf(thrown) }))
  }
}

/** Reminds of consents that end soon: the same reminder is written once, however often this runs. */
async function remind(now: Date, atMost: number): Promise<void> {
  for (const [index, days] of REMIND_DAYS.entries()) {
    await remindOf({ days, closer: REMIND_DAYS[index - 1] ?? 0 }, now, atMost)
  }
}

/** One of the reminders; from `closer` days on the next one is told instead. */
async function remindOf({ days, closer }: { days: number; closer: number }, now: Date, atMost: number): Promise<void> {
  const endsIn = (count: number) => new Date(now.getTime() + count * DAY - CONSENT_MS)
  // Whoever was told makes room for the rest. What was told of the consent before this one is older.
  const told = { event: EVENT, reminderDays: days, createdAt: { gt: endsIn(days) } }
  const ending = await db().account.findMany({
    where: {
      provider: 'spotify',
      consent: 'given',
      authorizedAt: { lte: endsIn(days), gt: endsIn(closer) },
      user: {
        erasingAt: null,
        suspendedAt: null,
        channels: { some: { events: { has: EVENT }, messages: { none: told } } },
      },
    },
    orderBy: { authorizedAt: 'asc' },
    take: atMost,
  })
  for (const { userId, authorizedAt } of ending) {
    if (!authorizedAt) continue
    const endsAt = new Date(authorizedAt.getTime() + CONSENT_MS)
    await tell(userId, {
      event: EVENT,
      subject: `${authorizedAt.toISOString()} ${days}`,
      reminderDays: days,
      title: `Your consent to Spotify ends in ${inWords(endsAt.getTime() - now.getTime())}`,
      facts: { Ends: endsAt.toISOString() },
      problem: 'Spotify ends every consent after six months; then nothing new is fetched',
      remedy: 'Press "Reconnect" on Connections. Renewed in time, nothing is missed.',
      path: '/connections',
    })
  }
}

function inWords(ms: number): string {
  if (ms < DAY) return ms < 2 * HOUR ? 'less than two hours' : `${Math.floor(ms / HOUR)} hours`
  const days = Math.round(ms / DAY)
  return days === 1 ? 'one day' : `${days} days`
}

/** Consents that are over are told as a trouble: once, until the listener agrees anew. */
async function tellOver(atMost: number): Promise<void> {
  const over = await db().account.findMany({
    where: {
      provider: 'spotify',
      consent: 'reconnect',
      user: { erasingAt: null, suspendedAt: null, alerts: { none: { kind: 'consent', endedAt: null } } },
    },
    take: atMost,
  })
  for (const { userId, consentProblem } of over) {
    await tellConsentOver(userId, consentProblem)
  }
}
