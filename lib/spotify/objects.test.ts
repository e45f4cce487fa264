import { describe, expect, test } from 'vitest'
import { Play, Playlist, PlaylistItem, Track, withoutMarkets } from './objects.ts'

describe('an object of a response', () => {
  test('passes through unchanged, including unknown fields', () => {
    const received = {
      id: 'low-tide',
      fresh_key: { nested: [1, 'two'] },
      album: { id: null, images: null, another: [] },
      artists: [{ id: '', name: 'Moth', external_urls: {} }, null],
      restrictions: { reason: 'market' },
    }
    expect(Track.parse(received)).toEqual(received)
  })

  test('can be empty', () => {
    expect(Track.parse({})).toEqual({})
    expect(Playlist.parse({})).toEqual({})
  })

  test('gets null where a value has an unexpected type', () => {
    const odd = { name: 7, duration_ms: 1.5, explicit: 'no', tempo: '120', album: 'Tidepool', artists: {} }
    const allNull = { name: null, duration_ms: null, explicit: null, tempo: null, album: null, artists: null }
    expect(Track.parse(odd)).toEqual(allNull)
    expect(Play.parse({ played_at: '29 February', track: null })).toEqual({ played_at: null, track: null })
  })
})

describe('names from before February 2026', () => {
  test('mean the same', () => {
    expect(Playlist.parse({ tracks: { total: 3 } })).toEqual({ items: { total: 3 } })
    expect(PlaylistItem.parse({ track: { id: 'a' } })).toEqual({ item: { id: 'a' } })
    expect(PlaylistItem.parse({ track: null })).toEqual({ item: null })
  })

  test.each([
    [{ item: { id: 'now' }, track: { id: 'before' } }, 'now'],
    [{ item: null, track: { id: 'before' } }, 'before'],
    [{ item: { id: 'now' }, track: null }, 'now'],
  ])('are overridden by new ones that are not null: %j', (entry, id) => {
    expect(PlaylistItem.parse(entry).item?.id).toBe(id)
  })

  test('are optional, but one of the two names is required', () => {
    expect(() => PlaylistItem.parse({ added_at: null })).toThrow()
  })
})

test('removes markets at every depth and nothing else', () => {
  const markets = ['SE', 'TH']
  expect(
    withoutMarkets({
      items: [{ track: { available_markets: markets, album: { available_markets: markets, name: 'Tidepool' } } }, null],
      total: 0,
    }),
  ).toEqual({ items: [{ track: { album: { name: 'Tidepool' } } }, null], total: 0 })
})
