import type { Cell } from '#lib/core/table.ts'
import { CREATE_TOUCHED, TOUCHED } from '#lib/warehouse/touched.ts'
import type { RunStatement } from '#lib/warehouse/warehouse.ts'

/** What a listener decided about one song: that it counts as another one, or, with its own id, that it counts by itself. */
export interface RecordingChoice {
  trackId: string
  recordingId: string
  changedAt: Date
}

/**
 * Choices without chains, as the models read them: if A counts as B and B as C, both count as C. Songs that were chosen
 * in a circle count as the one whose id comes first. The order of the choices doesn't matter.
 */
export function resolveChoices(choices: readonly RecordingChoice[]): RecordingChoice[] {
  const next = new Map(choices.map(({ trackId, recordingId }) => [trackId, recordingId]))
  const isAlone = (id: string) => next.get(id) === id
  return choices.flatMap((choice) => {
    const recordingId = lastOf(choice.trackId, next)
    // Only a choice of the listener's own may say that a song counts by itself: it then ignores its ISRC.
    return recordingId === choice.trackId && !isAlone(choice.trackId) ? [] : [{ ...choice, recordingId }]
  })
}

/** Where a chain of choices ends; of a circle, the id that comes first. */
export function lastOf(trackId: string, next: ReadonlyMap<string, string>): string {
  const passed: string[] = []
  let id = trackId
  for (;;) {
    const following = next.get(id)
    if (following === undefined || following === id) return id
    const start = passed.indexOf(id)
    if (start >= 0) return passed.slice(start).reduce((first, one) => (one < first ? one : first))
    passed.push(id)
    id = following
  }
}

const ROWS_PER_STATEMENT = 500
const COLUMNS = 3

const sqlTime = (at: Date) => at.toISOString().replace('Z', '')

/** Brings raw.recording_choices up to date, and lets the build look at recordings if that changes anything. */
export async function writeChoices(run: RunStatement, choices: readonly RecordingChoice[]): Promise<void> {
  const rows = resolveChoices(choices).map(({ trackId, recordingId, changedAt }): Cell[] => [
    trackId,
    recordingId,
    sqlTime(changedAt),
  ])
  const known = await run('select track_id, recording_id from raw.recording_choices')
  const nameOf = (cells: (Cell | undefined)[]) => `${cells[0]} ${cells[1]}`
  const held = new Set(known.map(({ track_id, recording_id }) => nameOf([track_id, recording_id])))
  if (held.size === rows.length && rows.every((row) => held.has(nameOf(row)))) return
  await run('delete from raw.recording_choices')
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const batch = rows.slice(start, start + ROWS_PER_STATEMENT)
    const places = batch.map(() => `(${Array.from({ length: COLUMNS }, () => '?').join(', ')})`)
    await run(
      `insert into raw.recording_choices (track_id, recording_id, changed_at) values ${places.join(', ')}`,
      batch.flat(),
    )
  }
  await run('create schema if not exists tracklake')
  await run(CREATE_TOUCHED)
  await run(`insert into ${TOUCHED} values ('recording_choices', '')`)
}
