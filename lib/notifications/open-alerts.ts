import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import type { MeResponse } from '#lib/api/me.ts'
import { type AlertKind, db, type Prisma } from '#lib/db.ts'
import { troubleName } from './alert-titles.ts'

/** What is wrong right now, for the pages: nobody needs a channel to learn that something stopped. */

const MOST = 20
/** A part that Spotify never gives would stand on every page for good; its runs say so. */
const OPEN: Prisma.AlertWhereInput = { endedAt: null, kind: { not: 'part' } }
/** These have lines of their own in the frame. */
const SAID_ELSEWHERE: AlertKind[] = ['consent', 'premium', 'warehouse']

/** What is wrong for a listener, the oldest first, and whether anybody is told of it. */
export async function standing(userId: string): Promise<Pick<MeResponse, 'troubles' | 'telling'>> {
  const [alerts, channels] = await Promise.all([
    db().alert.findMany({
      where: { AND: [OPEN, { userId, kind: { notIn: SAID_ELSEWHERE } }] },
      orderBy: { beganAt: 'asc' },
      take: MOST,
    }),
    db().notificationChannel.findMany({
      where: { userId },
      orderBy: { id: 'asc' },
      select: { label: true, problem: true, events: true },
      take: MOST,
    }),
  ])
  return {
    troubles: alerts.map(({ problem, remedy, runId, beganAt, ...alert }) => ({
      title: troubleName(alert).begins,
      problem,
      remedy,
      since: beganAt.toISOString(),
      path: runId ? `/runs/${runId}` : troubleName(alert).path,
    })),
    telling: {
      isTold: channels.some(({ events }) => events.includes('failed')),
      failing: channels.flatMap(({ label, problem }) => (problem === null ? [] : { label, problem })),
    },
  }
}

/** Listeners for whom something is wrong, the longest first; `count` is of all. */
export async function troubled(): Promise<AdminOverviewResponse['troubled']> {
  const where: Prisma.UserWhereInput = { suspendedAt: null, erasingAt: null, alerts: { some: OPEN } }
  const [count, first] = await Promise.all([
    db().user.count({ where }),
    db().alert.groupBy({
      by: ['userId'],
      where: { ...OPEN, user: where },
      _min: { beganAt: true },
      orderBy: { _min: { beganAt: 'asc' } },
      take: MOST,
    }),
  ])
  const users = await db().user.findMany({
    where: { id: { in: first.map(({ userId }) => userId) } },
    select: { id: true, name: true, alerts: { where: OPEN, orderBy: { beganAt: 'asc' }, take: MOST } },
  })
  const listeners = users
    .map(({ id, name, alerts }) => ({
      id,
      name: name ?? 'Listener',
      since: alerts[0]?.beganAt.toISOString() ?? null,
      troubles: alerts.map((alert) => troubleName(alert).begins),
    }))
    .toSorted((one, other) => ((one.since ?? '') < (other.since ?? '') ? -1 : 1))
  return { count, listeners }
}
