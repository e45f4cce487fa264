import type { CountingResponse } from '#lib/api/counting.ts'
import type { CountingRule, UncountedReason } from '#lib/models/counting.ts'

/** A rule as a choice, what it means exactly, and as the end of "Counts plays …". */
export const RULE_LABELS: Record<CountingRule, { label: string; detail: string; plays: string }> = {
  '30s': {
    label: 'At least 30 seconds',
    detail: 'Or all of a shorter song. Spotify counts streams from 30 seconds, too.',
    plays: 'plays of at least 30 seconds',
  },
  half: {
    label: 'At least half of the song',
    detail: 'Or 30 seconds, where the length of the song is unknown.',
    plays: 'plays of at least half the song',
  },
  completed: {
    label: 'Played to the end',
    detail: 'Give or take the last 5 seconds.',
    plays: 'songs played to the end',
  },
  all: { label: 'Every play', detail: 'Even one second.', plays: 'every play' },
}

export const REASON_LABELS: Record<UncountedReason, string> = {
  excluded: 'excluded',
  'other tracker': 'from another tracker',
  'private session': 'private session',
  skipped: 'skipped',
  'too short': 'too short',
}

/** "plays of at least 30 seconds, without skips" */
export function formatCounting({ rule, countsPrivate, countsSkips, countsOtherSources }: CountingResponse): string {
  return [
    RULE_LABELS[rule].plays,
    !countsSkips && 'without skips',
    !countsPrivate && 'without private sessions',
    countsOtherSources && 'with other trackers',
  ]
    .filter(Boolean)
    .join(', ')
}
