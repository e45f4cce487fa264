import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

/** Requests as strangers send them: many at once, large, and without reading the rules of HTTP first. */

export interface Shot {
  path: string
  bytes: number
  /** Sends the body in chunks, without its length. */
  isChunked?: boolean
  headers?: string[]
}

const PIECE = Buffer.alloc(64 * 1024, 'x')

/** Opens a connection to an origin. */
export async function connectTo(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** The status line, headers and body that a connection gets until the other end closes it. */
async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (data: string) => {
    text += data
  })
  if (!socket.closed) await once(socket, 'close')
  return text
}

/** Sends text as it is, and returns the response. */
export async function sendRaw(origin: string, text: string): Promise<string> {
  const socket = await connectTo(origin)
  socket.write(text)
  return readAll(socket)
}

/**
 * Posts `count` bodies at once, each over a connection of its own.
 * @returns the status of each response, 0 without one, and how long the slowest took, ms
 */
export async function storm(
  origin: string,
  count: number,
  shot: Shot,
): Promise<{ statuses: number[]; slowestMs: number }> {
  const shots = await Promise.all(Array.from({ length: count }, () => shoot(origin, shot)))
  return {
    statuses: shots.map(({ status }) => status),
    slowestMs: Math.max(...shots.map(({ ms }) => ms)),
  }
}

async function shoot(origin: string, { path, bytes, isChunked = false, headers = [] }: Shot) {
  const start = performance.now()
  const socket = await connectTo(origin).catch(() => undefined)
  if (!socket) return { status: 0, ms: performance.now() - start }
  const answered = new Promise<number>((done) => {
    socket.once('data', (data) => done(Number(/^HTTP\/1\.1 (\d+)/.exec(String(data))?.[1] ?? 0)))
    socket.once('close', () => done(0))
  })
  const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`
  const { host } = new URL(origin)
  socket.write([`POST ${path} HTTP/1.1`, `Host: ${host}`, length, ...headers, '', ''].join('\r\n'))
  void sendBody(socket, bytes, isChunked)
  const status = await answered
  const ms = performance.now() - start
  socket.destroy()
  return { status, ms }
}

async function sendBody(socket: Socket, bytes: number, isChunked: boolean): Promise<void> {
  for (let left = bytes; left > 0 && socket.writable; left -= PIECE.length) {
    const piece = PIECE.subarray(0, Math.min(left, PIECE.length))
    if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`)
    const isFull = !socket.write(piece)
    if (isChunked) socket.write('\r\n')
    if (isFull) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
  }
  if (isChunked && socket.writable) socket.write('0\r\n\r\n')
}

/** The resident memory of a process in MB. Linux only. */
export function residentMb(pid: number): number {
  const [, kB = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kB) / 1024
}
