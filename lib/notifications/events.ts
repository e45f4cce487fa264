import type { TellingEventWord } from '#lib/api/answers.ts'

/** Events that a listener can choose to be notified about. */
export type TellingEvent = TellingEventWord

export const TELLING_EVENTS = [
  'succeeded',
  'failed',
  'incomplete',
  'recovered',
  'consent ending',
  'weekly summary',
] as const satisfies TellingEvent[]
