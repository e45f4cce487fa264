import { z } from 'zod'
import { GENRE_SOURCES } from '#lib/charts/chart.ts'
import { PRESETS } from '#lib/core/period.ts'
import { defineEndpoint } from './endpoint.ts'
import { SEARCH } from './limits.ts'
import { PeriodQuery } from './period.ts'
import { Time } from './shapes.ts'

/** Songs, artists and albums: what is known about one of them, and search. */

const count = z.int().nonnegative()
const name = z.string().nullable().describe('Null for the few that Spotify has no name for')
const picture = z.string().nullable()

const Reference = z.strictObject({ id: z.string(), name }).meta({ id: 'MusicReference' })

const Day = z.iso.date()

const Neighbor = z
  .strictObject({
    rank: z.int().positive(),
    id: z.string(),
    name,
    artists: z.string().nullable().describe('Null for artists'),
    artwork: picture,
    plays: count,
    minutes: count,
  })
  .meta({ id: 'RankNeighbor' })

const Listening = z
  .strictObject({
    period: z.strictObject({ preset: z.enum(PRESETS).nullable(), from: Day, to: Day }),
    plays: count.describe('In the period, as everything here that is not said to be ever'),
    minutes: count,
    days: count.describe('Days with plays'),
    share: z.number().describe('Percent of all plays in the period'),
    previous: z
      .strictObject({ plays: count, minutes: count, from: Day, to: Day })
      .nullable()
      .describe('The compared period; null without one, and if it begins before the first play of all'),
    since: Day.nullable().describe('The first day with any data, if it is within the period'),
    firstPlayedAt: Time.nullable().describe('Ever'),
    lastPlayedAt: Time.nullable().describe('Ever'),
    playsEver: count,
    rank: z
      .strictObject({ rank: z.int().positive(), of: count, neighbors: z.array(Neighbor) })
      .nullable()
      .describe('By plays in the period, with those ranked just above and below; null without plays'),
  })
  .meta({ id: 'Listening' })
export type Listening = z.infer<typeof Listening>

const described = {
  id: z.string().describe('Spotify’s id, or n- and 16 hex digits where there is none'),
  name,
  artwork: picture,
  url: z.string().nullable().describe('On Spotify'),
  asOf: Time.nullable().describe('When the data was loaded'),
  listening: Listening,
  playlists: z
    .array(z.strictObject({ id: z.string(), name, artwork: picture, songs: count }))
    .describe('Playlists that contain it, at most 100, with how many of its songs they contain'),
}

export const Song = z
  .strictObject({
    id: z.string(),
    name,
    artists: z.string().nullable(),
    album: Reference.nullable(),
    durationMs: count.nullable(),
    plays: count.describe('Ever, of this one alone'),
  })
  .meta({ id: 'Song' })
export type Song = z.infer<typeof Song>

/** A song that counts as another one. */
export const CountedAlike = Song.extend({
  why: z.enum(['isrc', 'chosen']).describe('The same ISRC, or your choice'),
}).meta({ id: 'CountedAlike' })

const Track = z
  .strictObject({
    ...described,
    countedTogether: z
      .array(CountedAlike)
      .describe('Other songs that count as this one, because they are the same recording; at most 50'),
    alike: z
      .array(Song)
      .describe(
        'Songs of the artist with the same title, apart from remarks such as “Remastered”, that count by themselves; at most 5',
      ),
    artists: z.array(Reference),
    album: Reference.nullable(),
    durationMs: count.nullable(),
    explicit: z.boolean().nullable(),
    genres: z.string().nullable().describe('Of its first artist, separated by commas'),
    released: z.string().nullable().describe('A day, a month or a year'),
    likedAt: Time.nullable(),
  })
  .meta({ id: 'Track' })
export type Track = z.infer<typeof Track>

const Artist = z
  .strictObject({
    ...described,
    genres: z.string().nullable().describe('Separated by commas, the main one first'),
    genreSource: z.enum(GENRE_SOURCES).nullable().describe('The source of the genres; null if there is none'),
    songs: count.describe('Known songs'),
    albums: count.describe('Known albums'),
    isFollowed: z.boolean(),
  })
  .meta({ id: 'Artist' })
export type Artist = z.infer<typeof Artist>

const Album = z
  .strictObject({
    ...described,
    artists: z.array(Reference),
    kind: z.string().nullable().describe('album, single or compilation'),
    released: z.string().nullable().describe('A day, a month or a year'),
    totalTracks: count.nullable(),
    songs: count.describe('Known songs, which may be fewer'),
    label: z.string().nullable(),
    genres: z
      .array(Reference.extend({ genres: z.array(z.string()), source: z.enum(GENRE_SOURCES) }))
      .describe('Of its artists that have genres, the main one first'),
    savedAt: Time.nullable(),
  })
  .meta({ id: 'Album' })
export type Album = z.infer<typeof Album>

const MEANING = 'with your plays of it and its rank among the others; all time if no period is sent'

export const getTrack = defineEndpoint({
  method: 'GET',
  path: '/api/tracks/[id]',
  summary: `One song, ${MEANING}`,
  access: { token: 'read charts' },
  query: PeriodQuery,
  limit: 'queries',
  response: Track,
  errors: ['unknown-track', 'wrong-parameter', 'no-copy'],
})

export const getArtist = defineEndpoint({
  method: 'GET',
  path: '/api/artists/[id]',
  summary: `One artist, ${MEANING}`,
  access: { token: 'read charts' },
  query: PeriodQuery,
  limit: 'queries',
  response: Artist,
  errors: ['unknown-artist', 'wrong-parameter', 'no-copy'],
})

export const getAlbum = defineEndpoint({
  method: 'GET',
  path: '/api/albums/[id]',
  summary: `One album, ${MEANING}`,
  access: { token: 'read charts' },
  query: PeriodQuery,
  limit: 'queries',
  response: Album,
  errors: ['unknown-album', 'wrong-parameter', 'no-copy'],
})

const results = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.array(z.strictObject({ id: z.string(), name: z.string(), artwork: picture, ...shape })).max(SEARCH.maxResults)

export const search = defineEndpoint({
  method: 'GET',
  path: '/api/search',
  summary: `Search songs, artists, albums and playlists by name, at most ${SEARCH.maxResults} of each`,
  access: { token: 'read charts' },
  query: z.object({
    q: z
      .string()
      .max(SEARCH.maxCharacters)
      .describe('Upper case and accents don’t matter. Several words may be from a name and its artist'),
  }),
  limit: 'queries',
  response: z
    .strictObject({
      songs: results({ artists: z.string().nullable(), album: z.string().nullable(), plays: count }),
      artists: results({ plays: count }),
      albums: results({ artists: z.string().nullable(), plays: count }),
      playlists: results({ songs: count.nullable() }),
    })
    .meta({ id: 'SearchResponse', description: 'Names that begin with the text first, then the most played' }),
  errors: ['no-copy'],
})
