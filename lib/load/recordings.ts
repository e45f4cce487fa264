import { db } from '#lib/db.ts'
import type { RecordingChoice } from '#lib/models/recordings.ts'

/** All that a listener decided about recordings. At most as much as lib/accounts/recordings.ts lets in. */
export function recordingChoices(userId: string): Promise<RecordingChoice[]> {
  return db().recordingChoice.findMany({
    where: { userId },
    orderBy: { trackId: 'asc' },
    select: { trackId: true, recordingId: true, changedAt: true },
  })
}
