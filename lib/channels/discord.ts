import type { Channel } from './channel.ts'
import { detailsOf, type OutgoingMessage } from './message.ts'
import { post } from './post.ts'
import { addressProblem } from './public-address.ts'

const HOSTS = {
  names: ['discord.com', 'discordapp.com', 'ptb.discord.com', 'canary.discord.com'],
  like: 'https://discord.com/api/webhooks/…',
}
/** Discord's limits for a title, a field and the number of fields. */
const MAX_TITLE = 256
const MAX_VALUE = 1024
const MAX_FIELDS = 25
const COLORS: Record<string, number> = {
  failed: 0xef6f8e,
  incomplete: 0xe8b54d,
  succeeded: 0x5fd3a3,
  recovered: 0x5fd3a3,
}
const LAKE = 0x38c6e8

function bodyOf(message: OutgoingMessage) {
  const fields = detailsOf(message)
    .slice(0, MAX_FIELDS)
    .map(([name, value]) => ({ name: name.slice(0, MAX_TITLE), value: (value || '–').slice(0, MAX_VALUE) }))
  const { title, link: url, at: timestamp, event } = message
  return {
    // The text of a message must not mention anyone.
    allowed_mentions: { parse: [] },
    embeds: [{ title: title.slice(0, MAX_TITLE), url, timestamp, color: COLORS[event] ?? LAKE, fields }],
  }
}

/** A webhook of a Discord channel. */
export const discord: Channel = {
  problemOf: (address) => addressProblem(address, HOSTS),
  send: ({ address }, message) =>
    post(address, JSON.stringify(bodyOf(message)), { 'content-type': 'application/json' }, { hosts: HOSTS.names }),
}
