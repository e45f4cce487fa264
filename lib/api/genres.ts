import { z } from 'zod'
import { GENRE_SOURCES } from '#lib/charts/chart.ts'
import { defineEndpoint } from './endpoint.ts'
import { MAX_GENRES, MAX_GENRES_FILE_BYTES } from './limits.ts'
import { Time } from './shapes.ts'
import { MEDIA_TYPES } from './tables.ts'

/** The genres of the listener's artists, and their own map. */

const MAX_ID = 255
const MAX_GENRE = 60

const Genre = z
  .string()
  .transform((text) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim().toLowerCase())
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(MAX_GENRE)
      .regex(/^[^,]*$/, 'must not contain a comma'),
  )

/** Genres as a listener enters them, without repetitions. */
export const Genres = z
  .array(Genre)
  .transform((genres) => [...new Set(genres)])
  .pipe(z.array(z.string()).max(MAX_GENRES))

export const GenreChange = z.object({
  artistId: z.string().min(1).max(MAX_ID),
  genres: Genres.nullable().describe(
    'Your own, the main one first. Empty: no genre. Null: use the other sources again',
  ),
})
export type GenreChange = z.infer<typeof GenreChange>

const known = {
  genres: z.array(z.string()).describe('The main one first'),
  source: z.enum(GENRE_SOURCES).nullable().describe('Their source; null if there is none'),
}

const ArtistGenres = z.strictObject({ artistId: z.string(), ...known }).meta({ id: 'ArtistGenres' })
export type ArtistGenres = z.infer<typeof ArtistGenres>

export const MusicBrainzState = z
  .strictObject({
    isOn: z.boolean().describe('Whether the operator lets this instance request genres from MusicBrainz'),
    waiting: z.int().describe('Artists of the whole instance left to look up'),
    problem: z.string().nullable().describe('Why the last request failed; retried automatically'),
    problemAt: Time.nullable(),
  })
  .meta({
    id: 'MusicBrainzState',
    description: 'From MusicBrainz, the free music encyclopedia, looked up by artist name',
  })
export type MusicBrainzState = z.infer<typeof MusicBrainzState>

export const GenresResponse = z
  .strictObject({
    artists: z
      .array(
        z.strictObject({
          id: z.string(),
          name: z.string().nullable(),
          artwork: z.string().nullable(),
          plays: z.int().describe('Of all time'),
          ...known,
        }),
      )
      .describe('The most played first'),
    next: z.string().nullable().describe('The cursor of the next page'),
    coverage: z
      .strictObject({ plays: z.int(), withGenre: z.int() })
      .describe('All counted plays, and those of artists with a genre'),
    isUpdating: z.boolean().describe('True until charts show every change to your own genres'),
    musicBrainz: MusicBrainzState,
  })
  .meta({ id: 'GenresResponse' })
export type GenresResponse = z.infer<typeof GenresResponse>

export const getGenres = defineEndpoint({
  method: 'GET',
  path: '/api/genres',
  summary: 'Your artists’ genres with their source, and how many of your plays have one',
  access: { token: 'read charts' },
  query: z.object({
    search: z.string().max(200).default('').describe('Part of an artist’s name'),
    show: z.enum(['all', 'missing']).default('all').describe('missing: only artists without a genre'),
    limit: z.coerce.number().int().min(1).max(200).default(20),
    cursor: z.string().max(100).optional().describe('`next` of the page before'),
  }),
  limit: 'queries',
  response: GenresResponse,
  errors: ['no-copy', 'wrong-parameter'],
})

export const setGenres = defineEndpoint({
  method: 'PUT',
  path: '/api/genres',
  summary: 'Set your own genres for an artist, or remove them',
  access: 'listener',
  body: GenreChange,
  limit: 'queries',
  response: ArtistGenres,
  errors: ['unknown-artist', 'too-many-genres', 'no-copy'],
})

export const getGenresFile = defineEndpoint({
  method: 'GET',
  path: '/api/genres/file',
  summary: 'All your artists with their genres as CSV: artist_id, artist_name, artist_genre, source',
  access: { token: 'read tables' },
  limit: 'downloads',
  response: z.unknown(),
  files: [MEDIA_TYPES.csv],
  errors: ['no-copy'],
})

export const importGenres = defineEndpoint({
  method: 'PUT',
  path: '/api/genres/file',
  summary: 'Add the genres in such a file to your own. Rows without a genre change nothing',
  access: 'listener',
  body: z.object({ csv: z.string().min(1) }),
  maxBodyBytes: MAX_GENRES_FILE_BYTES,
  limit: 'orders',
  response: z
    .strictObject({
      saved: z.int().describe('Artists that have these genres now'),
      unchanged: z.int().describe('Artists that had them before'),
      withoutGenre: z.int().describe('Rows without a genre'),
      unknown: z.int().describe('Artists you don’t have, or names that several of your artists share'),
      invalid: z
        .int()
        .describe('Artists with more than 10 genres or with one that is too long, and rows that can’t be read'),
    })
    .meta({ id: 'GenresImport' }),
  errors: ['bad-genres-file', 'too-many-genres', 'no-copy'],
})
export type GenresImport = z.infer<(typeof importGenres)['response']>
