import type { Channel } from './channel.ts'
import { discord } from './discord.ts'
import { email } from './email.ts'
import type { ChannelKind } from './kinds.ts'
import { ntfy } from './ntfy.ts'
import { slack } from './slack.ts'
import { webhook } from './webhook.ts'

export type { Target } from './channel.ts'
export { canMail } from './email.ts'
export type { OutgoingMessage } from './message.ts'

/** Every kind of channel, by its name in the database. */
export const channels: Record<ChannelKind, Channel> = { slack, discord, ntfy, webhook, email }
