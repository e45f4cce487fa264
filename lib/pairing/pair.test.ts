import { expect, test } from 'vitest'
import { SECOND } from '#lib/core/durations.ts'
import { type Matches, matchPlays, PLAY_SOURCES, type Play, type PlaySource, stretchesOf } from './pair.ts'

const START = Date.parse('2026-03-01T12:00:00.000Z')

/** A play of song `song`; others of the same song have other addresses if `uri` says so. */
function play(source: PlaySource, seconds: number, more: Partial<Play> & { song?: string } = {}): Play {
  const { song = 'song', ...rest } = more
  const hasUri = ['spotify', 'spotify-extended', 'recently-played'].includes(source)
  return {
    source,
    at: START + seconds * SECOND,
    uri: hasUri ? `spotify:track:${song}` : `n-${song}`,
    name: song,
    ms: 200 * SECOND,
    ...rest,
  }
}

const api = (seconds: number, more = {}) => play('spotify', seconds, more)
const extended = (seconds: number, more = {}) => play('spotify-extended', seconds, more)
const account = (seconds: number, more = {}) => play('spotify-account', seconds, more)

const sorted = (plays: Play[]) =>
  plays.toSorted(
    (a, b) => a.at - b.at || compare(String(a.uri), String(b.uri)) || a.ms - b.ms || compare(a.source, b.source),
  )
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

const keyOf = ({ source, at, uri, ms }: Play) => `${source} ${(at - START) / SECOND} ${uri} ${ms}`

/** What was matched, as text that doesn't depend on positions. */
function matched(plays: Play[]): { pairs: string[]; duplicates: string[] } {
  const all = sorted(plays)
  const found = matchPlays(all)
  const named = (matches: Matches['pairs']) =>
    matches.map(({ row, kept }) => `${keyOf(all[row] as Play)} = ${keyOf(all[kept] as Play)}`).sort()
  return { pairs: named(found.pairs), duplicates: named(found.duplicates) }
}

const pairsOf = (...plays: Play[]) => matched(plays).pairs.length
const duplicatesOf = (...plays: Play[]) => matched(plays).duplicates.length

test.each([
  ['the end', 0, 1],
  ['the start', -200, 1],
  ['15 seconds after the end', 15, 1],
  ['16 seconds after the end', 16, 0],
  ['15 seconds before the start', -215, 1],
  ['16 seconds before the start', -216, 0],
  ['somewhere in the play', -100, 1],
])('a play that the API reports at %s of an exported one is the same', (_what, seconds, count) => {
  expect(pairsOf(api(seconds), extended(0))).toBe(count)
})

test('a play that was paused can have started its own length earlier', () => {
  expect(pairsOf(api(-200), extended(0, { ms: 60 * SECOND }))).toBe(1)
})

test.each<[string, { ms: number; duration?: number }, number]>([
  ['a skip', { ms: 20 * SECOND }, 0],
  ['half of a short song', { ms: 20 * SECOND, duration: 40 * SECOND }, 1],
  ['30 seconds', { ms: 30 * SECOND }, 1],
])('%s can or cannot be what the API reports', (_what, { ms, duration = 200 * SECOND }, count) => {
  expect(pairsOf(api(0, { ms: duration }), extended(0, { ms }))).toBe(count)
})

test('a skip right after the play stays a play of its own', () => {
  const skip = extended(20, { ms: 4 * SECOND })
  expect(matched([api(0), extended(1), skip]).pairs).toEqual([expect.stringMatching(/^spotify-extended 1 /)])
})

test('two plays at one instant keep their own songs', () => {
  const { pairs } = matched([
    api(0, { song: 'a' }),
    api(0, { song: 'b' }),
    extended(0, { song: 'b' }),
    extended(0, { song: 'a' }),
  ])
  expect(pairs).toHaveLength(2)
  for (const pair of pairs) expect(new Set(pair.match(/track:\w/g)).size).toBe(1)
})

