import type { ExportKind } from '#lib/api/lists.ts'
import { now, SECOND } from '#lib/core/clock.ts'
import { settings, spotifyUrls } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db } from '#lib/db.ts'
import { downloadedCharts, exportedRows, listenersWithExport } from '#lib/spotify/simulated-exports.ts'
import { landImport, landOtherPage } from './land-import.ts'
import { charts } from './reader/kinds/charts.ts'
import { extended } from './reader/kinds/extended.ts'
import { isRecord } from './reader/values.ts'

/**
 * In the demo, a listener who has listened for years has imported their history, so that there is something to see
 * (docs/decisions/0056). It ends where the plays that Spotify's API returned begin, so nothing counts twice.
 */

const ID_PREFIX = 'demo-'
const NAME = 'my_spotify_data.zip'

/** After this, a first run that still waits for something no longer holds up the import. */
const LONGEST_WAIT_MS = 30 * SECOND

/**
 * The listeners whose history has not been imported, and whether it can be now; nobody if this is not the demo.
 * @param userId only this listener
 */
export async function pendingHistories(userId?: string): Promise<{ userId: string; isReady: boolean }[]> {
  if (settings().TRACKLAKE_MODE !== 'demo') return []
  try {
    const exported = await listenersWithExport(spotifyUrls().accounts)
    const listeners = await db().user.findMany({
      where: {
        ...(userId ? { id: userId } : {}),
        spotifyUserId: { in: exported },
        erasingAt: null,
        suspendedAt: null,
        imports: { none: { id: { startsWith: ID_PREFIX }, members: { some: { kind: CHARTS } } } },
      },
      select: { id: true },
      take: 100,
    })
    return Promise.all(listeners.map(async ({ id }) => ({ userId: id, isReady: await isReady(id) })))
  } catch (error) {
    log.warn('the histories of demo listeners were not looked for', { problem: messageOf(error) })
    return []
  }
}

/** Whether recently played was read, and the first charts don't have to wait for the import. */
async function isReady(userId: string): Promise<boolean> {
  const since = new Date(now().getTime() - LONGEST_WAIT_MS)
  const running = await db().run.count({ where: { userId, kind: 'extract', endedAt: null, queuedAt: { gt: since } } })
  return running === 0 && (await db().poll.count({ where: { userId, oldest: { not: null } } })) > 0
}

/** Imports a listener's history. Repeating it completes what an interruption left. @returns the number of plays */
export async function importDemoHistory(userId: string): Promise<number> {
  const { spotifyUserId } = await db().user.findUniqueOrThrow({ where: { id: userId } })
  const { _min } = await db().poll.aggregate({ where: { userId }, _min: { oldest: true } })
  if (!spotifyUserId || !_min.oldest) return 0
  const id = `${ID_PREFIX}${userId}`
  const isImported = (await db().import.count({ where: { id } })) > 0
  if (isImported) {
    await addCharts({ userId, spotifyUserId })
    return (await db().streamRead.findUnique({ where: { id } }))?.items ?? 0
  }
  const rows = exportedRows(spotifyUrls().accounts, spotifyUserId, _min.oldest)
  const downloaded = await landCharts({ id, userId, spotifyUserId })
  const read = await landImport({ id, userId }, pagesOf(rows))
  // From here on it is an import like any other, which can be undone.
  await createRow({ id, userId }, [
    { position: 0, file: NAME, name: NAME, kind: extended.kind, read },
    ...membersOf(downloaded),
  ])
  return read
}

/** An older version imported only the plays. Charts then come as an import of their own. */
async function addCharts({ userId, spotifyUserId }: { userId: string; spotifyUserId: string }): Promise<void> {
  const imported = { importId: { startsWith: ID_PREFIX }, import: { userId }, kind: CHARTS }
  if ((await db().importMember.count({ where: imported })) > 0) return
  const id = `${ID_PREFIX}charts-${userId}`
  const downloaded = await landCharts({ id, userId, spotifyUserId })
  await landImport({ id, userId }, pagesOf(noPages()))
  await createRow({ id, userId }, membersOf(downloaded))
}

async function* noPages(): AsyncGenerator<unknown[]> {
  // There are no plays.
}

const CHARTS = 'charts' satisfies ExportKind

interface Member {
  position: number
  file: string
  name: string
  kind: ExportKind
  read: number
}

const membersOf = (downloaded: { name: string; read: number }[]): Member[] =>
  downloaded.map((chart, index) => ({ ...chart, position: index + 1, file: chart.name, kind: CHARTS }))

async function createRow({ id, userId }: { id: string; userId: string }, members: Member[]): Promise<void> {
  await db().import.createMany({
    data: {
      id,
      userId,
      names: members.map(({ name }) => name),
      state: 'loading',
      read: members.reduce((sum, member) => sum + member.read, 0),
    },
    skipDuplicates: true,
  })
  const data = members.map((member) => ({ ...member, importId: id, state: 'read' }))
  await db().importMember.createMany({ data, skipDuplicates: true })
}

/** Lands the charts that the listener has downloaded. @returns the files with their rows */
async function landCharts({
  id,
  userId,
  spotifyUserId,
}: {
  id: string
  userId: string
  spotifyUserId: string
}): Promise<{ name: string; read: number }[]> {
  const files = await downloadedCharts(spotifyUrls().accounts, spotifyUserId, now())
  const landed: { name: string; read: number }[] = []
  for (const [index, { name, rows }] of files.entries()) {
    const [header = [], ...cells] = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row).map(String))]
    const position = index + 1
    const reader = charts([header], name)?.rows({ now: now().getTime(), name, position, answers: {} })
    if (!reader) continue
    const items = cells.map(reader.read).filter((entry) => typeof entry === 'object')
    const page = reader.pageOf(items)
    if (page.source !== 'charts') continue
    await landOtherPage({ id, userId }, { member: position, number: 0 }, page)
    landed.push({ name, read: items.length })
  }
  return landed
}

async function* pagesOf(pages: AsyncIterable<unknown[]>) {
  const { read } = extended.rows({ now: now().getTime(), name: '', position: 0, answers: {} })
  for await (const rows of pages) {
    const plays = rows.filter(isRecord).map(read)
    yield { source: extended.kind, items: plays.filter((play) => typeof play === 'object') }
  }
}
