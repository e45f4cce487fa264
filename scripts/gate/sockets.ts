import type { Socket } from 'node:net'
import type { Exchange } from './exchange.ts'

interface Connection {
  address: string
  exchanges: Set<Exchange>
  /** Whether a request is being handled; otherwise the server waits for the other end. */
  isAnswering: boolean
  /** When that last changed, ms. */
  since: number
}

/**
 * The connections of a server, at most `max`. A new one replaces the one that has kept the server waiting longest, from
 * the address with the most such connections, so neither idle connections nor a single visitor can lock others out.
 */
export class Sockets {
  readonly #max: number
  readonly #connections = new Map<Socket, Connection>()

  constructor(max: number) {
    this.#max = max
  }

  add(socket: Socket): void {
    const { remoteAddress: address = '' } = socket
    this.#connections.set(socket, { address, exchanges: new Set(), isAnswering: false, since: performance.now() })
    socket.once('close', () => {
      const { exchanges } = this.#connections.get(socket) ?? { exchanges: [] }
      this.#connections.delete(socket)
      for (const exchange of exchanges) exchange.end()
    })
    if (this.#connections.size > this.#max) (this.#longestWaiting() ?? socket).destroy()
  }

  /**
   * Counts a request until it ends or the connection is closed.
   * @returns false if the connection already has `most`
   */
  open(socket: Socket, exchange: Exchange, most: number): boolean {
    const connection = this.#connections.get(socket)
    if (!connection || connection.exchanges.size >= most) return false
    connection.exchanges.add(exchange)
    exchange.onEnd(() => {
      connection.exchanges.delete(exchange)
      if (connection.exchanges.size === 0) this.#change(connection, false)
    })
    return true
  }

  answering(socket: Socket): void {
    const connection = this.#connections.get(socket)
    if (connection) this.#change(connection, true)
  }

  #change(connection: Connection, isAnswering: boolean): void {
    connection.isAnswering = isAnswering
    connection.since = performance.now()
  }

  #longestWaiting(): Socket | undefined {
    // Bytes that are still to be written show that the other end doesn't read its response.
    const isWaiting = (socket: Socket, { isAnswering }: Connection) => !isAnswering || socket.writableLength > 0
    const waiting = [...this.#connections].filter(([socket, connection]) => isWaiting(socket, connection))
    const counts = new Map<string, number>()
    for (const [, { address }] of waiting) counts.set(address, (counts.get(address) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const [longest] = waiting
      .filter(([, { address }]) => counts.get(address) === most)
      .toSorted(([, one], [, other]) => one.since - other.since)
    return longest?.[0]
  }
}
