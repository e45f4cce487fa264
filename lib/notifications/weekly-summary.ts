import { z } from 'zod'
import { MINUTE } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, type Prisma } from '#lib/db.ts'
import { ask, warehousesToAsk } from '#lib/query/query-chart.ts'
import { tell } from './alerts.ts'
import { mondayMorning } from './monday-morning.ts'
import { tidy } from './tidy.ts'

const EVENT = 'weekly summary'
const BATCH = 100
/** What is left is done a quarter of an hour later. */
const AT_MOST_MS = MINUTE

const Figures = z.array(z.object({ figure: z.string(), value: z.number(), previous: z.number().nullable() }))

/**
 * Tells everybody whose Monday morning it is, and who wants it, the figures of the week that ended.
 * @returns connected warehouses that have to be asked first
 */
export async function tellWeek(at: Date): Promise<string[]> {
  await tidy(at)
  // `distinct` would read everybody and count here.
  const zones = await db().user.groupBy({ by: ['zone'], where: { channels: { some: { events: { has: EVENT } } } } })
  const toAsk: string[] = []
  const end = Date.now() + AT_MOST_MS
  for (const { zone } of zones) {
    const day = mondayMorning(at, zone ?? 'UTC')
    if (day) toAsk.push(...(await tellZone(zone, day, end)))
  }
  return toAsk
}

async function tellZone(zone: string | null, day: string, end: number): Promise<string[]> {
  const subject = `week before ${day}`
  const toAsk: string[] = []
  for (let after = ''; ; ) {
    const listeners = await untold(zone, subject, after)
    for (const { id } of listeners) {
      if (Date.now() > end) return toAsk
      try {
        toAsk.push(...(await tellListener(id, subject, day)))
      } catch (thrown) {
        log.error('a weekly summary could not be made', { userId: id, problem: messageOf(thrown) })
      }
    }
    const last = listeners.at(-1)
    if (!last || listeners.length < BATCH) return toAsk
    after = last.id
  }
}

function untold(zone: string | null, subject: string, after: string) {
  const wanting: Prisma.NotificationChannelWhereInput = {
    events: { has: EVENT },
    messages: { none: { event: EVENT, subject } },
  }
  return db().user.findMany({
    where: { zone, id: { gt: after }, suspendedAt: null, erasingAt: null, channels: { some: wanting } },
    orderBy: { id: 'asc' },
    select: { id: true },
    take: BATCH,
  })
}

async function tellListener(userId: string, subject: string, day: string): Promise<string[]> {
  const answer = await ask(userId, 'last-week', {})
  if (answer.preparing) return warehousesToAsk(userId)
  const figures = Figures.parse(answer.rows)
  const facts = Object.fromEntries(figures.map(({ figure, value, previous }) => [figure, inWords(value, previous)]))
  await tell(userId, {
    event: EVENT,
    subject,
    title: 'Your week in figures',
    facts: { Week: weekBefore(day), ...(figures.length > 0 ? facts : { plays: 'none arrived yet' }) },
    path: '/overview',
  })
  return []
}

function inWords(value: number, previous: number | null): string {
  const number = (count: number) => new Intl.NumberFormat('en-GB').format(count)
  return previous === null ? number(value) : `${number(value)} (${number(previous)} the week before)`
}

/** Monday to Sunday before a Monday, as people write it. */
function weekBefore(monday: string): string {
  const words = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const shifted = (days: number) => {
    const date = new Date(`${monday}T00:00:00Z`)
    date.setUTCDate(date.getUTCDate() + days)
    return words.format(date)
  }
  return `${shifted(-7)} to ${shifted(-1)}`
}
