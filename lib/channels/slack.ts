import type { Channel } from './channel.ts'
import { detailsOf, type OutgoingMessage } from './message.ts'
import { post } from './post.ts'
import { addressProblem } from './public-address.ts'

const HOSTS = { names: ['hooks.slack.com', 'hooks.slack-gov.com'], like: 'https://hooks.slack.com/services/…' }
/** Slack's limit for the text of one block. */
const MAX_LENGTH = 2900

/** Escapes the three characters that have a meaning in Slack's text, for example for links and mentions. */
const plain = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function bodyOf(message: OutgoingMessage) {
  const details = detailsOf(message)
    .map(([label, value]) => `*${plain(label)}:* ${plain(value)}`)
    .join('\n')
    .slice(0, MAX_LENGTH)
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })
  return {
    text: `${plain(message.title)}: ${message.link}`,
    blocks: [section(`*${plain(message.title)}*`), section(details), section(`<${message.link}|Open in Tracklake>`)],
  }
}

/** An incoming webhook of a Slack app. */
export const slack: Channel = {
  problemOf: (address) => addressProblem(address, HOSTS),
  send: ({ address }, message) =>
    post(address, JSON.stringify(bodyOf(message)), { 'content-type': 'application/json' }, { hosts: HOSTS.names }),
}
