import { afterAll, beforeEach, expect, test } from 'vitest'
import { FAULTS, startMusicBrainz } from '#testing/musicbrainz.ts'
import { findArtist, genresOfArtist, MusicBrainzBusy } from './musicbrainz.ts'

const server = await startMusicBrainz()
const api = { url: server.url, contact: 'operator@example.com', deadlineMs: 500 }
afterAll(() => server.close())
beforeEach(() => {
  server.artists.clear()
  server.requests.length = 0
})

test('an artist is found by exactly their name, in any case and with or without accents', async () => {
  server.artists.set('one', { name: 'Björk', genres: {} }).set('tribute', { name: 'Björk Tribute', genres: {} })
  expect(await findArtist(api, 'BJÖRK')).toBe('one')
  expect(await findArtist(api, 'Björ')).toBeNull()
  expect(server.requests[0]?.headers['user-agent']).toMatch(/^Tracklake\/\d+\.\d+\.\d+\S* \( operator@example\.com \)$/)
})

test('takes none of several artists with the same name, nor one that is only similar', async () => {
  server.artists.set('one', { name: 'Nirvana', genres: {} }).set('other', { name: 'Nirvana', score: 90, genres: {} })
  expect(await findArtist(api, 'Nirvana')).toBeNull()
  server.artists.clear()
  server.artists.set('one', { name: 'Nirvana', score: 84, genres: {} })
  expect(await findArtist(api, 'Nirvana')).toBeNull()
})

test.for(['AC/DC & "Friends"', '\\', 'שלום', '!!!', '(sic) + [x] {y}: *?~^', "Guns N' Roses", 'a AND b OR NOT c'])(
  'a name such as %s is searched as it is',
  async (name) => {
    server.artists.set('one', { name, genres: {} })
    expect(await findArtist(api, name)).toBe('one')
    expect(server.requests[0]?.about).toBe(name)
  },
)

test('the genres with most votes come first, and those that can’t be stored are left out', async () => {
  server.artists.set('one', {
    name: 'One',
    genres: { rock: 3, 'Art Rock': 7, pop: 0, 'a, b': 9, folk: 3, jazz: 1, blues: 1, soul: 1 },
  })
  expect(await genresOfArtist(api, 'one')).toEqual(['art rock', 'folk', 'rock', 'blues', 'jazz'])
})

test('an artist that has no genres is not one that is gone', async () => {
  server.artists.set('one', { name: 'One', genres: {} })
  expect(await genresOfArtist(api, 'one')).toEqual([])
  expect(await genresOfArtist(api, 'gone')).toBeNull()
})

test.for(Object.entries(FAULTS).filter(([name]) => name !== 'refused'))(
  'a response that is %s is tried again later',
  async ([name, fault]) => {
    server.failNext(fault)
    const error = await findArtist(api, 'One').catch((reason) => reason)
    expect(error).toBeInstanceOf(MusicBrainzBusy)
    expect(error.pauseMs).toBe(name === 'busy' ? 5_000 : null)
    expect(server.requests).toHaveLength(1)
  },
)

test('a name that MusicBrainz refuses is skipped', async () => {
  server.failNext(FAULTS.refused)
  await expect(findArtist(api, 'One')).rejects.toMatchObject({ recovery: 'skip' })
})
