import type { NotificationEvent } from '#lib/api/lists.ts'

export const EVENTS: Record<NotificationEvent, { label: string; help: string }> = {
  failed: {
    label: 'Failed',
    help: 'A sync, Spotify or your warehouse stops working. Sent once, not for every attempt.',
  },
  'check failed': { label: 'Check failed', help: 'Something in your tables looks wrong. Sent once.' },
  incomplete: { label: 'Incomplete', help: 'A sync ended with parts missing. Sent once.' },
  recovered: { label: 'Recovered', help: 'Something reported here works again.' },
  'consent ending': { label: 'Consent expiring', help: 'Spotify must be reconnected soon, or now.' },
  'weekly summary': { label: 'Weekly summary', help: 'Your week in numbers, on Mondays at 9:00.' },
  succeeded: { label: 'Succeeded', help: 'Every sync that brought something new. That can be many a day.' },
}

/** Preselected events of a new channel. */
export const DEFAULT_EVENTS: NotificationEvent[] = [
  'failed',
  'check failed',
  'incomplete',
  'recovered',
  'consent ending',
]
