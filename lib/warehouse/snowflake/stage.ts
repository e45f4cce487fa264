import { SECOND } from '#lib/core/clock.ts'
import { Failure } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import type { Load } from '#lib/warehouse/warehouse.ts'
import { endsSession } from './failures.ts'
import type { Rows } from './rows.ts'
import type { Session } from './session.ts'
import { copyFile, type Place, putFile, stagedChunk, stagedTable, type Waiting } from './sql.ts'

/** Brings the rows to where statements find them, once however often it is asked. */
export type Stage = () => Promise<Waiting>

// The cloud store is another host than Snowflake; where a firewall swallows it, chunks do.
const FILE_MS = 120 * SECOND

export function stageOf({ session, place }: { session: Session; place: Place }, load: Load, rows: Rows): Stage {
  let staged: Promise<Waiting> | undefined
  return () => {
    staged ??= stage(session, place, folderOf(load), rows)
    return staged
  }
}

async function stage(session: Session, place: Place, folder: string, rows: Rows): Promise<Waiting> {
  const json = rows.single()
  if (json !== undefined) return { kind: 'bound', json }
  await session.run(stagedTable(place), { warehouse: false })
  if (rows.file && (await throughFile(session, place, folder, rows.file))) return { kind: 'staged' }
  for await (const chunk of rows.chunks()) await session.run(stagedChunk(place, chunk))
  return { kind: 'staged' }
}

/** @returns false when the file could not be brought there and the table waits empty for chunks */
async function throughFile(
  session: Session,
  place: Place,
  folder: string,
  { path, bytes }: { path: string; bytes: number },
): Promise<boolean> {
  try {
    await session.run(putFile(path, folder), { warehouse: false, bytes, deadlineMs: FILE_MS })
    await session.run(copyFile(place, folder))
    return true
  } catch (thrown) {
    if (!(thrown instanceof Failure) || endsSession(thrown) || thrown.recovery === 'wait') throw thrown
    log.warn('A file did not reach the store of Snowflake; its rows go through statements', { reason: thrown.cause })
    await session.run(stagedTable(place), { warehouse: false })
    return false
  }
}

/** A place of its own for each read and table, so that a repetition overwrites its own file only. */
function folderOf({ readId, table }: Load): string {
  return `${readId}.${table.name}`.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 200)
}
