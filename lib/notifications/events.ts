import type { TellingEventWord } from '#lib/api/answers.ts'

/** What a listener may choose to be told of. */
export type TellingEvent = TellingEventWord

export const TELLING_EVENTS = [
  'succeeded',
  'failed',
  'incomplete',
  'recovered',
  'consent ending',
  'weekly summary',
] as const satisfies TellingEvent[]
