import type { Cell } from '#lib/core/table.ts'
import type { RunStatement } from '#lib/warehouse/warehouse.ts'

/** What a listener decided about one play. */
export interface Exclusion {
  playedAt: Date
  uri: string
  /** False: it counts again. */
  excluded: boolean
  changedAt: Date
}

/** Reads what changed after a moment, oldest first; everything without one. */
export type ExclusionsSince = (since: Date | null) => Promise<Exclusion[]>

const ROWS_PER_STATEMENT = 500

const sqlTime = (at: Date) => at.toISOString().replace('Z', '')

/**
 * Brings raw.excluded_plays up to date. Only reads what is newer than its newest row, because every change of a listener
 * is dated later than the ones before.
 * @returns when the newest decision in the table was made; null without any
 */
export async function writeExclusions(run: RunStatement, exclusionsSince: ExclusionsSince): Promise<Date | null> {
  const [newest] = await run('select max(changed_at) as changed_at from raw.excluded_plays')
  const known = typeof newest?.changed_at === 'string' ? new Date(newest.changed_at) : null
  const changed = await exclusionsSince(known)
  for (let start = 0; start < changed.length; start += ROWS_PER_STATEMENT)
    await replaceRows(run, changed.slice(start, start + ROWS_PER_STATEMENT))
  return changed.at(-1)?.changedAt ?? known
}

async function replaceRows(run: RunStatement, rows: Exclusion[]): Promise<void> {
  const keys = rows.map(() => '(cast(? as timestamp), ?)').join(', ')
  await run(
    `delete from raw.excluded_plays where (played_at, uri) in (${keys})`,
    rows.flatMap(({ playedAt, uri }): Cell[] => [sqlTime(playedAt), uri]),
  )
  await run(
    `insert into raw.excluded_plays (played_at, uri, excluded, changed_at) values ${rows.map(() => '(?, ?, ?, ?)').join(', ')}`,
    rows.flatMap(({ playedAt, uri, excluded, changedAt }): Cell[] => [
      sqlTime(playedAt),
      uri,
      excluded,
      sqlTime(changedAt),
    ]),
  )
}
