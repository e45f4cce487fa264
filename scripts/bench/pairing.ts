import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DAY, MINUTE, SECOND } from '#lib/core/clock.ts'
import { SOURCES } from '#lib/models/sources.ts'
import { matchPlays, type Play, stretchesOf } from '#lib/pairing/pair.ts'
import { pairLoaded } from '#lib/pairing/pair-loaded.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import type { Figure, Part } from './figure.ts'

/**
 * How well pairing tells plays apart, on synthetic plays with known matches, compared with the time windows of other tools; and what it
 * costs. No real data set with both an export and Spotify's API of one listener existed, so the shares are assumptions.
 */

const PLAYS = 15_000
/** Shares of the plays that are disturbed. */
const DROPPED_BY_API = 0.08
const REPORTED_AT_START = 0.15
const REPORTED_WITHIN = 0.03
const OTHER_ID = 0.02
const SKIPPED_AGAIN = 0.25
const PAUSED = 0.05
const REPEATED = 0.1
const CLOCK_ERROR_MS = 5 * SECOND

interface Made extends Play {
  /** The number of the play that it tells of; skips have their own. */
  heard: number
}

/** Numbers from 0 to 1, the same in every run. */
function randomNumbers(seed = 1): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Sessions of about 20 songs, some songs on repeat. */
function madePlays(): { reported: Made[]; exported: Made[] } {
  const random = randomNumbers()
  const [reported, exported]: [Made[], Made[]] = [[], []]
  const jitter = () => Math.round((random() * 2 - 1) * CLOCK_ERROR_MS)
  let time = Date.parse('2025-01-01T08:00:00.000Z')
  let song = 0
  for (let heard = 0; heard < PLAYS; heard++) {
    if (random() < 0.05) time += Math.round(random() * 0.7 * DAY)
    if (random() >= REPEATED) song = Math.floor(random() ** 2 * 3_000)
    const duration = (90 + (song % 200)) * SECOND
    const start = time
    const pause = random() < PAUSED ? Math.round(random() * 4 * MINUTE) : 0
    const end = start + duration + pause
    const uri = `spotify:track:${song}`
    const isOther = random() < OTHER_ID
    exported.push({
      source: 'spotify-extended',
      at: end,
      uri: isOther ? `${uri}-other` : uri,
      name: song,
      ms: duration,
      heard,
    })
    if (random() >= DROPPED_BY_API) {
      const where = random()
      const at =
        where < REPORTED_AT_START
          ? start
          : where < REPORTED_AT_START + REPORTED_WITHIN
            ? start + random() * duration
            : end
      reported.push({ source: 'spotify', at: Math.round(at) + jitter(), uri, name: song, ms: duration, heard })
    }
    time = end
    if (random() < SKIPPED_AGAIN) {
      const ms = Math.round((5 + random() * 20) * SECOND)
      time += ms
      exported.push({ source: 'spotify-extended', at: time, uri, name: song, ms, heard: PLAYS + heard })
    }
  }
  return { reported, exported }
}

interface Score {
  right: number
  wrong: number
  leftDouble: number
}

/** What tools with a window do: an exported row near any play of the API is the same. */
function windowScore(reported: Made[], exported: Made[], window: number): Score {
  const byUri = Map.groupBy(reported, ({ uri }) => uri)
  const known = new Set(reported.map(({ heard }) => heard))
  let [right, wrong] = [0, 0]
  for (const row of exported) {
    if (!byUri.get(row.uri)?.some(({ at }) => Math.abs(at - row.at) <= window)) continue
    if (known.has(row.heard)) right++
    else wrong++
  }
  return { right, wrong, leftDouble: reported.length - right }
}

async function pairedScore(reported: Made[], exported: Made[]): Promise<Score> {
  const plays = [...reported, ...exported].sort(
    (a, b) => a.at - b.at || String(a.uri).localeCompare(String(b.uri)) || a.ms - b.ms,
  )
  let [right, wrong] = [0, 0]
  const all = (async function* () {
    yield plays
  })()
  for await (const stretch of stretchesOf(all))
    for (const { row, kept } of matchPlays(stretch).pairs) {
      if (stretch[row]?.heard === stretch[kept]?.heard) right++
      else wrong++
    }
  return { right, wrong, leftDouble: reported.length - right - wrong }
}

const IMPORTED = 1_000_000
const REPORTED = 50_000

const PLAYS_A_DAY = 228
/** When a play ended: the days of twelve years, with nights. */
const endOf = (n: string) =>
  `timestamp '2014-01-01 06:00:00' + to_days(cast(${n} // ${PLAYS_A_DAY} as integer)) + to_seconds(${n} % ${PLAYS_A_DAY} * 220)`

