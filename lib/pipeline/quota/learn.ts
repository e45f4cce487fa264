import { DAY, HOUR } from '../../clock.ts'
import { db } from '../../db.ts'
import type { RequestGroup } from '../../streams/stream.ts'
import { FIRST_GROUP, WHOLE } from './groups.ts'

/**
 * What refusals teach of the daily quota. Spotify counts it by developer account, over all apps of the account, and says
 * neither how much it is nor which addresses share it.
 */

/** A refusal after fewer requests has another reason, for example an app of the same developer elsewhere. */
const LEAST_DAY = 50
/** A learned limit that holds requests back is tried so much larger, once a day. */
const GROWTH = 1.1

/** Spotify refused for the day: the group waits, and what the day took until now is its limit. */
export async function learnQuota(account: string, group: RequestGroup, until: Date): Promise<void> {
  const now = new Date()
  await keep(account, group, now, await takenInDay(account, now, group), until)
  if (await sharesWithFirst(account, group, now)) await keep(account, WHOLE, now, await takenInDay(account, now))
}

/** Requests that Spotify answered within 24 hours. The oldest hour is left out: the lower number is the safe one. */
async function takenInDay(account: string, now: Date, group?: RequestGroup): Promise<number> {
  const { _sum } = await db().quotaHour.aggregate({
    where: { developerAccount: account, hour: { gt: new Date(now.getTime() - DAY) }, ...(group ? { group } : {}) },
    _sum: { requests: true, refused: true },
  })
  return (_sum.requests ?? 0) - (_sum.refused ?? 0)
}

/**
 * Whether recently played was refused while another group is, or the other way round: they spend one quota together, and
 * the others have to leave enough of it from now on.
 */
async function sharesWithFirst(account: string, group: RequestGroup, now: Date): Promise<boolean> {
  const others = await db().quotaGroup.findMany({
    where: { developerAccount: account, group: { notIn: [group, WHOLE] }, blockedUntil: { gt: now } },
    select: { group: true },
  })
  return group === FIRST_GROUP ? others.length > 0 : others.some((other) => other.group === FIRST_GROUP)
}

async function keep(account: string, group: string, now: Date, taken: number, blockedUntil?: Date): Promise<void> {
  const known = {
    ...(blockedUntil ? { blockedUntil } : {}),
    ...(taken >= LEAST_DAY ? { dayLimit: taken, learnedAt: now } : {}),
  }
  await db().quotaGroup.upsert({
    where: { developerAccount_group: { developerAccount: account, group } },
    create: { developerAccount: account, group, ...known },
    update: known,
  })
}

/**
 * Forgets what refusals taught of an account, and lets what waits because of it go on. How long Spotify refuses stays:
 * asking before could make it longer.
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

/** Forgets hours that nothing counts any more; a limit that was exceeded or holds requests back for a day grows. */
export async function tidyQuota(now: Date): Promise<void> {
  await db().quotaHour.deleteMany({ where: { hour: { lt: new Date(now.getTime() - 8 * DAY) } } })
  await db().$executeRaw`
    with used as (
      select "developerAccount" as account, coalesce("group", ${WHOLE}) as "group", sum(requests - refused)::int as taken
      from "QuotaHour" where hour > ${new Date(now.getTime() - DAY)}
      group by grouping sets (("developerAccount", "group"), ("developerAccount"))
    )
    update "QuotaGroup" q set "learnedAt" = ${now}, "dayLimit" =
      case when used.taken > q."dayLimit" then used.taken else ceil(q."dayLimit" * ${GROWTH}::float8)::int end
    from used where q."developerAccount" = used.account and q."group" = used."group"
      and (used.taken > q."dayLimit"
        or (used.taken > q."dayLimit" * 0.9 and q."learnedAt" < ${new Date(now.getTime() - DAY - HOUR)}))`
}
