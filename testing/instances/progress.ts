import { MINUTE, pause } from '#lib/core/clock.ts'
import { withClient } from '#scripts/postgres.ts'

/** The open and finished work of an instance, from its database. */
interface Progress {
  runs: number
  loads: number
  /** Pages and loads finished so far. */
  done: number
  /** The newest run that extracts. */
  newest: string | null
  /** Open stream runs, for the error message when nothing moves any more. */
  open: string | null
}

const PROGRESS_SQL = `
  select (select count(*)::int from "Run" where "endedAt" is null) as runs,
         (select count(*)::int from "LoadLedger" where state = 'waiting') as loads,
         (select count(*)::int from "LandedObject") + (select count(*)::int from "LoadLedger" where state = 'loaded') as done,
         (select id from "Run" where kind = 'extract' order by id desc limit 1) as newest,
         (select string_agg(stream || ' ' || state || ' ' || pages || ' ' || coalesce(phase, ''), ', ')
            from "StreamRun" where "endedAt" is null) as open`

const POLL_EVERY_MS = 200
const PATIENCE_MS = 5 * MINUTE

/** @returns undefined while the database is unavailable */
export async function readProgress(databaseUrl: () => string): Promise<Progress | undefined> {
  try {
    const { rows } = await withClient(databaseUrl(), (client) => client.query<Progress>(PROGRESS_SQL))
    return rows[0]
  } catch {
    return undefined
  }
}

/** Waits until no run or load is open. @returns the id of the newest run that extracts */
export async function waitUntilIdle(databaseUrl: () => string): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await readProgress(databaseUrl)
    if (found?.newest && found.runs === 0 && found.loads === 0) return found.newest
    if (Date.now() > deadline) throw new Error(`The instance is still not idle: ${JSON.stringify(found)}`)
    await pause(POLL_EVERY_MS)
  }
}
