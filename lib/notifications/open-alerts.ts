import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import type { MeResponse } from '#lib/api/me.ts'
import { toIso } from '#lib/core/clock.ts'
import { type AlertKind, db, type Prisma } from '#lib/db.ts'
import { alertTitles } from './alert-titles.ts'

/** Open alerts for the pages, so that listeners without a channel see them too. */

const MAX_SHOWN = 20
/** Without incomplete streams: some stay incomplete forever, and their runs show it. */
const OPEN: Prisma.AlertWhereInput = { endedAt: null, kind: { not: 'part' } }
/** These have banners of their own. */
const SHOWN_ELSEWHERE: AlertKind[] = ['consent', 'premium', 'warehouse']

/** A listener's open alerts, oldest first, and whether any channel notifies them. */
export async function openAlertsOf(userId: string): Promise<Pick<MeResponse, 'troubles' | 'telling'>> {
  const [alerts, channels] = await Promise.all([
    db().alert.findMany({
      where: { AND: [OPEN, { userId, kind: { notIn: SHOWN_ELSEWHERE } }] },
      orderBy: { beganAt: 'asc' },
      take: MAX_SHOWN,
    }),
    db().notificationChannel.findMany({
      where: { userId },
      orderBy: { id: 'asc' },
      select: { label: true, problem: true, events: true },
      take: MAX_SHOWN,
    }),
  ])
  return {
    troubles: alerts.map(({ problem, remedy, runId, beganAt, ...alert }) => ({
      title: alertTitles(alert).opened,
      problem,
      remedy,
      since: beganAt.toISOString(),
      path: runId ? `/runs/${runId}` : alertTitles(alert).path,
    })),
    telling: {
      isTold: channels.some(({ events }) => events.includes('failed')),
      failing: channels.flatMap(({ label, problem }) => (problem === null ? [] : { label, problem })),
    },
  }
}

/** Listeners with open alerts, oldest alert first; `count` includes those not shown. */
export async function listenersWithAlerts(): Promise<AdminOverviewResponse['troubled']> {
  const where: Prisma.UserWhereInput = { suspendedAt: null, erasingAt: null, alerts: { some: OPEN } }
  const [count, first] = await Promise.all([
    db().user.count({ where }),
    db().alert.groupBy({
      by: ['userId'],
      where: { ...OPEN, user: where },
      _min: { beganAt: true },
      orderBy: { _min: { beganAt: 'asc' } },
      take: MAX_SHOWN,
    }),
  ])
  const users = await db().user.findMany({
    where: { id: { in: first.map(({ userId }) => userId) } },
    select: { id: true, name: true, alerts: { where: OPEN, orderBy: { beganAt: 'asc' }, take: MAX_SHOWN } },
  })
  const listeners = users
    .map(({ id, name, alerts }) => ({
      id,
      name: name ?? 'Listener',
      since: toIso(alerts[0]?.beganAt),
      troubles: alerts.map((alert) => alertTitles(alert).opened),
    }))
    .toSorted((one, other) => ((one.since ?? '') < (other.since ?? '') ? -1 : 1))
  return { count, listeners }
}
