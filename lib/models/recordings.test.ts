import { describe, expect } from 'vitest'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { buildModels } from './build.ts'
import { addRows, clearRows, play, settings, songRows, warehouseTest as test } from './fixtures.ts'
import { type RecordingChoice, resolveChoices } from './recordings.ts'

const now = () => new Date('2026-03-10T12:00:00.000Z')

/** A choice for each pair of a song and the one that it counts as, in the order in which they were made. */
const choicesOf = (pairs: string[]): RecordingChoice[] =>
  pairs.map((pair, index) => {
    const [trackId = '', recordingId = ''] = pair.split('>')
    return { trackId, recordingId, changedAt: new Date(Date.UTC(2026, 2, 1, 0, 0, index)) }
  })

const resolved = (...pairs: string[]) =>
  resolveChoices(choicesOf(pairs))
    .map(({ trackId, recordingId }) => `${trackId}>${recordingId}`)
    .sort()

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

describe('choices without chains', () => {
  test('a chain counts as its last song, whatever the order of the choices', () => {
    expect(resolved('a>b', 'b>c', 'c>d')).toEqual(['a>d', 'b>d', 'c>d'])
    expect(resolved('c>d', 'a>b', 'b>c')).toEqual(['a>d', 'b>d', 'c>d'])
  })

  test('a circle counts as the song whose id comes first', () => {
    expect(resolved('a>b', 'b>a')).toEqual(['b>a'])
    expect(resolved('c>b', 'b>d', 'd>c', 'x>d')).toEqual(['c>b', 'd>b', 'x>b'])
  })

  test('a song by itself stays by itself, also as the end of a chain', () => {
    expect(resolved('a>a')).toEqual(['a>a'])
    expect(resolved('a>b', 'b>b')).toEqual(['a>b', 'b>b'])
  })

  test('no song ever counts as one that counts as another', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = numbers(seed)
      const songs = 'abcdefghij'.slice(0, 2 + next(9))
      const pairs = [...songs].flatMap((song) => (next(3) > 0 ? [`${song}>${songs[next(songs.length)]}`] : []))
      const found = resolveChoices(choicesOf(pairs))
      const left = new Set(found.flatMap((one) => (one.trackId === one.recordingId ? [] : [one.trackId])))
      expect(found.filter(({ recordingId }) => left.has(recordingId))).toEqual([])
      expect(resolved(...pairs.toReversed())).toEqual(resolved(...pairs))
    }
  })
})

/** Which songs count as another one, as `song>recording`. */
async function recordings(warehouse: EmbeddedWarehouse): Promise<string[]> {
  const rows = await warehouse.query(
    `select one.track_id || '>' || other.track_id as pair from analytical.dim_tracks one
     join analytical.dim_tracks other on other.track_key = one.recording_key
     where one.track_key <> one.recording_key order by 1`,
    [],
  )
  return rows.map(({ pair }) => String(pair))
}

/** Counted plays by song, as lists of songs show them. */
async function plays(warehouse: EmbeddedWarehouse): Promise<Record<string, unknown>> {
  const rows = await warehouse.query(
    'select track_id, plays from analytical.dim_tracks where plays > 0 order by track_id',
    [],
  )
  return Object.fromEntries(rows.map((row) => [String(row.track_id), row.plays]))
}

interface Song {
  isrc?: string
  albumType?: string
  released?: string
}

async function addSong(warehouse: EmbeddedWarehouse, id: string, { isrc, albumType, released }: Song = {}) {
  const { tracks, artists, albums } = songRows(id)
  await addRows(warehouse, {
    tracks: tracks.map((track) => ({ ...track, isrc: isrc ?? null })),
    artists,
    albums: albums.map((album) => ({ ...album, album_type: albumType ?? null, release_date: released ?? null })),
  })
}

const build = (warehouse: EmbeddedWarehouse, ...pairs: string[]) =>
  buildModels(warehouse, { now, recordingChoices: async () => choicesOf(pairs) })

const CODE = 'USAAA2600001'
const OTHER_CODE = 'USAAA2600002'

