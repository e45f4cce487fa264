import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { post } from './post.ts'

/** Malicious or broken receivers. */

const resolve = async () => [{ address: '127.0.0.1', family: 4 }]

/** Posts a message to a receiver that behaves like this. */
async function postTo(receive: RequestListener, deadlineMs?: number): Promise<void> {
  const server = createServer(receive)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    await post(`http://receiver.invalid:${port}/`, '{}', {}, { resolve, ...(deadlineMs ? { deadlineMs } : {}) })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test.for([
  ['does not respond', (response) => response.socket],
  ['starts a response and never ends it', (response) => response.writeHead(200).write('x')],
] as const satisfies [string, (response: Parameters<RequestListener>[1]) => unknown][])(
  'gives up on a receiver that %s, to retry later',
  async ([, respond]) => {
    const posting = postTo((_, response) => respond(response), 100)
    await expect(posting).rejects.toMatchObject({
      recovery: 'retry',
      message: expect.stringContaining('did not respond'),
    })
  },
)

test('reads only the beginning of an endless response', async () => {
  let sent = 0
  const chunk = Buffer.alloc(16 * 1024)
  await postTo((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length
    }
    response.on('drain', more)
    more()
  })
  expect(sent).toBeLessThan(16 * 1024 * 1024)
})
