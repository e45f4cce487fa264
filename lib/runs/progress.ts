import type { Phase } from '#lib/api/lists.ts'
import { SECOND } from '#lib/core/durations.ts'
import { db, type StreamRun } from '#lib/db.ts'

/** How far stream runs and their run are. */

/** Share of a stream's progress that is fetching; saving is the rest. */
const FETCHED_PERCENT = 95

/** An estimate from less than this would be a guess. */
const MIN_ELAPSED_MS = 3 * SECOND
const MIN_PERCENT = 5

/** The reads of a stream run that is not over. */
export interface Reads {
  /** Past days that have been read. */
  pastDays: number
  /** What has been fetched of the open read, 0 to 1; null if Spotify hasn't said how much there is. */
  share: number | null
}

const NO_READS: Reads = { pastDays: 0, share: null }

export function phaseOf({ endedAt, startedAt, phase }: Pick<StreamRun, 'endedAt' | 'startedAt' | 'phase'>): Phase {
  if (endedAt) return 'done'
  if (!startedAt) return 'queued'
  return phase === 'loading' ? 'loading' : 'extracting'
}

type Facts = Pick<StreamRun, 'endedAt' | 'startedAt' | 'phase' | 'extractedAt' | 'instants'>

/** The past days of a stream run that have been read, and all of them; null if it has none. */
export function pastDaysOf({ instants }: Pick<Facts, 'instants'>, { pastDays }: Reads = NO_READS) {
  const total = pastDays + instants.length
  return total === 0 ? null : { done: pastDays, total }
}

/** Progress of a stream run in percent: its current data counts like one past day. 100 only at its end; null if unknown. */
export function percentOf(streamRun: Facts, reads: Reads = NO_READS): number | null {
  const phase = phaseOf(streamRun)
  if (phase === 'done') return 100
  if (phase === 'queued') return 0
  if (phase === 'loading') return FETCHED_PERCENT
  const current = streamRun.extractedAt ? 1 : reads.share
  if (current === null) return null
  const { done, total } = pastDaysOf(streamRun, reads) ?? { done: 0, total: 0 }
  return Math.floor((FETCHED_PERCENT * (current + done)) / (1 + total))
}

/** Progress of a run in percent. Every stream counts alike, and an ended one in full, whatever its end. */
export function runPercent(percents: (number | null)[]): number {
  const sum = percents.reduce<number>((all, percent) => all + (percent ?? 0), 0)
  return percents.length === 0 ? 0 : Math.floor(sum / percents.length)
}

/** How long a run still takes at its pace so far, in seconds; null if that can't be told yet. */
export function secondsLeft(startedAt: Date | null, percent: number, at: Date): number | null {
  const elapsed = startedAt ? at.getTime() - startedAt.getTime() : 0
  if (elapsed < MIN_ELAPSED_MS || percent < MIN_PERCENT || percent >= 100) return null
  return Math.ceil((elapsed * (100 - percent)) / percent / SECOND)
}

/** The reads of those stream runs that are not over, by their ids. */
export async function readsOf(streamRuns: StreamRun[]): Promise<Map<string, Reads>> {
  const active = streamRuns.filter(({ startedAt, endedAt }) => startedAt && !endedAt)
  if (active.length === 0) return new Map()
  const found = await db().streamRead.findMany({
    where: { streamRunId: { in: active.map(({ id }) => id) }, state: { not: 'abandoned' } },
    select: {
      streamRunId: true,
      state: true,
      syncedAt: true,
      items: true,
      expected: true,
      parts: { select: { state: true } },
    },
  })
  return new Map(
    active.map(({ id, queuedAt }) => {
      const reads = found.filter(({ streamRunId }) => streamRunId === id)
      const open = reads.find(({ state }) => state === 'open')
      // A read of the current data has the time of the run.
      const pastDays = reads.filter(({ state, syncedAt }) => state === 'complete' && syncedAt < queuedAt).length
      return [id, { pastDays, share: open ? shareOf(open) : null }]
    }),
  )
}

interface OpenRead {
  items: number
  expected: number | null
  parts: { state: string }[]
}

function shareOf({ items, expected, parts }: OpenRead): number | null {
  if (parts.length > 0) return parts.filter(({ state }) => state !== 'pending').length / parts.length
  return expected ? Math.min(1, items / expected) : null
}