/** The newest of the plays were also reported by the API, 2 seconds later. */
async function fill(warehouse: EmbeddedWarehouse): Promise<void> {
  const uri = `'spotify:track:' || cast(hash(n) % 40000 as varchar)`
  await warehouse.build([...SOURCES], async (run) => {
    await run(`insert into raw.imported_plays by name
      select ${endOf('n')} as played_at, ${uri} as uri, 200000 as ms_played,
        cast(hash(n) % 40000 as varchar) as track_id, 'n-artist' as artist_id, 'song' as kind,
        'spotify-extended' as source, 'import-1' as import_id, timestamp '2026-01-01' as imported_at
      from range(${IMPORTED}) as numbers(n)`)
    await run(`insert into raw.plays by name
      select ${endOf('n')} + interval 2 second as played_at, ${uri} as uri,
        cast(hash(n) % 40000 as varchar) as track_id, ${endOf('n')} + interval 1 hour as synced_at
      from range(${IMPORTED - REPORTED}, ${IMPORTED}) as numbers(n)`)
  })
}

async function addPlays(warehouse: EmbeddedWarehouse): Promise<void> {
  await warehouse.build([...SOURCES], async (run) => {
    await run(`insert into raw.plays by name
      select ${endOf('n')} + interval 2 second as played_at, 'spotify:track:new' as uri, 'new' as track_id,
        ${endOf('n')} + interval 1 hour as synced_at
      from range(${IMPORTED}, ${IMPORTED + 50}) as numbers(n)`)
  })
}

interface Cost {
  cpuSeconds: number
  rssMegabytes: number
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 20)
  const own = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(own)
  clearInterval(timer)
  return { cpuSeconds: (user + system) / 1e6, rssMegabytes: Math.max(0, peak - before) / 1e6 }
}

async function costs(): Promise<{ all: Cost; again: Cost }> {
  const folder = await mkdtemp(join(tmpdir(), 'tracklake-bench-'))
  try {
    const warehouse = await openDuckdb(join(folder, 'pairing.duckdb'))
    await fill(warehouse)
    const pairAll = () => warehouse.build([...SOURCES], (run) => pairLoaded(run, new Date()))
    const all = await costOf(pairAll)
    await addPlays(warehouse)
    const again = await costOf(pairAll)
    await warehouse.close()
    return { all, again }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const asText = ({ right, wrong, leftDouble }: Score) => `${right} right, ${wrong} wrong, ${leftDouble} left duplicated`

async function measure(): Promise<Figure[]> {
  const { reported, exported } = madePlays()
  const paired = await pairedScore(reported, exported)
  const windows = [30, 60, 90].map(
    (seconds) => `± ${seconds} s: ${asText(windowScore(reported, exported, seconds * SECOND))}`,
  )
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const { all, again } = await costs()
  const how = `${reported.length} synthetic plays from the API and ${exported.length} rows of an export. No real data with both sides existed, so the shares are assumptions: ${percent(DROPPED_BY_API)} not reported, ${percent(REPORTED_AT_START)} reported at their start, ${percent(REPORTED_WITHIN)} within the play, ${percent(PAUSED)} paused, ${percent(OTHER_ID)} under another id, ${percent(SKIPPED_AGAIN)} followed by a skip of the same song, ${percent(REPEATED)} repeated, clocks up to ${CLOCK_ERROR_MS / SECOND} s apart. A window drops every row near a play of the API. Wrong: a row that is another play. Left duplicated: a play of the API whose row stays beside it.`
  const share = (count: number) => (100 * count) / reported.length
  return [
    { name: 'plays paired correctly', value: share(paired.right), unit: '%', baseline: asText(paired), how },
    { name: 'plays paired incorrectly', value: share(paired.wrong), unit: '%', baseline: windows.join('; '), how },
    { name: 'plays left duplicated', value: share(paired.leftDouble), unit: '%', baseline: windows.join('; '), how },
    {
      name: 'pairing 1,000,000 imported and 50,000 synced plays',
      value: all.cpuSeconds,
      unit: 's',
      target: { atMost: 6 },
      baseline: `${all.rssMegabytes.toFixed(0)} MB more memory`,
      how: 'CPU of the whole pairing as the first step of a build; twelve years, the newest 50,000 plays also from the API.',
    },
    {
      name: 'pairing 50 new plays among them',
      value: again.cpuSeconds * 1000,
      unit: 'ms',
      target: { atMost: 100 },
      how: 'CPU; only the time around the new plays is compared.',
    },
  ]
}

export const pairingPart: Part = { title: 'Pairing imported plays', measure }