describe('songs that count as one', () => {
  test('are those with the same ISRC, in any spelling of it; the one on an album stands for them', async ({
    warehouse,
  }) => {
    await addSong(warehouse, 'a', { isrc: CODE, albumType: 'compilation', released: '2001' })
    await addSong(warehouse, 'b', { isrc: 'us-aaa-26-00001', albumType: 'album', released: '2003-05-01' })
    await addSong(warehouse, 'c', { isrc: CODE, albumType: 'album', released: '2003' })
    await addSong(warehouse, 'd', { isrc: OTHER_CODE })
    for (const id of ['e', 'f']) await addSong(warehouse, id, { isrc: '' })
    for (const id of ['g', 'h']) await addSong(warehouse, id, { isrc: 'NONE' })
    for (const id of ['i', 'j']) await addSong(warehouse, id)
    await build(warehouse)
    expect(await recordings(warehouse)).toEqual(['a>c', 'b>c'])
  })

  test('have the plays of all in lists, sums and sessions, and each play keeps the song and album played', async ({
    warehouse,
  }) => {
    await addSong(warehouse, 'a', { isrc: CODE, albumType: 'album' })
    await addSong(warehouse, 'b', { isrc: CODE, albumType: 'single' })
    await addRows(warehouse, {
      settings: [settings()],
      plays: [play('a', '2026-03-01T10:00:00.000Z'), play('b', '2026-03-01T10:05:00.000Z')],
    })
    await build(warehouse)
    expect(await plays(warehouse)).toEqual({ a: 2 })
    expect(await warehouse.query('select plays, tracks from analytical.agg_days where plays > 0', [])).toEqual([
      { plays: 2, tracks: 1 },
    ])
    expect(await warehouse.query('select tracks from analytical.fct_sessions', [])).toEqual([{ tracks: 1 }])
    expect(
      await warehouse.query(
        `select b.album_id, p.track_id as played from analytical.fct_plays f
         join analytical.dim_albums b using (album_key)
         left join analytical.int_tracks p on p.track_key = f.played_track_key order by f.played_at`,
        [],
      ),
    ).toEqual([
      { album_id: 'album-a', played: null },
      { album_id: 'album-b', played: 'b' },
    ])
    expect(
      await warehouse.query('select top_track_id, top_track_plays, tracks from reporting.rpt_year_recap', []),
    ).toEqual([{ top_track_id: 'a', top_track_plays: 2, tracks: 1 }])
    expect(
      (await warehouse.query('select track_id from reporting.rpt_recently_listened order by played_at', [])).map(
        ({ track_id }) => track_id,
      ),
    ).toEqual(['a', 'b'])
  })

  test('are those that the listener chose, with all that have the ISRC of either', async ({ warehouse }) => {
    await addSong(warehouse, 'a', { isrc: CODE })
    await addSong(warehouse, 'b', { isrc: CODE })
    await addSong(warehouse, 'c', { isrc: OTHER_CODE })
    await addSong(warehouse, 'd', { isrc: OTHER_CODE })
    await addSong(warehouse, 'e')
    await build(warehouse)
    expect(await recordings(warehouse)).toEqual(['b>a', 'd>c'])
    await build(warehouse, 'b>d')
    expect(await recordings(warehouse)).toEqual(['a>d', 'b>d', 'c>d'])
    await build(warehouse, 'b>d', 'e>a')
    expect(new Set((await recordings(warehouse)).map((pair) => pair.split('>')[1])).size).toBe(1)
    expect(await recordings(warehouse)).toHaveLength(4)
  })

  test('are not those that the listener counts separately', async ({ warehouse }) => {
    for (const id of ['a', 'b', 'c']) await addSong(warehouse, id, { isrc: CODE })
    await build(warehouse, 'a>a')
    expect(await recordings(warehouse)).toEqual(['c>b'])
    await build(warehouse)
    expect(await recordings(warehouse)).toEqual(['b>a', 'c>a'])
  })

  test('a choice of a song that is not known yet waits for it', async ({ warehouse }) => {
    await addSong(warehouse, 'a')
    await build(warehouse, 'a>z', 'y>a')
    expect(await recordings(warehouse)).toEqual([])
    await addSong(warehouse, 'z')
    await build(warehouse, 'a>z', 'y>a')
    expect(await recordings(warehouse)).toEqual(['a>z'])
  })
})

