import { stat } from 'node:fs/promises'
import type { ConnectionsResponse } from '#lib/api/connections.ts'
import type { MeResponse } from '#lib/api/me.ts'
import type { SettingsChange, SettingsResponse } from '#lib/api/settings.ts'
import { toIso } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Failure, Stop } from '#lib/core/errors.ts'
import { type Consent, db, type WarehouseConnection } from '#lib/db.ts'
import { lakeSummary } from '#lib/lake/connection.ts'
import { markModelsStale } from '#lib/load/build.ts'
import { savedFields } from '#lib/load/connection/saved.ts'
import { snowflakeState, warehouseState } from '#lib/load/connection/status.ts'
import { openAlertsOf } from '#lib/notifications/open-alerts.ts'
import { coverageFor } from '#lib/query/coverage/coverage.ts'
import { instanceApp } from '#lib/quota/app-credentials.ts'
import { runStateLabel } from '#lib/runs/run-responses.ts'
import { ACTIVE } from '#lib/runs/runs.ts'
import { availableGroups, moveSchedules, scheduleResponses } from '#lib/schedule/schedules.ts'
import { NEVER } from '#lib/schedule/timetable.ts'
import { CONSENT_MS } from '#lib/spotify/accounts.ts'
import { keepsEmbeddedCopies, servingConnections, servingKind } from '#lib/storage/destinations.ts'
import { duckdbFile, hasEmbeddedCopy, openEmbeddedCopy } from '#lib/storage/places.ts'
import { chartPlaylists } from '#lib/streams/chart-playlists.ts'
import { importedCharts } from '#lib/streams/imported-charts.ts'
import { requestedScopes, streams } from '#lib/streams/index.ts'
import { SCOPES } from '#lib/streams/scopes.ts'
import { EXTERNAL_KINDS, warehouseFacts } from '#lib/warehouse/facts.ts'
import { duckdbDamage } from '#lib/warehouse/index.ts'
import { countingResponse } from './counting.ts'
import { requireUser } from './require-user.ts'
import { appChoices, pausedApp, playsGap, seatsOf } from './spotify-app-status.ts'

/** When the consent expires. */
export function consentEndsAt(authorizedAt: Date | null): string | null {
  return authorizedAt ? new Date(authorizedAt.getTime() + CONSENT_MS).toISOString() : null
}

/** Why nothing is synced. A single refusal may be a mistake, so the page only says that there was one. */
function consentProblem(
  account: { consent: Consent; consentProblem: string | null; retryAt: Date | null } | undefined,
) {
  if (account?.consent === 'given' && account.retryAt) return 'Spotify refused our sign-in once'
  return account?.consentProblem ?? null
}

/** More at once come from very many re-runs of single streams. */
const MAX_OPEN_RUNS = 10

