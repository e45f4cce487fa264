/** Every kind of channel, by its name in the database. */
export const CHANNEL_KINDS = ['slack', 'discord', 'ntfy', 'webhook', 'email'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]
