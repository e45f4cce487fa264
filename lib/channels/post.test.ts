import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { post } from './post.ts'

/** Receivers that mean no good, or are broken. */

const resolve = async () => [{ address: '127.0.0.1', family: 4 }]

/** What becomes of a message to a receiver, and how the receiver sees the connection end. */
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
  ['does not answer', (response) => response.socket],
  ['begins an answer and never ends it', (response) => response.writeHead(200).write('x')],
] as const satisfies [string, (response: Parameters<RequestListener>[1]) => unknown][])(
  'a receiver that %s is given up, to be tried again',
  async ([, answer]) => {
    const tried = postTo((_, response) => answer(response), 100)
    await expect(tried).rejects.toMatchObject({ recovery: 'retry', message: expect.stringContaining('did not answer') })
  },
)

test('of an answer without end only the beginning is read', async () => {
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