/** What the shell of every page shows. */
export async function me(listener: { id: string }): Promise<MeResponse> {
  const user = await shellOf(listener.id)
  const [{ troubles, telling }, coverage, hasCharts] = await Promise.all([
    openAlertsOf(user.id),
    coverageFor(user.id),
    hasChartsFor(user.id),
  ])
  const [account] = user.accounts
  const open = await db().run.findMany({
    where: { userId: user.id, kind: 'extract', state: { in: [...ACTIVE] } },
    orderBy: { id: 'desc' },
    take: MAX_OPEN_RUNS,
  })
  // A newer run may have ended before an older one.
  const run = open.find(({ state }) => state !== 'waiting') ?? user.runs[0]
  const snowflake = user.connections.find(({ kind }) => EXTERNAL_KINDS.includes(kind))
  // Without a consent or a working app everything fails; the page shows that cause instead of its alerts.
  const works = account?.consent === 'given' && account.retryAt === null
  const groups: string[] = availableGroups(account?.spotifyApp)
  const next = user.schedules.find(({ group }) => groups.includes(group))
  const isCaused = !works || Boolean(account.spotifyApp?.problem)
  return {
    id: user.id,
    name: user.name ?? 'Listener',
    image: user.image,
    isAdmin: user.isAdmin,
    demo: settings().TRACKLAKE_MODE === 'demo',
    zone: user.zone,
    weekStart: user.weekStart,
    dataAsOf: toIso(user.dataAsOf),
    coverage,
    counting: countingResponse(
      user,
      user.connections.find(({ kind }) => kind === servingKind()),
    ),
    hasCharts,
    consent: {
      state: account?.consent ?? 'disconnected',
      endsAt: consentEndsAt(account?.authorizedAt ?? null),
      problem: consentProblem(account),
      retryAt: toIso(account?.retryAt),
    },
    lastRun: run ? { id: run.id, state: runStateLabel(run.state), endedAt: toIso(run.endedAt) } : null,
    openRuns: open.map(({ id, state, queuedAt, waitingUntil }) => ({
      id,
      state: runStateLabel(state),
      queuedAt: queuedAt.toISOString(),
      waitingUntil: toIso(waitingUntil),
    })),
    nextRunAt: works ? toIso(next?.nextAt) : null,
    pausedApp: pausedApp(account?.spotifyApp) ?? (user.isAdmin ? pausedApp(await instanceApp()) : null),
    serving: settings().SERVE_FROM,
    snowflake: snowflake
      ? {
          state: snowflakeState(snowflake),
          problem: snowflake.problem,
          remedy: snowflake.remedy,
          tokenEndsAt: savedFields(snowflake)?.tokenEndsOn ?? null,
        }
      : null,
    troubles: isCaused ? [] : troubles,
    telling,
  }
}

const CHARTS = [importedCharts, ...chartPlaylists].map(({ name }) => name)

/** Whether any global chart was imported or read. */
async function hasChartsFor(userId: string): Promise<boolean> {
  const where = { userId, stream: { in: CHARTS }, state: 'complete' as const, items: { gt: 0 } }
  return (await db().streamRead.findFirst({ where, select: { id: true } })) !== null
}

async function shellOf(id: string) {
  const user = await db().user.findUnique({
    where: { id },
    include: {
      accounts: { where: { provider: 'spotify' }, take: 1, include: { spotifyApp: true } },
      runs: { where: { kind: 'extract' }, orderBy: { id: 'desc' }, take: 1 },
      schedules: { where: { paused: false, nextAt: { lt: NEVER } }, orderBy: { nextAt: 'asc' } },
      connections: true,
    },
  })
  return requireUser(user)
}

/** The listener's connections to Spotify and to warehouses. */
export async function connections(listener: { id: string }): Promise<ConnectionsResponse> {
  const account = await db().account.findFirst({
    where: { userId: listener.id, provider: 'spotify' },
    include: { spotifyApp: true },
  })
  const granted = new Set((account?.scope ?? '').split(' '))
  const capabilities = (account?.spotifyApp?.capabilities ?? {}) as Record<string, boolean>
  return {
    spotify: {
      state: account?.consent ?? 'disconnected',
      problem: consentProblem(account ?? undefined),
      retryAt: toIso(account?.retryAt),
      account: account?.providerAccountId ?? '',
      app: account?.spotifyApp?.clientId ?? '',
      isOwnApp: Boolean(account?.spotifyApp?.ownerId),
      places: await seatsOf(account?.spotifyAppId),
      paused: pausedApp(account?.spotifyApp),
      gap: await playsGap(listener.id, account),
      authorizedAt: toIso(account?.authorizedAt),
      endsAt: consentEndsAt(account?.authorizedAt ?? null),
      scopes: requestedScopes.map((scope) => ({ scope, granted: granted.has(scope), meaning: SCOPES[scope] })),
      capabilities: [...new Set(streams.flatMap(({ capability }) => capability ?? []))].map((name) => ({
        name,
        available: capabilities[name] ?? null,
        detail: streams
          .filter(({ capability }) => capability === name)
          .map(({ title }) => title)
          .join(', '),
      })),
    },
    ownApp: await appChoices(listener),
    warehouses: await warehousesOf(listener.id),
    lake: keepsEmbeddedCopies() ? await lakeSummary(listener.id) : null,
  }
}

