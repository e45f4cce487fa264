import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A MusicBrainz on this machine, whose responses have the shape of the real ones. */

export interface MusicBrainzRequest {
  /** The searched name, or the id that is looked up. */
  about: string
  at: number
  headers: IncomingHttpHeaders
}

/** What is wrong with a response. */
export type MusicBrainzFault = (response: ServerResponse) => void

export interface MusicBrainzDouble {
  url: string
  requests: MusicBrainzRequest[]
  /** The most requests that were in flight at once. */
  mostAtOnce(): number
  /** Artists by id: their name, and their genres with votes. */
  artists: Map<string, { name: string; score?: number; genres: Record<string, number> }>
  /** The next responses are faulty. */
  failNext(...faults: MusicBrainzFault[]): void
  close(): Promise<void>
}

export const FAULTS = {
  busy: (response) => response.writeHead(503, { 'retry-after': '5' }).end('{"error":"Your requests are exceeding …"}'),
  refused: (response) => response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"Invalid"}'),
  html: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Maintenance</html>'),
  half: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"artists": [{"id": "a"'),
  cut: (response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"artists":')
    response.destroy()
  },
  redirect: (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  endless: (response) => {
    response.writeHead(200)
    const send = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    }
    response.on('drain', send)
    send()
  },
  silent: () => undefined,
  nulls: (response) => response.writeHead(200).end('{"artists": [null, {"id": null, "name": 1}]}'),
} satisfies Record<string, MusicBrainzFault>

export async function startMusicBrainz(): Promise<MusicBrainzDouble> {
  const requests: MusicBrainzRequest[] = []
  const artists: MusicBrainzDouble['artists'] = new Map()
  const faults: MusicBrainzFault[] = []
  let inFlight = 0
  let mostAtOnce = 0
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    const id = /^\/ws\/2\/artist\/(.+)$/.exec(decodeURIComponent(url.pathname))?.[1]
    const name = /^artist:"(.*)"$/s.exec(url.searchParams.get('query') ?? '')?.[1]?.replaceAll(/\\(.)/g, '$1')
    requests.push({ about: id ?? name ?? '', at: Date.now(), headers: request.headers })
    mostAtOnce = Math.max(mostAtOnce, ++inFlight)
    response.on('close', () => inFlight--)
    const fault = faults.shift()
    if (fault) return fault(response)
    const artist = artists.get(id ?? '')
    const status = id && !artist ? 404 : 200
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    if (status === 404) return response.end('{"error":"Not Found"}')
    if (artist) {
      const genres = Object.entries(artist.genres).map(([genre, count]) => ({
        id: `genre-${genre}`,
        name: genre,
        count,
        disambiguation: '',
      }))
      return response.end(JSON.stringify({ id, name: artist.name, genres }))
    }
    const found = [...artists].filter(([, artist]) => artist.name.toLowerCase().includes((name ?? '').toLowerCase()))
    const listed = found.map(([id, artist]) => ({
      id,
      name: artist.name,
      'sort-name': artist.name,
      score: artist.score ?? 100,
    }))
    return response.end(JSON.stringify({ created: '2026-11-30', count: listed.length, offset: 0, artists: listed }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ws/2`,
    requests,
    artists,
    mostAtOnce: () => mostAtOnce,
    failNext: (...next) => void faults.push(...next),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