test('a song that Spotify reports under another id is found by its names, after those with the same id', () => {
  const other = extended(0, { uri: 'spotify:track:other' })
  expect(pairsOf(api(0), other)).toBe(1)
  expect(matched([api(0), other, extended(10)]).pairs[0]).toMatch(/^spotify-extended 10 /)
  expect(pairsOf(api(0, { name: null }), { ...other, name: null })).toBe(0)
})

test('each repetition of a short song keeps its own play', () => {
  const times = Array.from({ length: 246 }, (_, index) => index * 31)
  const loop = { ms: 31 * SECOND }
  const { pairs } = matched([...times.map((at) => api(at + 2, loop)), ...times.map((at) => extended(at, loop))])
  expect(pairs).toHaveLength(246)
  for (const pair of pairs) {
    const [row, kept] = pair.match(/(?<=spotify(-extended)? )\d+/g) ?? []
    expect(Number(kept) - Number(row)).toBe(2)
  }
})

test('account data ends anywhere in its minute, and is the extended row of the same length', () => {
  expect(duplicatesOf(account(0), extended(59))).toBe(1)
  expect(duplicatesOf(account(0), extended(63))).toBe(0)
  expect(duplicatesOf(account(0), extended(30, { ms: 203 * SECOND }))).toBe(0)
  expect(duplicatesOf(account(0), extended(30, { song: 'another' }))).toBe(0)
  expect(pairsOf(account(0), api(70))).toBe(1)
  expect(pairsOf(account(0), api(80))).toBe(0)
})

test('what account data repeats does not take the play of the API', () => {
  expect(matched([account(0), extended(30), api(30)])).toEqual({
    pairs: [expect.stringMatching(/^spotify-extended 30 /)],
    duplicates: [expect.stringMatching(/^spotify-account 0 .* = spotify-extended 30 /)],
  })
})

test.each(['lastfm', 'listenbrainz'] as const)(
  'a play of %s never pairs, but any play of Spotify stands for it',
  (source) => {
    const row = play(source, -200, { ms: 0 })
    for (const kept of [api(0), extended(0), account(-30)])
      expect(matched([row, kept])).toMatchObject({ pairs: [], duplicates: [{}] })
    expect(duplicatesOf(row, extended(121))).toBe(0)
    expect(duplicatesOf(row, extended(-190, { ms: 5 * SECOND }))).toBe(0)
  },
)

test.each([
  ['the same moment', 0, {}],
  ['the start', -200, {}],
  ['the end, where Spotify says the start', 200, {}],
])(
  'what another program recorded from Spotify at %s never pairs, but a play of Spotify stands for it',
  (_what, seconds) => {
    for (const names of [{}, { name: null }, { uri: 'n-song' }]) {
      const row = play('recently-played', seconds, { ms: 0, ...names })
      expect(matched([row, api(0)])).toMatchObject({ pairs: [], duplicates: [{}] })
      if (seconds <= 0) expect(matched([row, extended(0)])).toMatchObject({ pairs: [], duplicates: [{}] })
      expect(duplicatesOf(row, api(seconds + 400))).toBe(0)
    }
  },
)

test('what another program recorded from Spotify stands for what a tracker recorded during the song', () => {
  for (const seconds of [-280, 0, 280])
    expect(matched([play('lastfm', seconds, { ms: 0 }), play('recently-played', 0, { ms: 0 })]).duplicates).toEqual([
      expect.stringMatching(/^lastfm .* = recently-played /),
    ])
  expect(duplicatesOf(play('lastfm', 430, { ms: 0 }), play('recently-played', 0, { ms: 0 }))).toBe(0)
})

test('what another program recorded and a tracker’s play of the same song are in one stretch', async () => {
  for (const ms of [0, 400 * SECOND])
    for (const seconds of [-360, 360]) {
      const plays = [play('lastfm', seconds, { ms: 0 }), play('recently-played', 0, { ms })]
      expect(duplicatesOf(...plays)).toBe(1)
      expect(await stretches(plays, 1)).toHaveLength(1)
    }
})

test('two trackers that record the same play count once, as the one that is more exact', () => {
  expect(matched([play('lastfm', 0, { ms: 0 }), play('listenbrainz', 40, { ms: 0 })]).duplicates).toEqual([
    expect.stringMatching(/^lastfm .* = listenbrainz /),
  ])
})