async function warehousesOf(userId: string): Promise<ConnectionsResponse['warehouses']> {
  const found = await db().warehouseConnection.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } })
  return Promise.all(
    found.map(async (connection) => {
      const { id, kind, problem, remedy } = connection
      const last = await db().loadLedger.findFirst({
        where: { connectionId: id, state: 'loaded' },
        orderBy: { loadedAt: 'desc' },
      })
      const { embedded } = warehouseFacts[kind]
      const failure = embedded ? await openingFailure(userId) : null
      return {
        kind,
        state: failure ? (failure instanceof Stop ? 'failed' : 'waiting') : warehouseState(connection),
        problem: failure?.message ?? problem,
        remedy: failure?.remedy ?? remedy,
        detail: embedded ? 'A database file on this machine. All pages read it.' : placeOf(connection),
        bytes: embedded ? await fileBytes(userId) : null,
        waitingReads: await db().loadLedger.count({ where: { connectionId: id, state: 'waiting' } }),
        lastLoadedAt: toIso(last?.loadedAt),
      }
    }),
  )
}

/** Why the embedded warehouse can't be used, or null. It is checked here because no load may have tried it yet. */
export async function openingFailure(userId: string): Promise<Failure | null> {
  // Opening a missing file would create it.
  if (!hasEmbeddedCopy(userId)) return null
  try {
    await openEmbeddedCopy({ userId })
    return await duckdbDamage(duckdbFile(userId))
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

function placeOf(connection: WarehouseConnection): string {
  const fields = savedFields(connection)
  return fields ? `Account ${fields.account}, tables in ${fields.database}.${fields.schema}.` : 'Not saved yet.'
}

/** Size in bytes of the listener's embedded warehouse, including its write-ahead log; null if there is none. */
export async function fileBytes(userId: string): Promise<number | null> {
  const file = duckdbFile(userId)
  const [size, wal] = await Promise.all(
    [file, `${file}.wal`].map((path) =>
      stat(path).then(
        (one) => one.size,
        () => null,
      ),
    ),
  )
  return typeof size === 'number' ? size + (wal ?? 0) : null
}

/** The listener's settings, with the schedule of each group of streams. */
export async function settingsOf(listener: { id: string }): Promise<SettingsResponse> {
  const found = await db().user.findUnique({
    where: { id: listener.id },
    include: { schedules: true, accounts: { where: { provider: 'spotify' }, take: 1, include: { spotifyApp: true } } },
  })
  const user = requireUser(found)
  return {
    zone: user.zone,
    weekStart: user.weekStart,
    schedules: scheduleResponses(user.schedules, user.accounts[0]),
  }
}

/** Changes settings. A new time zone moves the schedules; with it or another start of the week, models are built again. */
export async function changeSettings(listener: { id: string }, change: SettingsChange): Promise<SettingsResponse> {
  const { zone, weekStart } = requireUser(await db().user.findUnique({ where: { id: listener.id } }))
  const movesPlays = (change.zone ?? zone) !== zone || (change.weekStart ?? weekStart) !== weekStart
  await db().$transaction(async (tx) => {
    // Before the listener's row, as builds lock the two.
    if (movesPlays) await markModelsStale(tx, listener.id)
    await tx.user.update({ where: { id: listener.id }, data: change })
  })
  if (change.zone && change.zone !== zone) await moveSchedules(listener, change.zone)
  return settingsOf(listener)
}

/** The connections whose job builds models, to request it right after settings have changed. */
export function connectionsToBuild({ id }: { id: string }): Promise<string[]> {
  return servingConnections(id)
}
