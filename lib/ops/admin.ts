import { notableApps } from '#lib/accounts/spotify-app-status.ts'
import { consentEndsAt, fileBytes } from '#lib/accounts/status.ts'
import type { AdminListenersResponse, AdminOverviewResponse } from '#lib/api/admin.ts'
import { DAY, now, toIso } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { db, type RunState, type WarehouseConnection } from '#lib/db.ts'
import { warehouseState } from '#lib/load/connection/status.ts'
import { listenersWithAlerts } from '#lib/notifications/open-alerts.ts'
import { musicBrainzState } from '#lib/query/genres.ts'
import { ALL_GROUPS } from '#lib/quota/groups.ts'
import { runStateLabel } from '#lib/runs/run-responses.ts'
import { health } from './health.ts'

/**
 * A page of listeners, oldest first: states and counts, never titles.
 * @param limit at most 100
 */
export async function listListeners({
  cursor,
  limit,
}: {
  cursor?: string
  limit: number
}): Promise<AdminListenersResponse> {
  const users = await db().user.findMany({
    where: cursor ? { id: { gt: cursor } } : {},
    orderBy: { id: 'asc' },
    take: limit + 1,
    include: {
      accounts: { where: { provider: 'spotify' }, include: { spotifyApp: true } },
      connections: true,
    },
  })
  const shown = users.slice(0, limit)
  const ids = shown.map(({ id }) => id)
  const [states, plays] = await Promise.all([lastRunStates(ids), lastPlays(ids)])
  const listeners = await Promise.all(
    shown.map(async ({ id, name, isAdmin, suspendedAt, createdAt, accounts: [account], connections }) => {
      const state = states.get(id)
      return {
        id,
        name: name ?? 'Listener',
        isAdmin,
        suspendedAt: toIso(suspendedAt),
        app: account?.spotifyApp?.clientId ?? null,
        isOwnApp: Boolean(account?.spotifyApp?.ownerId),
        consent: account?.consent ?? ('disconnected' as const),
        consentEndsAt: consentEndsAt(account?.authorizedAt ?? null),
        lastPlayAt: toIso(plays.get(id)),
        lastRunState: state ? runStateLabel(state) : null,
        warehouse: connections.map(formatWarehouse).join(', '),
        warehouseBytes: await fileBytes(id),
        createdAt: createdAt.toISOString(),
      }
    }),
  )
  return { listeners, next: users.length > limit ? (shown.at(-1)?.id ?? null) : null }
}

// Raw SQL, because `take: 1` in a nested Prisma query reads a listener's whole history.

async function lastRunStates(ids: string[]): Promise<Map<string, RunState>> {
  const rows = await db().$queryRaw<{ id: string; state: RunState }[]>`
    select listener.id, last.state::text from unnest(${ids}::text[]) listener(id), lateral (
      select state from "Run" where "userId" = listener.id and kind = 'extract'
      order by "queuedAt" desc, id desc limit 1) last`
  return new Map(rows.map(({ id, state }) => [id, state]))
}

async function lastPlays(ids: string[]): Promise<Map<string, Date | null>> {
  const rows = await db().$queryRaw<{ id: string; newest: Date | null }[]>`
    select listener.id, last.newest from unnest(${ids}::text[]) listener(id), lateral (
      select newest from "Poll" where "userId" = listener.id order by at desc limit 1) last`
  return new Map(rows.map(({ id, newest }) => [id, newest]))
}

/** The kind and state of a warehouse, without addresses or secrets. */
function formatWarehouse(connection: WarehouseConnection): string {
  return `${connection.kind} ${warehouseState(connection)}`
}

const MAX_AUDIT_EVENTS = 100

/** Health, open alerts and the audit log, plus the apps and quota that need attention; /admin/quota shows all of it. */
export async function adminOverview(): Promise<AdminOverviewResponse> {
  const [quota, state, genres, alerts, apps, events] = await Promise.all([
    notableQuota(),
    health(),
    musicBrainzState(),
    listenersWithAlerts(),
    notableApps(),
    db().auditEvent.findMany({ orderBy: { id: 'desc' }, take: MAX_AUDIT_EVENTS }),
  ])
  const people = await db().user.findMany({
    where: { id: { in: events.flatMap(({ actor }) => actor ?? []) } },
    select: { id: true, name: true },
  })
  const names = new Map(people.map(({ id, name }) => [id, name]))
  return {
    quota,
    health: state,
    musicBrainz: genres,
    troubled: alerts,
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

/** Refused or blocked accounts to show; /admin/quota has all. */
const MAX_REFUSED = 20

/** The operator's developer account and those that Spotify refuses or blocks. */
async function notableAccounts(at: Date, since: Date): Promise<string[]> {
  const operators = await db().spotifyApp.findUnique({ where: { clientId: settings().SPOTIFY_CLIENT_ID ?? '' } })
  const refused = await db().$queryRaw<{ account: string }[]>`
    select "developerAccount" as account from "QuotaHour" where hour > ${since} and refused > 0
    union select "developerAccount" from "QuotaGroup" where "blockedUntil" > ${at}
    union select app."developerAccount" from "RequestLimit" l join "SpotifyApp" app on app.id = l."spotifyAppId"
      where l."blockedUntil" > ${at}
    order by account limit ${MAX_REFUSED}`
  return [...new Set([...(operators ? [operators.developerAccount] : []), ...refused.map(({ account }) => account)])]
}

async function notableQuota(): Promise<AdminOverviewResponse['quota']> {
  const at = now()
  const since = new Date(at.getTime() - DAY)
  const accounts = await notableAccounts(at, since)
  const where = { developerAccount: { in: accounts } }
  const [used, known, windows] = await Promise.all([
    db().quotaHour.groupBy({
      by: ['developerAccount', 'group'],
      where: { ...where, hour: { gt: since } },
      _sum: { requests: true, refused: true },
      orderBy: [{ developerAccount: 'asc' }, { group: 'asc' }],
    }),
    db().quotaGroup.findMany({ where }),
    db().requestLimit.findMany({
      where: { group: ALL_GROUPS, app: where },
      include: { app: { select: { developerAccount: true } } },
    }),
  ])
  const limits = new Map(known.map((limit) => [`${limit.developerAccount} ${limit.group}`, limit]))
  const byAccount = new Map(windows.map((limit) => [limit.app.developerAccount, limit]))
  return used
    .map(({ developerAccount, group, _sum }) => {
      const learned = limits.get(`${developerAccount} ${group}`)
      const window = byAccount.get(developerAccount)
      return {
        account: developerAccount,
        group,
        used: _sum.requests ?? 0,
        refused: _sum.refused ?? 0,
        dayLimit: learned?.dayLimit ?? null,
        windowLimit: window?.windowLimit ?? null,
        blockedUntil: toIso([learned?.blockedUntil, window?.blockedUntil].find((until) => until && until > at)),
      }
    })
    .sort((one, other) => accounts.indexOf(one.account) - accounts.indexOf(other.account))
}
