import { describe, expect, test } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { DEMO_LISTENERS } from './listeners.ts'
import type { Music, Range } from './music.ts'
import { createSimulation } from './simulation.ts'

const NOW = Date.parse('2026-11-20T15:00:00Z')
const RANGES: Range[] = ['short_term', 'medium_term', 'long_term']

function musicOf(id: string, seed = 1): Music {
  const simulation = createSimulation(seed)
  const listener = simulation.listener(id)
  if (!listener) throw new Error(`no listener ${id}`)
  return simulation.music(listener, NOW - DAY)
}

function everything(music: Music, at: number) {
  const playlists = music.playlists(at)
  return {
    saved: music.savedTracks(at),
    albums: music.savedAlbums(at),
    followed: music.followed(at),
    tops: RANGES.map((range) => [music.topTracks(range, at), music.topArtists(range, at)]),
    plays: music.plays(0, at, 50),
    playlists,
    entries: playlists.map((one) => one && music.entries(one.id, at)),
  }
}

describe.each([...DEMO_LISTENERS.map(({ id }) => id), 'odd-cases', 'load-7'])('%s', (id) => {
  test('has the same music at an instant, independent of earlier calls', () => {
    const fresh = everything(musicOf(id), NOW)
    const used = musicOf(id)
    everything(used, NOW + 40 * DAY)
    everything(used, NOW - 400 * DAY)
    expect(everything(used, NOW)).toEqual(fresh)
  })

  test('contains nothing from the future', () => {
    const { saved, albums, plays } = everything(musicOf(id), NOW)
    const instants = [...saved, ...albums].map(({ addedAt }) => addedAt).concat(plays.map(({ playedAt }) => playedAt))
    expect(instants.filter((instant) => instant > NOW)).toEqual([])
  })

  test('lists the newest first and nothing twice', () => {
    const { saved, plays } = everything(musicOf(id), NOW)
    expect(saved).toEqual([...saved].sort((a, b) => b.addedAt - a.addedAt))
    expect(plays).toEqual([...plays].sort((a, b) => b.playedAt - a.playedAt))
    expect(new Set(saved.map(({ ref }) => ref)).size).toBe(saved.length)
  })

  test('knows how many entries every playlist has', () => {
    const { playlists, entries } = everything(musicOf(id), NOW)
    expect(playlists.map((one) => one?.total)).toEqual(entries.map((one) => one?.length))
  })
})

test('another seed gives other music', () => {
  expect(musicOf('juniper-lake', 2).topTracks('long_term', NOW)).not.toEqual(
    musicOf('juniper-lake', 1).topTracks('long_term', NOW),
  )
})

describe('the listener of ten years', () => {
  const music = musicOf('juniper-lake')

  test('has lists of the promised lengths', () => {
    expect(music.savedTracks(NOW).length).toBeGreaterThan(9_500)
    expect(music.savedAlbums(NOW).length).toBeGreaterThan(350)
    expect(music.followed(NOW).length).toBeGreaterThan(250)
    expect(music.playlists(NOW).length).toBeGreaterThan(55)
    const tenYears = music.plays(0, NOW, Number.POSITIVE_INFINITY)
    expect(tenYears.length / (3650 * 40)).toBeCloseTo(1, 0)
  })

  test('never plays two songs at once', () => {
    const ends = music.plays(NOW - 30 * DAY, NOW, Number.POSITIVE_INFINITY).map(({ playedAt }) => playedAt)
    const gaps = ends.slice(1).map((end, nth) => (ends[nth] ?? 0) - end)
    expect(Math.min(...gaps)).toBeGreaterThan(30_000)
  })

  test.each(RANGES)('has a full list of %s', (range) => {
    expect([music.topTracks(range, NOW).length, music.topArtists(range, NOW).length]).toEqual([50, 50])
  })

  test('played every top track of four weeks in the four weeks before midnight', () => {
    for (let ago = 0; ago < 60; ago++) {
      const midnight = Math.floor(NOW / DAY - ago) * DAY
      const played = new Set(music.plays(midnight - 28 * DAY, midnight, Number.POSITIVE_INFINITY).map(({ ref }) => ref))
      expect(music.topTracks('short_term', midnight + DAY / 2).filter((ref) => !played.has(ref))).toEqual([])
    }
  })

  test('has top lists that differ by range and change daily, the short one most', () => {
    const shared = (a: number[], b: number[]) => a.filter((ref) => b.includes(ref)).length
    const [short = [], medium = [], long = []] = RANGES.map((range) => music.topTracks(range, NOW))
    expect(shared(short, long)).toBeLessThan(40)
    expect(shared(medium, long)).toBeLessThan(50)
    const monthAgo = NOW - 30 * DAY
    expect(music.topTracks('short_term', NOW - DAY)).not.toEqual(short)
    expect(shared(short, music.topTracks('short_term', monthAgo))).toBeLessThan(
      shared(long, music.topTracks('long_term', monthAgo)),
    )
  })

  test('plays, likes, unlikes and changes playlists in the following weeks', () => {
    const later = NOW + 60 * DAY
    const refs = (at: number) => new Set(music.savedTracks(at).map(({ ref }) => ref))
    const [before, after] = [refs(NOW), refs(later)]
    expect([...after].filter((ref) => !before.has(ref)).length).toBeGreaterThan(20)
    expect([...before].filter((ref) => !after.has(ref)).length).toBeGreaterThan(0)
    const snapshots = (at: number) => music.playlists(at).map((one) => one?.snapshot)
    expect(snapshots(later)).not.toEqual(snapshots(NOW))
    expect(music.plays(NOW, later, Number.POSITIVE_INFINITY).length).toBeGreaterThan(1000)
  })

  test('gives a playlist a new snapshot with every change, and only then', () => {
    for (const one of music.playlists(NOW)) {
      if (!one) continue
      const before = music.playlists(NOW - DAY).find((other) => other?.id === one.id)
      const changed = JSON.stringify(music.entries(one.id, NOW - DAY)) !== JSON.stringify(music.entries(one.id, NOW))
      if (before) expect(changed).toBe(before.snapshot !== one.snapshot)
    }
  })
})

test.each(['odd-quill', 'odd-cases'])(
  '%s has lists that end at the edges of pages, and two plays in one millisecond',
  (id) => {
    const music = musicOf(id)
    const lengths = music.playlists(NOW).map((one) => one?.total)
    expect(lengths).toEqual(expect.arrayContaining([0, 1, 50, 51, 100, undefined]))
    expect([music.savedTracks(NOW).length, music.savedAlbums(NOW).length, music.followed(NOW).length]).toEqual([
      100, 51, 50,
    ])
    const instants = music.plays(0, NOW, 50).map(({ playedAt }) => playedAt)
    expect(new Set(instants).size).toBeLessThan(instants.length)
  },
)