/** Random numbers from a seed. */
function randomOf(seed: number): (max: number) => number {
  let state = seed * 2_654_435_761 + 1
  return (max) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
}

/** Plays of a few songs close together, so that there is much to confuse. */
function anyPlays(seed: number): Play[] {
  const random = randomOf(seed)
  const plays = new Map<string, Play>()
  for (let index = 0; index < 10 + random(60); index++) {
    const source = PLAY_SOURCES[random(PLAY_SOURCES.length)]
    if (!source) continue
    const at = random(4) === 0 ? random(200) * 600 : random(1_200)
    const song = `s${random(3)}`
    const uri = random(8) === 0 ? { uri: `spotify:track:again-${song}` } : {}
    const one = play(source, source === 'spotify-account' ? at - (at % 60) : at, {
      song,
      ...uri,
      ms: ([0, 4, 29, 31, 60, 200, 400][random(7)] as number) * SECOND,
    })
    plays.set(keyOf(one), one)
  }
  return [...plays.values()]
}

function shuffled<T>(items: T[], seed: number): T[] {
  const random = randomOf(seed)
  return items
    .map((item) => ({ item, order: random(1_000_000) }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}

async function* inPages<T>(items: T[], size: number): AsyncGenerator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}

async function stretches(plays: Play[], size: number): Promise<Play[][]> {
  const found: Play[][] = []
  for await (const stretch of stretchesOf(inPages(sorted(plays), size))) found.push(stretch)
  return found
}

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed)

test('no play is matched twice, and only plays of the sources that may be', () => {
  for (const seed of SEEDS) {
    const all = sorted(anyPlays(seed))
    const { pairs, duplicates } = matchPlays(all)
    const source = (index: number) => (all[index] as Play).source
    const rows = [...pairs, ...duplicates].map(({ row }) => row)
    expect(new Set(rows).size).toBe(rows.length)
    expect(new Set(pairs.map(({ kept }) => kept)).size).toBe(pairs.length)
    for (const { row, kept } of pairs) {
      expect(source(kept)).toBe('spotify')
      expect(source(row)).toMatch(/^spotify-/)
    }
    // What another play stands for stands for nothing itself.
    const gone = new Set(duplicates.map(({ row }) => row))
    for (const { kept } of [...pairs, ...duplicates]) expect(gone.has(kept)).toBe(false)
    for (const { row, kept } of duplicates) expect(source(row) === 'lastfm' || source(row) !== source(kept)).toBe(true)
  }
})

test('the order of the plays does not matter', () => {
  for (const seed of SEEDS) {
    const plays = anyPlays(seed)
    expect(matched(shuffled(plays, seed))).toEqual(matched(plays))
  }
})

test('stretches are found whatever the size of the pages, and pairing them one by one is pairing all', async () => {
  for (const seed of SEEDS) {
    const plays = anyPlays(seed)
    const found = await stretches(plays, 7)
    expect(found).toEqual(await stretches(plays, 10_000))
    const parts = found.map(matched)
    expect({
      pairs: parts.flatMap(({ pairs }) => pairs).sort(),
      duplicates: parts.flatMap(({ duplicates }) => duplicates).sort(),
    }).toEqual(matched(plays))
  }
})

test('a play that is removed frees the one it was matched with', () => {
  for (const seed of SEEDS) {
    const all = anyPlays(seed)
    const [first] = matchPlays(sorted(all)).pairs
    if (!first) continue
    const row = sorted(all)[first.row] as Play
    const without = all.filter((one) => one !== row)
    expect(matched(without).pairs.join()).not.toContain(`${keyOf(row)} =`)
  }
})

test('songs that repeat all night stay within bounds', async () => {
  const loop = Array.from({ length: 5_000 }, (_, index) => index * 31)
  const plays = loop.flatMap((at) => [api(at + 1, { ms: 31 * SECOND }), extended(at, { ms: 31 * SECOND })])
  expect(matched(plays).pairs).toHaveLength(5_000)
  expect(await stretches([...plays, api(5_000 * 31 + 300 * 60)], 100)).toHaveLength(2)
})
