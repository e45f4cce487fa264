import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

/** Real receivers of notifications on this machine. */

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface HttpReceiver {
  origin: string
  received: Received[]
  /** What it responds with from now on. */
  respond(status: number, headers?: Record<string, string>): void
  close(): Promise<void>
}

export async function startHttpReceiver(): Promise<HttpReceiver> {
  const received: Received[] = []
  let status = 200
  let headers: Record<string, string> = {}
  const server = createServer(async (request, response) => {
    received.push({ path: request.url ?? '', headers: request.headers, body: await text(request) })
    response.writeHead(status, headers).end('x'.repeat(100_000))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    respond: (newStatus, newHeaders = {}) => {
      status = newStatus
      headers = newHeaders
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface MailServer {
  url: string
  mails: { to: string[]; text: string }[]
  close(): Promise<void>
}

/** Accepts every mail except those to `nobody@…`. */
export async function startMailServer(): Promise<MailServer> {
  const mails: MailServer['mails'] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, callback) =>
      callback(
        address.startsWith('nobody@') ? Object.assign(new Error('No such mailbox'), { responseCode: 550 }) : null,
      ),
    async onData(stream, session, callback) {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text: await text(stream) })
      callback()
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    close: () => new Promise((done) => server.close(() => done())),
  }
}
