import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { DAY, MINUTE, SECOND } from '#lib/core/clock.ts'
import { fingerprints } from '#lib/extract/page.ts'
import { type PackWriter, packWriter } from '#lib/landing/pack.ts'
import { streams } from '#lib/streams/index.ts'
import { recentlyPlayed } from '#lib/streams/recently-played.ts'
import type { Stream, StreamPart } from '#lib/streams/stream.ts'
import { remoteSimulator } from '#simulator/admin/remote.ts'
import { createSimulation } from '#simulator/music/simulation.ts'
import { startSimulator } from '#simulator/simulator.ts'
import type { Figure } from './figure.ts'
import { LISTENER } from './instances.ts'

const MEGABYTE = 1_000_000
const DAYS = 365
const START = Date.UTC(2025, 10, 20, 5)
/** Where lib/sync/pack-landing.ts starts a new file. */
const FULL_BYTES = 8 * 1024 * 1024
const FULL_RESYNC_DAYS = 7
const MAX_PAGES = 400
const POLL_EVERY_MS = 30 * MINUTE

const simulation = createSimulation(1)

const APP = { clientId: 'a'.repeat(32), clientSecret: 'b'.repeat(32) }
const Granted = z.object({ grant: z.object({ access_token: z.string() }) })

interface Landed {
  text: string
  items: Uint8Array
}

/** Counts what the pages of one list take: as they come, and packed. */
class ListSize {
  plain = 0
  #full = 0
  #writer: PackWriter | undefined

