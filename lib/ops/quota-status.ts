import type { QuotaAccount, QuotaGroup, QuotaResponse } from '#lib/api/admin.ts'
import type { QuotaHold } from '#lib/api/lists.ts'
import { recordAudit } from '#lib/audit.ts'
import { now as present, SECOND, toIso } from '#lib/core/clock.ts'
import { Refused } from '#lib/core/errors.ts'
import { db, type Prisma, type QuotaGroup as QuotaGroupRow, type QuotaHour } from '#lib/db.ts'
import { fits, type HourCount, spentAt } from '#lib/quota/forecast.ts'
import { ALL_GROUPS, ASSUMED_DAY_LIMIT, COUNTED_MS, FIRST_GROUP } from '#lib/quota/groups.ts'
import { forgetLearned } from '#lib/quota/learned-limits.ts'
import { plannedRequests } from '#lib/schedule/planned-requests.ts'
import type { RequestGroup } from '#lib/streams/stream.ts'

const WINDOW_MS = 30 * SECOND
const MIN_RESERVE = 48

const APPS = {
  include: {
    owner: { select: { name: true } },
    limits: { where: { group: ALL_GROUPS } },
    _count: { select: { accounts: { where: { consent: 'given' } } } },
  },
} as const
type App = Prisma.SpotifyAppGetPayload<typeof APPS>

interface Held {
  account: string
  group: string
  held_until: Date | null
  held_by: QuotaHold | null
}

/** What is known about the accounts on one page. */
interface Facts {
  now: Date
  hours: QuotaHour[]
  known: QuotaGroupRow[]
  held: Held[]
  inWindow: { account: string; group: string; requests: number }[]
  planned: Map<string, Map<RequestGroup, number>>
}

/**
 * How much of Spotify's quota each developer account has used, and how long the rest will last.
 * @param limit at most 100 accounts
 */
export async function quotaStatus({ cursor, limit }: { cursor?: string; limit: number }): Promise<QuotaResponse> {
  const rows = await db().spotifyApp.groupBy({
    by: ['developerAccount'],
    where: cursor ? { developerAccount: { gt: cursor } } : {},
    orderBy: { developerAccount: 'asc' },
    take: limit + 1,
  })
  const accounts = rows.slice(0, limit).map(({ developerAccount }) => developerAccount)
  const apps = await db().spotifyApp.findMany({
    where: { developerAccount: { in: accounts } },
    orderBy: { createdAt: 'asc' },
    ...APPS,
  })
  const facts = await factsOf(accounts, present())
  return {
    accounts: accounts.map((account) =>
      accountResponse(
        account,
        apps.filter(({ developerAccount }) => developerAccount === account),
        facts,
      ),
    ),
    next: rows.length > limit ? (accounts.at(-1) ?? null) : null,
  }
}

/** Forgets a wrongly learned limit; learning it again costs one refusal. @throws Refused 404 */
export async function forgetQuota(adminId: string, account: string): Promise<void> {
  if (!(await db().spotifyApp.count({ where: { developerAccount: account } })))
    throw new Refused(404, 'not-found', 'This developer account does not exist', 'Reload the page.')
  await forgetLearned(account)
  await recordAudit(adminId, 'forgot learned limits', account)
}

async function factsOf(accounts: string[], now: Date): Promise<Facts> {
  const where = { developerAccount: { in: accounts } }
  const groups = Object.keys(ASSUMED_DAY_LIMIT)
  const [hours, known, held, inWindow, planned] = await Promise.all([
    db().quotaHour.findMany({ where: { ...where, hour: { gt: new Date(now.getTime() - COUNTED_MS) } } }),
    db().quotaGroup.findMany({ where }),
    db().$queryRaw<Held[]>`
      select account, known."group", h.held_until, h.held_by
      from unnest(${accounts}::text[]) account, unnest(${groups}::text[]) known("group"),
        lateral quota_held_until(account, known."group", ${FIRST_GROUP}, ${now}) h`,
    db().$queryRaw<Facts['inWindow']>`
      select app."developerAccount" as account, s."group", count(*)::int as requests
      from "SpotifyApp" app join "RequestSlot" s on s."spotifyAppId" = app.id and s."startedAt" > ${new Date(now.getTime() - WINDOW_MS)}
      where app."developerAccount" = any(${accounts}::text[]) group by 1, 2`,
    plannedRequests(accounts, now),
  ])
  return { now, hours, known, held, inWindow, planned }
}

const answered = ({ requests, refused }: QuotaHour) => requests - refused
const sumOf = <Entry>(entries: Entry[], count: (entry: Entry) => number) =>
  entries.reduce((sum, entry) => sum + count(entry), 0)
const later = (until: Date | null | undefined, now: Date) => (until && until > now ? until.toISOString() : null)

function accountResponse(account: string, apps: App[], facts: Facts): QuotaAccount {
  const { now } = facts
  const hours = facts.hours.filter(({ developerAccount }) => developerAccount === account)
  const whole = facts.known.find(({ developerAccount, group }) => developerAccount === account && group === ALL_GROUPS)
  const plays = hours.filter(({ group }) => group === FIRST_GROUP)
  const limit = whole?.dayLimit ?? null
  return {
    account,
    apps: apps.map(({ clientId, owner, limits: [window], _count }) => ({
      clientId,
      owner: owner ? (owner.name ?? 'Listener') : null,
      listeners: _count.accounts,
      windowLimit: window?.windowLimit ?? null,
      pausedUntil: later(window?.blockedUntil, now),
    })),
    used: sumOf(hours, answered),
    limit,
    reserve:
      limit === null
        ? null
        : Math.max(
            MIN_RESERVE,
            sumOf(plays, ({ requests }) => requests),
          ),
    groups: (Object.keys(ASSUMED_DAY_LIMIT) as RequestGroup[])
      .map((group) => groupResponse(account, group, facts))
      .filter(
        ({ used, refused, isKnown, blockedUntil, planned }) => used + refused + planned > 0 || isKnown || blockedUntil,
      ),
  }
}

function groupResponse(account: string, group: RequestGroup, facts: Facts): QuotaGroup {
  const { now } = facts
  const isOurs = (entry: { developerAccount: string; group: string }) =>
    entry.developerAccount === account && entry.group === group
  const isHere = (entry: { account: string; group: string }) => entry.account === account && entry.group === group
  const hours = facts.hours.filter(isOurs)
  const known = facts.known.find(isOurs)
  const held = facts.held.find(isHere)
  const limit = known?.dayLimit ?? ASSUMED_DAY_LIMIT[group]
  const counts: HourCount[] = hours.map((entry) => ({ hour: entry.hour, requests: answered(entry) }))
  const planned = Math.ceil(facts.planned.get(account)?.get(group) ?? 0)
  return {
    group,
    used: sumOf(hours, answered),
    refused: sumOf(hours, ({ refused }) => refused),
    usedInWindow: sumOf(facts.inWindow.filter(isHere), ({ requests }) => requests),
    limit,
    isKnown: known?.dayLimit != null,
    blockedUntil: later(known?.blockedUntil, now),
    heldUntil: toIso(held?.held_until),
    heldBy: held?.held_by ?? null,
    spentAt: toIso(spentAt(counts, { planned, limit }, now)),
    planned,
    fits: fits(planned, limit),
  }
}
