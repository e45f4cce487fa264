import type { NotificationEvent } from '#lib/api/lists.ts'
import type { ChannelKind } from '#lib/channels/kinds.ts'

interface ChannelLabels {
  title: string
  /** Label of the address field. */
  address: string
  placeholder: string
  help: string
}

export const CHANNEL_LABELS: Record<ChannelKind, ChannelLabels> = {
  slack: {
    title: 'Slack',
    address: 'Webhook address',
    placeholder: 'https://hooks.slack.com/services/…',
    help: 'In Slack: open your app, Incoming Webhooks, Add New Webhook. Each webhook posts to one channel.',
  },
  discord: {
    title: 'Discord',
    address: 'Webhook address',
    placeholder: 'https://discord.com/api/webhooks/…',
    help: 'In Discord: Edit Channel, Integrations, Webhooks, Copy Webhook URL.',
  },
  ntfy: {
    title: 'ntfy',
    address: 'Topic address',
    placeholder: 'https://ntfy.sh/my-topic',
    help: 'Anyone who knows an ntfy.sh topic can read it. Use a name nobody can guess, or a protected topic.',
  },
  webhook: {
    title: 'Webhook',
    address: 'Address',
    placeholder: 'https://example.com/hooks/tracklake',
    help: 'Receives JSON by POST, signed as described by Standard Webhooks.',
  },
  email: {
    title: 'Email',
    address: 'Email address',
    placeholder: 'you@example.com',
    help: 'One address per channel.',
  },
}

export const EVENTS: Record<NotificationEvent, { label: string; help: string }> = {
  failed: {
    label: 'Failed',
    help: 'A sync, Spotify or your warehouse stops working. Sent once, not for every attempt.',
  },
  incomplete: { label: 'Incomplete', help: 'A sync ended with parts missing. Sent once.' },
  recovered: { label: 'Recovered', help: 'Something reported here works again.' },
  'consent ending': { label: 'Consent expiring', help: 'Spotify must be reconnected soon, or now.' },
  'weekly summary': { label: 'Weekly summary', help: 'Your week in numbers, on Mondays at 9:00.' },
  succeeded: { label: 'Succeeded', help: 'Every sync that brought something new. That can be many a day.' },
}

/** Preselected events of a new channel. */
export const DEFAULT_EVENTS: NotificationEvent[] = ['failed', 'incomplete', 'recovered', 'consent ending']