describe('a change of recordings', () => {
  const AT = ['2026-03-01T10:00:00.000Z', '2026-03-02T10:00:00.000Z', '2026-03-03T10:00:00.000Z'] as const

  test('rewrites only the days on which one of them was played', async ({ warehouse }) => {
    for (const id of ['a', 'b', 'c']) await addSong(warehouse, id)
    await addRows(warehouse, {
      settings: [settings()],
      plays: [play('a', AT[0]), play('b', AT[1]), play('c', AT[2])],
    })
    await build(warehouse)
    const result = await build(warehouse, 'b>a')
    expect(result.full).toBeNull()
    expect(result.models.find(({ name }) => name === 'fct_plays')?.rows).toBe(4) // with their marks, the day of b and the newest day, which every build writes
    expect(await plays(warehouse)).toEqual({ a: 2, c: 1 })
    expect((await build(warehouse)).full).toBeNull()
    expect(await plays(warehouse)).toEqual({ a: 1, b: 1, c: 1 })
  })

  test('leaves recordings alone when nothing about them has arrived', async ({ warehouse }) => {
    await addSong(warehouse, 'a')
    await build(warehouse)
    const { models } = await build(warehouse)
    expect(models.map(({ name }) => name)).not.toContain('int_recordings')
  })

  test('gives what a full build gives, step by step', async ({ warehouse }) => {
    const next = numbers(7)
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    await addRows(warehouse, { settings: [settings()] })
    for (const id of ids.slice(0, 4)) await addSong(warehouse, id, { isrc: [CODE, OTHER_CODE][next(2)] ?? CODE })
    await build(warehouse)
    const choices = new Map<string, string>()
    const arrivedAt = (step: number) => new Date(Date.UTC(2026, 2, 1, step)).toISOString()
    for (let step = 0; step < 14; step++) {
      if (step === 5) await addSong(warehouse, 'e', { isrc: CODE, albumType: 'album' })
      if (step === 9) await addSong(warehouse, 'f', { isrc: OTHER_CODE })
      const known = ids.slice(0, step < 5 ? 4 : step < 9 ? 5 : 6)
      const song = known[next(known.length)] ?? 'a'
      if (next(3) === 0) choices.delete(song)
      else choices.set(song, known[next(known.length)] ?? 'a')
      const at = new Date(Date.UTC(2026, 1, 1 + next(20), next(24), next(60), step)).toISOString()
      await addRows(warehouse, { plays: [play(known[next(known.length)] ?? 'a', at, { synced_at: arrivedAt(step) })] })
      const recordingChoices = async () => choicesOf([...choices].map(([from, to]) => `${from}>${to}`))
      const result = await buildModels(warehouse, { now, recordingChoices })
      expect(result.full).toBeNull()
      const found = await everything(warehouse)
      await buildModels(warehouse, { now, recordingChoices, full: true })
      expect(found).toEqual(await everything(warehouse))
    }
  }, 120_000)
})

async function everything(warehouse: EmbeddedWarehouse) {
  const rows = async (sql: string) => warehouse.query(`${sql} order by all`, [])
  return {
    recordings: await recordings(warehouse),
    plays: await rows(`
      select f.played_at, t.track_id, coalesce(p.track_id, t.track_id) as played, f.counts, f.not_counted
      from analytical.fct_plays f join analytical.int_tracks t using (track_key)
      left join analytical.int_tracks p on p.track_key = f.played_track_key`),
    songs: await rows('select track_id, plays, ms_played, first_played_at, last_played_at from analytical.dim_tracks'),
    days: await rows('select * exclude (batch) from analytical.agg_days'),
    sessions: await rows('select * exclude (batch) from analytical.fct_sessions'),
  }
}

test('choices are removed with the last one', async ({ warehouse }) => {
  for (const id of ['a', 'b']) await addSong(warehouse, id)
  await build(warehouse, 'a>b')
  await clearRows(warehouse, 'plays')
  await build(warehouse)
  expect(await warehouse.query('select * from raw.recording_choices', [])).toEqual([])
  expect(await recordings(warehouse)).toEqual([])
})
