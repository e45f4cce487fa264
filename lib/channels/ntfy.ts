import type { Channel } from './channel.ts'
import { linesOf } from './message.ts'
import { post } from './post.ts'
import { addressProblem, portWarning } from './public-address.ts'

const TOPIC = /^[-_A-Za-z0-9]{1,64}$/
const HIGH = 4
const NORMAL = 3
const TAGS: Record<string, string> = {
  failed: 'rotating_light',
  incomplete: 'warning',
  succeeded: 'white_check_mark',
  recovered: 'white_check_mark',
}
/** ntfy turns longer messages into a file. */
const MAX_LENGTH = 3500

/** `https://ntfy.sh/my-topic` is the server `https://ntfy.sh/` and the topic. A server can have a path. */
function serverAndTopic(address: string): { server: string; topic: string } {
  const url = new URL(address)
  const folders = url.pathname.split('/').filter(Boolean)
  const topic = folders.pop() ?? ''
  url.pathname = `/${folders.join('/')}`
  url.search = ''
  return { server: url.href, topic }
}

/** A topic on ntfy.sh or another server. The secret is an access token for a protected topic. */
export const ntfy: Channel = {
  warningOf: portWarning,
  async problemOf(address) {
    const problem = await addressProblem(address)
    if (problem) return problem
    return TOPIC.test(serverAndTopic(address).topic)
      ? null
      : 'The address must end with the topic, for example https://ntfy.sh/my-topic'
  },
  send({ address, secret }, message) {
    const { server, topic } = serverAndTopic(address)
    // As JSON, because headers can't contain every character of a title.
    const body = {
      topic,
      title: message.title,
      message: linesOf(message).join('\n').slice(0, MAX_LENGTH),
      click: message.link,
      priority: message.event === 'failed' ? HIGH : NORMAL,
      tags: [TAGS[message.event] ?? 'musical_note'],
    }
    return post(server, JSON.stringify(body), {
      'content-type': 'application/json',
      ...(secret ? { authorization: `Bearer ${secret}` } : {}),
    })
  },
}
