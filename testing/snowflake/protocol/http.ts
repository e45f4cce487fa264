import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'

const HOST = '127.0.0.1'
const MAX_BYTES = 128 * 1024 * 1024

/** Reads a JSON body; the driver may send it compressed. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > MAX_BYTES) throw new Error('The body is too long')
    chunks.push(bytes)
  }
  const body = Buffer.concat(chunks)
  if (body.length === 0) return {}
  return JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8'))
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  send(response, status, 'application/json', JSON.stringify(value))
}

export function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.destroyed || response.headersSent) return
  const content = Buffer.from(body)
  response.writeHead(status, { 'content-type': type, 'content-length': content.length })
  response.end(content)
}

/** @returns `http://127.0.0.1:port` */
export function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(`http://${HOST}:${typeof address === 'object' && address ? address.port : port}`)
    })
  })
}

export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Also connections that a fault keeps open.
    server.closeAllConnections()
  })
}
