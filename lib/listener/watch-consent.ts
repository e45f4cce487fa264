import { DAY, HOUR } from '../clock.ts'
import { db } from '../db.ts'
import { messageOf } from '../errors.ts'
import { log } from '../log.ts'
import { CONSENT_MS } from './connect.ts'
import { forgetUnclaimed } from './own-app.ts'
import { probeApps } from './probe-app.ts'
import { tellConsentOver } from './telling/consent-over.ts'
import { tell } from './telling/tell.ts'

/** Days before the end on which a listener is reminded; the closest one counts. */
const REMIND_DAYS = [1, 7, 30]
const MOST_REMINDERS = 1_000

/** Looks after consents and apps: reminders, consents that are over, probes of paused apps. Repeating it changes nothing. */
export async function watchConsent(now: Date): Promise<void> {
  const looks = { reminders: remind, 'consents over': tellOver, probes: probeApps, 'apps not used': forgetUnclaimed }
  for (const [name, look] of Object.entries(looks)) {
    // One that fails must not cost the others their turn.
    await look(now).catch((thrown) => log.error('a look after consents failed', { name, problem: messageOf(thrown) }))
  }
}

/** Reminds of consents that end soon: the same reminder is written once, however often this runs. */
async function remind(now: Date): Promise<void> {
  const longest = Math.max(...REMIND_DAYS) * DAY
  const ending = await db().account.findMany({
    where: {
      provider: 'spotify',
      consent: 'given',
      authorizedAt: { lte: new Date(now.getTime() + longest - CONSENT_MS), gt: new Date(now.getTime() - CONSENT_MS) },
      user: { erasingAt: null, suspendedAt: null, channels: { some: { events: { has: 'consent ending' } } } },
    },
    orderBy: { authorizedAt: 'asc' },
    take: MOST_REMINDERS,
  })
  for (const { userId, authorizedAt } of ending) {
    if (!authorizedAt) continue
    const endsAt = new Date(authorizedAt.getTime() + CONSENT_MS)
    const left = endsAt.getTime() - now.getTime()
    const days = REMIND_DAYS.find((each) => left <= each * DAY) ?? 30
    await tell(userId, {
      event: 'consent ending',
      subject: `${authorizedAt.toISOString()} ${days}`,
      title: `Your consent to Spotify ends in ${inWords(left)}`,
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
async function tellOver(): Promise<void> {
  const over = await db().account.findMany({
    where: {
      provider: 'spotify',
      consent: 'reconnect',
      user: { erasingAt: null, suspendedAt: null, troubles: { none: { what: 'consent', endedAt: null } } },
    },
    take: MOST_REMINDERS,
  })
  for (const { userId, consentProblem } of over) {
    await tellConsentOver(userId, consentProblem)
  }
}
