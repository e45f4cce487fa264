import { DAY, HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import type { RequestGroup } from '#lib/streams/stream.ts'
import { ALL_GROUPS, FIRST_GROUP } from './groups.ts'

/**
 * Learns the daily quota from refusals. Spotify counts it per developer account, over all its apps, and publishes neither
 * its size nor which endpoints share it.
 */

/** A refusal after fewer requests has another cause, for example another app of the same developer. */
const MIN_DAY_LIMIT = 50
/** Once a day a learned limit that holds requests back is raised by this factor. */
const GROWTH = 1.1

/** Spotify refuses for the rest of the day: blocks the group, and takes the requests answered so far as its limit. */
export async function learnQuota(account: string, group: RequestGroup, until: Date): Promise<void> {
  const now = new Date()
  await saveLimit(account, group, now, await answeredInDay(account, now, group), until)
  if (await sharesQuotaWithFirst(account, group, now))
    await saveLimit(account, ALL_GROUPS, now, await answeredInDay(account, now))
}

/** Requests that Spotify answered within 24 hours, without the oldest partial hour: the lower number is the safe one. */
async function answeredInDay(account: string, now: Date, group?: RequestGroup): Promise<number> {
  const { _sum } = await db().quotaHour.aggregate({
    where: { developerAccount: account, hour: { gt: new Date(now.getTime() - DAY) }, ...(group ? { group } : {}) },
    _sum: { requests: true, refused: true },
  })
  return (_sum.requests ?? 0) - (_sum.refused ?? 0)
}

/**
 * Whether recently played is refused while another group is. Then they share one quota, and the others must leave enough
 * of it for recently played.
 */
async function sharesQuotaWithFirst(account: string, group: RequestGroup, now: Date): Promise<boolean> {
  const others = await db().quotaGroup.findMany({
    where: { developerAccount: account, group: { notIn: [group, ALL_GROUPS] }, blockedUntil: { gt: now } },
    select: { group: true },
  })
  return group === FIRST_GROUP ? others.length > 0 : others.some((other) => other.group === FIRST_GROUP)
}

async function saveLimit(account: string, group: string, now: Date, taken: number, blockedUntil?: Date): Promise<void> {
  const known = {
    ...(blockedUntil ? { blockedUntil } : {}),
    ...(taken >= MIN_DAY_LIMIT ? { dayLimit: taken, learnedAt: now } : {}),
  }
  await db().quotaGroup.upsert({
    where: { developerAccount_group: { developerAccount: account, group } },
    create: { developerAccount: account, group, ...known },
    update: known,
  })
}

/**
 * Forgets the learned limits of an account and wakes the stream runs that wait because of them. A time until which Spotify
 * refuses is kept: requests before it could extend it.
 */
export async function forgetLearned(account: string): Promise<void> {
  await db().$transaction([
    db().quotaGroup.updateMany({ where: { developerAccount: account }, data: { dayLimit: null, learnedAt: null } }),
    db().requestLimit.updateMany({
      where: { app: { developerAccount: account } },
      data: { windowLimit: null, learnedAt: null },
    }),
    db().streamRun.updateMany({
      where: {
        state: 'waiting',
        waitReason: { in: ['budget', 'reserve'] },
        run: { user: { accounts: { some: { spotifyApp: { developerAccount: account } } } } },
      },
      data: { waitingUntil: new Date() },
    }),
  ])
}

/** Deletes hours that no longer count, and raises limits that were exceeded or have held requests back for a day. */
export async function tidyQuota(now: Date): Promise<void> {
  await db().quotaHour.deleteMany({ where: { hour: { lt: new Date(now.getTime() - 8 * DAY) } } })
  await db().$executeRaw`
    with used as (
      select "developerAccount" as account, coalesce("group", ${ALL_GROUPS}) as "group", sum(requests - refused)::int as taken
      from "QuotaHour" where hour > ${new Date(now.getTime() - DAY)}
      group by grouping sets (("developerAccount", "group"), ("developerAccount"))
    )
    update "QuotaGroup" q set "learnedAt" = ${now}, "dayLimit" =
      case when used.taken > q."dayLimit" then used.taken else ceil(q."dayLimit" * ${GROWTH}::float8)::int end
    from used where q."developerAccount" = used.account and q."group" = used."group"
      and (used.taken > q."dayLimit"
        or (used.taken > q."dayLimit" * 0.9 and q."learnedAt" < ${new Date(now.getTime() - DAY - HOUR)}))`
}
