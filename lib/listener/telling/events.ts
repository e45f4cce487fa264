/** What a listener may choose to be told of. */
export const TELLING_EVENTS = [
  'succeeded',
  'failed',
  'incomplete',
  'recovered',
  'consent ending',
  'weekly summary',
] as const

export type TellingEvent = (typeof TELLING_EVENTS)[number]
