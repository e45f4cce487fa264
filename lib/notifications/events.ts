import type { NotificationEvent } from '#lib/api/lists.ts'

/** What a listener may choose to be told of. */
export type TellingEvent = NotificationEvent

export const TELLING_EVENTS = [
  'succeeded',
  'failed',
  'incomplete',
  'recovered',
  'consent ending',
  'weekly summary',
] as const satisfies TellingEvent[]
