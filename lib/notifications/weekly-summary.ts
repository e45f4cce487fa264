import { z } from 'zod'
import { MINUTE } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { addDays, rangesWithin } from '#lib/core/period.ts'
import { db, type Prisma } from '#lib/db.ts'
import { coverageFor } from '#lib/query/coverage/coverage.ts'
import { connectionsToPrepare } from '#lib/query/prepared-results.ts'
import { queryChart } from '#lib/query/query-chart.ts'
import { notify } from './alerts.ts'
import { mondayMorning } from './monday-morning.ts'

const EVENT = 'weekly summary'
const BATCH = 100
/** The rest is sent a quarter of an hour later. */
const MAX_MS = MINUTE

const Figures = z.array(z.object({ figure: z.string(), value: z.number(), previous: z.number().nullable() }))

/**
 * Sends the figures of last week to every listener who wants them and for whom it's Monday morning.
 * @returns connections that have to prepare the figures first
 */
export async function sendWeeklySummaries(at: Date): Promise<string[]> {
  // Prisma's `distinct` would read all users and compare them here.
  const zones = await db().user.groupBy({ by: ['zone'], where: { channels: { some: { events: { has: EVENT } } } } })
  const toPrepare: string[] = []
  const end = Date.now() + MAX_MS
  for (const { zone } of zones) {
    const day = mondayMorning(at, zone ?? 'UTC')
    if (day) toPrepare.push(...(await sendToZone(zone, day, end)))
  }
  return toPrepare
}

async function sendToZone(zone: string | null, day: string, end: number): Promise<string[]> {
  const subject = `week before ${day}`
  const toPrepare: string[] = []
  for (let after = ''; ; ) {
    const listeners = await pendingListeners(zone, subject, after)
    for (const { id } of listeners) {
      if (Date.now() > end) return toPrepare
      try {
        toPrepare.push(...(await sendToListener(id, subject, day)))
      } catch (error) {
        log.error('a weekly summary could not be written', { userId: id, problem: messageOf(error) })
      }
    }
    const last = listeners.at(-1)
    if (!last || listeners.length < BATCH) return toPrepare
    after = last.id
  }
}

function pendingListeners(zone: string | null, subject: string, after: string) {
  const pending: Prisma.NotificationChannelWhereInput = {
    events: { has: EVENT },
    messages: { none: { event: EVENT, subject } },
  }
  return db().user.findMany({
    where: { zone, id: { gt: after }, suspendedAt: null, erasingAt: null, channels: { some: pending } },
    orderBy: { id: 'asc' },
    select: { id: true },
    take: BATCH,
  })
}

async function sendToListener(userId: string, subject: string, day: string): Promise<string[]> {
  const result = await queryChart(userId, 'last-week', {})
  if (result.preparing) return connectionsToPrepare(userId, [result])
  const figures = Figures.parse(result.rows)
  const incomplete = (await coverageFor(userId))?.incomplete ?? []
  const isMissing = (weeks: number) =>
    rangesWithin(incomplete, { from: addDays(day, -7 * weeks), to: addDays(day, 6 - 7 * weeks) }).length > 0
  const isComparable = !isMissing(1) && !isMissing(2)
  const facts = Object.fromEntries(
    figures.map(({ figure, value, previous }) => [
      figure,
      `${isMissing(1) ? 'at least ' : ''}${formatFigure(value, isComparable ? previous : null)}`,
    ]),
  )
  await notify(userId, {
    event: EVENT,
    subject,
    title: 'Your week in numbers',
    facts: { Week: formatWeekBefore(day), ...(figures.length > 0 ? facts : { plays: 'none yet' }) },
    path: '/overview',
  })
  return []
}

function formatFigure(value: number, previous: number | null): string {
  const number = (count: number) => new Intl.NumberFormat('en-GB').format(count)
  return previous === null ? number(value) : `${number(value)} (${number(previous)} the week before)`
}

/** The week before a Monday, for example "27 Apr to 3 May". */
function formatWeekBefore(monday: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const shifted = (days: number) => format.format(new Date(addDays(monday, days)))
  return `${shifted(-7)} to ${shifted(-1)}`
}