  async add(pages: Landed[]): Promise<void> {
    this.#writer ??= await packWriter()
    for (const { text, items } of pages) {
      this.plain += gzipSync(text).length
      await this.#writer.add(text, items)
    }
    if (this.#writer.bytes() < FULL_BYTES) return
    this.#full += (await this.#writer.file()).length
    this.#writer = undefined
  }

  async packed(): Promise<number> {
    return this.#full + ((await this.#writer?.file())?.length ?? 0)
  }
}

/** Reads the simulated Spotify at an instant. */
type Fetch = (stream: Stream, pages?: number, part?: string) => Promise<{ pages: Landed[]; parts: StreamPart[] }>

async function withYear<T>(work: (at: (instant: number) => Promise<Fetch>) => Promise<T>): Promise<T> {
  let present = START
  const simulator = await startSimulator({ port: 0, seed: 1, ...APP, now: () => new Date(present), admin: true })
  const remote = remoteSimulator(simulator.url)
  const scopes = [...new Set(streams.flatMap((stream) => stream.scopes))]
  try {
    return await work(async (instant) => {
      present = instant
      const order = { clock: { set: new Date(instant).toISOString() }, grant: { listener: LISTENER, scopes } }
      const { grant } = Granted.parse(await remote.configure(order))
      return (stream, pages = MAX_PAGES, part = '') => fetchList(simulator.url, grant.access_token, stream, pages, part)
    })
  } finally {
    await simulator.stop()
  }
}

async function fetchList(url: string, token: string, stream: Stream, atMost: number, part: string) {
  const pages: Landed[] = []
  const parts: StreamPart[] = []
  let query: Record<string, string> = {}
  for (let more = true; more && pages.length < atMost; ) {
    const params = new URLSearchParams({ ...stream.query, limit: String(stream.limit), ...query })
    const path = stream.endpoint.replace('{part}', part)
    const response = await fetch(`${url}/v1${path}?${params}`, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) break
    const text = await response.text()
    const page = stream.page(JSON.parse(text))
    pages.push({ text, items: fingerprints(stream, page.items) })
    for (const item of page.items) {
      const found = item === null ? null : stream.part?.(item, { spotifyUserId: LISTENER })
      if (found) parts.push(found)
    }
    more = stream.paging === 'cursor' ? page.cursor !== null : stream.paging === 'offset' && page.hasNext
    query = page.cursor ? { after: page.cursor } : { offset: String(pages.length * stream.limit) }
  }
  return { pages, parts }
}

const listener = simulation.listener(LISTENER)
if (!listener) throw new Error(`The simulated Spotify has no listener ${LISTENER}.`)
const music = simulation.music(listener, START + DAYS * DAY)

/** The half hours of a day in which a play ended, so that a poll finds something new. */
function pollsWithNewPlays(dayStart: number): number[] {
  const plays = music.plays(dayStart, dayStart + DAY, Number.POSITIVE_INFINITY)
  const halves = plays.map(({ playedAt }) => Math.ceil(playedAt / POLL_EVERY_MS) * POLL_EVERY_MS)
  return [...new Set(halves)].sort((one, other) => one - other)
}

/**
 * A year of the simulated listener: polls of plays, top lists every day, lists with change detection by their first page, and
 * completely once a week.
 */
export async function measureLandingYear(): Promise<Figure[]> {
  const sizes = new Map(streams.map(({ name }) => [name, new ListSize()]))
  const land = (stream: Stream, pages: Landed[]) => (sizes.get(stream.name) as ListSize).add(pages)
  const sum = (one: (size: ListSize) => number) => [...sizes.values()].reduce((all, size) => all + one(size), 0)
  const heads = new Map<string, string>()
  const versions = new Map<string, string>()
  let newest = 0
  let first = 0
  const cpu = process.cpuUsage()

  /** @returns whether the list's first page is another one than when it was read last */
  const hasChanged = (key: string, [head]: Landed[]) => {
    const text = head?.text ?? ''
    const changed = heads.get(key) !== text
    heads.set(key, text)
    return changed
  }

  await withYear(async (at) => {
    for (let day = 0; day < DAYS; day++) {
      for (const instant of pollsWithNewPlays(START + day * DAY)) {
        const fetchThen = await at(instant)
        await land(recentlyPlayed, (await fetchThen(recentlyPlayed)).pages)
      }
      const fetchNow = await at(START + (day + 1) * DAY)
      for (const stream of streams.filter(({ polled, partsOf }) => !polled && !partsOf)) {
        const isWhole = !stream.changeDetection || day % FULL_RESYNC_DAYS === 0
        const { pages, parts } = await fetchNow(stream, isWhole ? MAX_PAGES : 1)
        const changed = hasChanged(stream.name, pages)
        if (isWhole || changed) await land(stream, pages)
        const items = streams.find(({ partsOf }) => partsOf?.stream === stream.name)
        for (const { id, version, readable } of items && (isWhole || changed) ? parts : []) {
          if (!items || !readable || versions.get(id) === version) continue
          versions.set(id, version)
          await land(items, (await fetchNow(items, MAX_PAGES, id)).pages)
        }
      }
      if (day === 0) first = sum(({ plain }) => plain)
      newest = day
    }
  })
  const { user, system } = process.cpuUsage(cpu)
  const packedSizes = await Promise.all([...sizes].map(async ([name, size]) => [name, await size.packed()] as const))
  const packed = packedSizes.reduce((all, [, bytes]) => all + bytes, 0)
  const largest = packedSizes.sort((one, other) => other[1] - one[1]).slice(0, 3)
  const plain = sum((size) => size.plain)
  // The newest full read stays as it came; in a year it is about as large as the first run.
  const total = packed + first
  const how = `${newest + 1} simulated days of the listener with 10,000 liked songs: a poll every half hour that lands if it finds something new, top lists every day, other lists by their first page every day and completely every ${FULL_RESYNC_DAYS} days, playlists when they change.`
  const megabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`
  return [
    {
      name: 'landed by a first run',
      value: first / MEGABYTE,
      unit: 'MB',
      how: 'Compressed responses of all streams of the listener with 10,000 liked songs.',
    },
    {
      name: 'landed per listener and year',
      value: total / MEGABYTE,
      unit: 'MB',
      target: { atMost: 50 },
      baseline: `${megabytes(plain)} with LANDING_PACK_AFTER=off; largest: ${largest.map(([name, bytes]) => `${name} ${megabytes(bytes)}`).join(', ')}`,
      how: `${how} Includes the newest full read of each list, which isn't packed. ${Math.round((user + system) / 1000 / SECOND)} s of CPU, most of it for the simulation.`,
    },
  ]
}
