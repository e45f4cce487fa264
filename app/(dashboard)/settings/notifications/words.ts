import type { NotificationEvent } from '#lib/api/lists.ts'
import type { ChannelKind } from '#lib/channels/kinds.ts'

interface KindWords {
  title: string
  /** Of the field for the address. */
  address: string
  like: string
  help: string
}

export const KINDS: Record<ChannelKind, KindWords> = {
  slack: {
    title: 'Slack',
    address: 'Webhook address',
    like: 'https://hooks.slack.com/services/…',
    help: 'In Slack: your app, Incoming Webhooks, Add New Webhook. Each one posts to one channel.',
  },
  discord: {
    title: 'Discord',
    address: 'Webhook address',
    like: 'https://discord.com/api/webhooks/…',
    help: 'In Discord: Edit Channel, Integrations, Webhooks, Copy Webhook URL.',
  },
  ntfy: {
    title: 'ntfy',
    address: 'Topic address',
    like: 'https://ntfy.sh/my-topic',
    help: 'Whoever knows a topic of ntfy.sh reads it: choose a name that nobody guesses, or a protected topic.',
  },
  webhook: {
    title: 'Webhook',
    address: 'Address',
    like: 'https://example.com/hooks/tracklake',
    help: 'Gets JSON by POST, signed as Standard Webhooks describes it.',
  },
  email: {
    title: 'E-mail',
    address: 'E-mail address',
    like: 'you@example.com',
    help: 'One address. Add another channel for another one.',
  },
}

export const EVENTS: Record<NotificationEvent, { label: string; help: string }> = {
  failed: {
    label: 'Failed',
    help: 'A stream, Spotify or your warehouse does not work: told once, not at each try.',
  },
  incomplete: { label: 'Incomplete', help: 'A run ended, and a part of it is missing: told once.' },
  recovered: { label: 'Recovered', help: 'What this channel was told of works again.' },
  'consent ending': { label: 'Consent ending', help: 'Spotify has to be reconnected soon, or now.' },
  'weekly summary': { label: 'Weekly summary', help: 'The figures of your week, on Monday at 9:00.' },
  succeeded: { label: 'Succeeded', help: 'Every run that brought something new: many a day.' },
}

/** What a new channel is told of unless its owner chooses otherwise. */
export const USUAL_EVENTS: NotificationEvent[] = ['failed', 'incomplete', 'recovered', 'consent ending']
