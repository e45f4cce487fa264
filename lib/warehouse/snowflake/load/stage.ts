import { SECOND } from '#lib/core/clock.ts'
import { Failure } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { keptBy } from '#lib/warehouse/check-load.ts'
import { endsSession } from '#lib/warehouse/snowflake/driver/failures.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'
import {
  copyFile,
  type Place,
  putFile,
  type RowSource,
  stagedChunk,
  stagedTable,
} from '#lib/warehouse/snowflake/sql.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import type { Rows } from './rows.ts'

/** Brings the rows to where statements can read them. Runs once, however often it is called. */
export type Stage = () => Promise<RowSource>

// The cloud storage is a different host. If a firewall blocks it, the rows go as chunks instead.
const FILE_MS = 120 * SECOND

export function stageOf({ session, place }: { session: Session; place: Place }, load: Load, rows: Rows): Stage {
  let staged: Promise<RowSource> | undefined
  return () => {
    staged ??= stage(session, place, load, rows)
    return staged
  }
}

async function stage(session: Session, place: Place, load: Load, rows: Rows): Promise<RowSource> {
  const folder = folderOf(load)
  // Statements that keep rows read the arrived rows twice.
  const json = keptBy(load) ? undefined : rows.single()
  if (json !== undefined) return { kind: 'bound', json }
  await session.run(stagedTable(place))
  if (rows.file && (await stageFile(session, place, folder, rows.file))) return { kind: 'staged' }
  for await (const chunk of rows.chunks()) await session.run(stagedChunk(place, chunk))
  return { kind: 'staged' }
}

/** @returns false when the upload failed and the table is empty and ready for chunks */
async function stageFile(
  session: Session,
  place: Place,
  folder: string,
  { path, bytes }: { path: string; bytes: number },
): Promise<boolean> {
  try {
    await session.run(putFile(path, folder), { bytes, deadlineMs: FILE_MS })
    await session.run(copyFile(place, folder))
    return true
  } catch (error) {
    if (!(error instanceof Failure) || endsSession(error) || error.recovery === 'wait') throw error
    log.warn('a file upload to Snowflake failed; its rows are sent in statements instead', { reason: error.cause })
    await session.run(stagedTable(place))
    return false
  }
}

/** A folder for each read and table, so that a retry overwrites only its own file. */
function folderOf({ readId, table }: Load): string {
  return `${readId}.${table.name}`.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 200)
}
