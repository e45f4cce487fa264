import { Stop } from '#lib/core/errors.ts'

/** How the form shows a kind of channel. The browser gets this file, but not how messages are sent. */
interface ChannelLabels {
  title: string
  /** Label of the address field. */
  address: string
  placeholder: string
  help: string
  /** The field of an access token, for kinds that can take one. */
  token?: { label: string; help: string }
}

const LABELS = {
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
    token: { label: 'Access token', help: 'Only for protected topics.' },
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
} satisfies Record<string, ChannelLabels>

/** A kind of channel, as it is named in the database and the API. */
export type ChannelKind = keyof typeof LABELS

export const CHANNEL_LABELS: Record<ChannelKind, ChannelLabels> = LABELS

const isChannelKind = (name: string): name is ChannelKind => Object.hasOwn(LABELS, name)

export const CHANNEL_KINDS = Object.keys(LABELS).filter(isChannelKind)

/** The kind of a saved channel. @throws Stop if this version doesn't know it */
export function channelKind(name: string): ChannelKind {
  if (isChannelKind(name)) return name
  throw new Stop(`There is no kind of channel "${name}"`, {
    remedy: 'The channel comes from a newer version of Tracklake.',
  })
}
