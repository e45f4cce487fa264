import type { AdminOverviewResponse } from '#lib/api/admin.ts'
import type { MeResponse } from '#lib/api/me.ts'
import { db, type Prisma } from '#lib/db.ts'
import { troubleName } from './alert-titles.ts'

/** What is wrong right now, for the pages: nobody needs a channel to learn that something stopped. */

const MOST = 20
/** A part that Spotify never gives would stand on every page for good; its runs say so. */
const OPEN: Prisma.TroubleWhereInput = { endedAt: null, what: { not: { startsWith: 'part:' } } }
/** These have lines of their own in the frame. */
const SAID_ELSEWHERE = ['consent', 'premium', 'warehouse']

/** What is wrong for a listener, the oldest first, and whether anybody is told of it. */
export async function standing(userId: string): Promise<Pick<MeResponse, 'troubles' | 'telling'>> {
  const [troubles, channels] = await Promise.all([
    db().trouble.findMany({
      where: { AND: [OPEN, { userId, what: { notIn: SAID_ELSEWHERE } }] },
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
    troubles: troubles.map(({ what, problem, remedy, runId, beganAt }) => ({
      title: troubleName(what).begins,
      problem,
      remedy,
      since: beganAt.toISOString(),
      path: runId ? `/runs/${runId}` : troubleName(what).path,
    })),
    telling: {
      isTold: channels.some(({ events }) => events.includes('failed')),
      failing: channels.flatMap(({ label, problem }) => (problem === null ? [] : { label, problem })),
    },
  }
}

/** Listeners for whom something is wrong, the longest first; `count` is of all. */
export async function troubled(): Promise<AdminOverviewResponse['troubled']> {
  const where: Prisma.UserWhereInput = { suspendedAt: null, erasingAt: null, troubles: { some: OPEN } }
  const [count, first] = await Promise.all([
    db().user.count({ where }),
    db().trouble.groupBy({
      by: ['userId'],
      where: { ...OPEN, user: where },
      _min: { beganAt: true },
      orderBy: { _min: { beganAt: 'asc' } },
      take: MOST,
    }),
  ])
  const users = await db().user.findMany({
    where: { id: { in: first.map(({ userId }) => userId) } },
    select: { id: true, name: true, troubles: { where: OPEN, orderBy: { beganAt: 'asc' }, take: MOST } },
  })
  const listeners = users
    .map(({ id, name, troubles }) => ({
      id,
      name: name ?? 'Listener',
      since: troubles[0]?.beganAt.toISOString() ?? null,
      troubles: troubles.map(({ what }) => troubleName(what).begins),
    }))
    .toSorted((one, other) => ((one.since ?? '') < (other.since ?? '') ? -1 : 1))
  return { count, listeners }
}
