import type { AdminListenersAnswer, AdminOverviewAnswer } from '../answers.ts'
import { DAY, now } from '../clock.ts'
import { settings } from '../config.ts'
import { db, type WarehouseConnection } from '../db.ts'
import { inFlightLimit } from '../pipeline/request-limits.ts'
import type { RequestGroup } from '../streams/stream.ts'
import { spotifyApps } from './app-answers.ts'
import { health } from './health.ts'
import { stateWord } from './run-answers.ts'
import { snowflakeState } from './snowflake/answer.ts'
import { consentEndsAt, fileBytes } from './status.ts'
import { troubled } from './telling/standing.ts'

const iso = (date: Date | null | undefined) => date?.toISOString() ?? null

/**
 * All listeners, by name of their making: states and counts, never titles.
 * @param limit at most 100
 */
export async function listListeners({
  cursor,
  limit,
}: {
  cursor?: string
  limit: number
}): Promise<AdminListenersAnswer> {
  const users = await db().user.findMany({
    where: cursor ? { id: { gt: cursor } } : {},
    orderBy: { id: 'asc' },
    take: limit + 1,
    include: {
      accounts: { where: { provider: 'spotify' }, take: 1, include: { spotifyApp: true } },
      runs: { where: { kind: 'extract' }, orderBy: { id: 'desc' }, take: 1 },
      polls: { orderBy: { at: 'desc' }, take: 1 },
      connections: true,
    },
  })
  const shown = users.slice(0, limit)
  const listeners = await Promise.all(
    shown.map(
      async ({
        id,
        name,
        isAdmin,
        suspendedAt,
        createdAt,
        accounts: [account],
        runs: [run],
        polls: [poll],
        connections,
      }) => ({
        id,
        name: name ?? 'Listener',
        isAdmin,
        suspendedAt: iso(suspendedAt),
        app: account?.spotifyApp?.clientId ?? null,
        isOwnApp: Boolean(account?.spotifyApp?.ownerId),
        consent: account?.consent ?? ('disconnected' as const),
        consentEndsAt: consentEndsAt(account?.authorizedAt ?? null),
        lastPlayAt: iso(poll?.newest),
        lastRunState: run ? stateWord(run.state) : null,
        warehouse: connections.map(warehouseWords).join(', '),
        warehouseBytes: await fileBytes(id),
        createdAt: createdAt.toISOString(),
      }),
    ),
  )
  return { listeners, next: users.length > limit ? (shown.at(-1)?.id ?? null) : null }
}

/** Which warehouse and how it is; never an address or a secret. */
function warehouseWords(connection: WarehouseConnection): string {
  return connection.kind === 'duckdb' ? `duckdb ${connection.state}` : `snowflake ${snowflakeState(connection)}`
}

const MOST_AUDIT_EVENTS = 100

/** Quota, health, who is in trouble and what people did last. */
export async function adminOverview(): Promise<AdminOverviewAnswer> {
  const [quota, state, inTrouble, apps, events] = await Promise.all([
    quotaOfAll(),
    health(),
    troubled(),
    spotifyApps(),
    db().auditEvent.findMany({ orderBy: { id: 'desc' }, take: MOST_AUDIT_EVENTS }),
  ])
  const people = await db().user.findMany({
    where: { id: { in: events.flatMap(({ actor }) => actor ?? []) } },
    select: { id: true, name: true },
  })
  const names = new Map(people.map(({ id, name }) => [id, name]))
  return {
    quota,
    health: state,
    troubled: inTrouble,
    apps,
    adminsAreSet: settings().ADMINS.length > 0,
    audit: events.map(({ at, actor, action, subject }) => ({
      at: at.toISOString(),
      actor: actor ? (names.get(actor) ?? actor) : null,
      action,
      subject,
    })),
  }
}

async function quotaOfAll(): Promise<AdminOverviewAnswer['quota']> {
  const since = new Date(now().getTime() - DAY)
  const used = await db().quotaHour.groupBy({
    by: ['developerAccount', 'group'],
    where: { hour: { gt: since } },
    _sum: { requests: true, refused: true },
    orderBy: [{ developerAccount: 'asc' }, { group: 'asc' }],
  })
  const known = await db().quotaGroup.findMany()
  const limits = await db().requestLimit.findMany({ include: { app: { select: { developerAccount: true } } } })
  return used.map(({ developerAccount, group, _sum }) => {
    const learned = known.find((entry) => entry.developerAccount === developerAccount && entry.group === group)
    const own = limits.filter(({ app }) => app.developerAccount === developerAccount)
    const whole = own.find((limit) => limit.group === '*')
    const share = own.find((limit) => limit.group === group)?.share ?? 1
    return {
      account: developerAccount,
      group,
      used: _sum.requests ?? 0,
      refused: _sum.refused ?? 0,
      dayLimit: learned?.dayLimit ?? null,
      windowLimit: whole?.windowLimit ?? null,
      inFlight: Math.max(1, Math.floor(inFlightLimit(group as RequestGroup) * share)),
      blockedUntil: iso([learned?.blockedUntil, whole?.blockedUntil].find((until) => until && until > now())),
    }
  })
}
