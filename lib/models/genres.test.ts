import { describe, expect } from 'vitest'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'
import { buildModels } from './build.ts'
import { addRows, clearRows, play, settings, songRows, warehouseTest as test } from './fixtures.ts'
import type { GenreChoice, GenreSources } from './genres.ts'

const NOW = Date.parse('2026-03-10T12:00:00.000Z')

/** A listener's own map and what MusicBrainz has responded, as Postgres keeps them. */
class Known implements GenreSources {
  #choices = new Map<string, GenreChoice>()
  #responses = new Map<string, string>()
  #at = NOW
  requested: string[] = []

  choose(artistId: string, genres: string | null): void {
    this.#at += 1
    this.#choices.set(artistId, { artistId, genres, changedAt: new Date(this.#at) })
  }

  respond(name: string, genres: string): void {
    this.#responses.set(name, genres)
  }

  choicesSince = async (since: Date | null) =>
    [...this.#choices.values()].filter(({ changedAt }) => !since || changedAt > since)

  addChoices = async (choices: GenreChoice[]) => {
    for (const choice of choices) this.#choices.set(choice.artistId, choice)
  }

  responses = async (names: string[]) => {
    this.requested.push(...names)
    return new Map([...this.#responses].filter(([name]) => names.includes(name)))
  }
}

async function genresOf(warehouse: EmbeddedWarehouse) {
  const rows = await warehouse.query(
    `select artist_id, genre, source from analytical.dim_genres join analytical.int_artists using (artist_key)
    order by artist_id, position`,
    [],
  )
  return rows.map((row) => `${row.artist_id}: ${row.genre} (${row.source})`)
}

describe('genres', () => {
  const build = async (warehouse: EmbeddedWarehouse, genres: GenreSources, days = 0) => {
    const result = await buildModels(warehouse, { genres, now: () => new Date(NOW + days * 86_400_000) })
    return { full: result.full, unknown: result.unknown.map(({ name }) => name) }
  }

  test.beforeEach(async ({ warehouse }) => {
    for (const song of ['a', 'b', 'c']) await addRows(warehouse, songRows(song))
    await addRows(warehouse, {
      settings: [settings()],
      plays: [
        play('a', '2026-03-05T10:00:00.000Z'),
        play('b', '2026-03-05T11:00:00.000Z'),
        play('b', '2026-03-05T12:00:00.000Z'),
      ],
    })
  })

  test('of an artist that was known by name stay when Spotify’s id of it is known', async ({ warehouse }) => {
    const known = new Known()
    known.choose('n-0123456789abcdef', 'Folk')
    known.choose('n-fedcba9876543210', 'Jazz')
    known.choose('artist-b', 'Own of b')
    await build(warehouse, known)
    expect(await genresOf(warehouse)).toEqual(['artist-b: own of b (own)'])
    const at = '2026-03-10T12:00:00.000Z'
    await addRows(warehouse, {
      resolved_ids: [
        { kind: 'artist', id: 'n-0123456789abcdef', resolved_id: 'artist-a', resolved_at: at },
        { kind: 'artist', id: 'n-fedcba9876543210', resolved_id: 'artist-b', resolved_at: at },
      ],
    })
    await build(warehouse, known)
    expect(await genresOf(warehouse)).toEqual(['artist-a: folk (own)', 'artist-b: own of b (own)'])
    known.choose('artist-a', null)
    await build(warehouse, known)
    expect(await genresOf(warehouse)).toEqual(['artist-b: own of b (own)'])
  })

  test('come from the own map, else from Spotify, else from MusicBrainz', async ({ warehouse }) => {
    const known = new Known()
    for (const song of ['a', 'b']) known.respond(`the artist-${song}`, 'Rock, indie rock')
    known.choose('artist-c', 'My Genre')
    expect(await build(warehouse, known)).toEqual({ full: 'first build', unknown: [] })
    expect(await genresOf(warehouse)).toEqual([
      'artist-a: rock (musicbrainz)',
      'artist-a: indie rock (musicbrainz)',
      'artist-b: rock (musicbrainz)',
      'artist-b: indie rock (musicbrainz)',
      'artist-c: my genre (own)',
    ])

    await clearRows(warehouse, 'artists')
    await addRows(warehouse, {
      artists: ['a', 'b', 'c'].map((song) => ({
        ...songRows(song).artists[0],
        genres: song === 'b' ? 'shoegaze, dream pop, shoegaze' : null,
      })),
    })
    known.choose('artist-a', '')
    known.choose('artist-c', null)
    expect((await build(warehouse, known)).full).toBeNull()
    const expected = ['artist-b: shoegaze (spotify)', 'artist-b: dream pop (spotify)']
    expect(await genresOf(warehouse)).toEqual(expected)
    await buildModels(warehouse, { genres: known, full: true })
    expect(await genresOf(warehouse)).toEqual(expected)
  })

  test('are unknown of played artists that nothing is known of, most played first', async ({ warehouse }) => {
    const known = new Known()
    expect((await build(warehouse, known)).unknown).toEqual(['The artist-b', 'The artist-a'])
    known.respond('the artist-b', '')
    expect((await build(warehouse, known)).unknown).toEqual(['The artist-a'])
    known.requested = []
    expect((await build(warehouse, known)).unknown).toEqual(['The artist-a'])
    expect(known.requested).toEqual(['the artist-a'])
    known.choose('artist-a', 'jazz')
    expect((await build(warehouse, known)).unknown).toEqual([])
  })

  test('of an artist whom MusicBrainz did not know are looked up again later', async ({ warehouse }) => {
    const known = new Known()
    for (const song of ['a', 'b']) known.respond(`the artist-${song}`, '')
    await build(warehouse, known)
    known.respond('the artist-a', 'polka')
    await build(warehouse, known, 29)
    expect(await genresOf(warehouse)).toEqual([])
    await build(warehouse, known, 31)
    expect(await genresOf(warehouse)).toEqual(['artist-a: polka (musicbrainz)'])
  })

  test('of artists who are gone are removed with the next full build', async ({ warehouse }) => {
    const known = new Known()
    known.respond('the artist-a', 'polka')
    known.choose('artist-c', 'waltz')
    await build(warehouse, known)
    await clearRows(warehouse, 'artists', 'tracks', 'albums', 'plays')
    await buildModels(warehouse, { genres: known, full: true })
    expect(await warehouse.query('select artist_id from raw.genre_map', [])).toEqual([{ artist_id: 'artist-c' }])
  })
})
