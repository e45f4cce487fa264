import { z } from 'zod'
import { type ColumnSet, double, integer, rowOf, text, timestamp, typesOf } from './columns.ts'
import { UNREADABLE } from './rejections.ts'
import { EMPTY_PAGE, type LandedKind } from './stream.ts'

/** Audio features of songs from a listener's file. Spotify no longer gives them to new apps. */

const Value = z.number().nullable().catch(null)
const Whole = z.int().min(-1_000).max(1_000).nullable().catch(null)

/** The features of one song, with the names and scales of Spotify's API. Parsing removes every other field. */
const Features = z.object({
  uri: z.string().min(1).max(4_000),
  acousticness: Value,
  danceability: Value,
  energy: Value,
  instrumentalness: Value,
  key: Whole,
  liveness: Value,
  loudness: Value,
  mode: Whole,
  speechiness: Value,
  tempo: Value,
  timeSignature: Whole,
  valence: Value,
})
type Features = z.infer<typeof Features>

const facts = { importId: z.string(), member: z.int().min(0).default(0) }

/** A page as it lands. */
export const FeaturesPage = z.object({ ...facts, items: z.array(Features).max(5_000) })

/** A landed page, one of whose items may be unreadable. */
const LandedPage = z.object({ ...facts, items: z.array(z.unknown()) })

interface Item {
  of: Features
  page: Omit<z.infer<typeof FeaturesPage>, 'items'>
}

const columns: ColumnSet<Item> = {
  uri: text(({ of }) => of.uri),
  track_id: text(({ of }) => of.uri.split(':').at(-1)),
  acousticness: double(({ of }) => of.acousticness),
  danceability: double(({ of }) => of.danceability),
  energy: double(({ of }) => of.energy),
  instrumentalness: double(({ of }) => of.instrumentalness),
  key: integer(({ of }) => of.key),
  liveness: double(({ of }) => of.liveness),
  loudness: double(({ of }) => of.loudness),
  mode: integer(({ of }) => of.mode),
  speechiness: double(({ of }) => of.speechiness),
  tempo: double(({ of }) => of.tempo),
  time_signature: integer(({ of }) => of.timeSignature),
  valence: double(({ of }) => of.valence),
  import_id: text(({ page }) => page.importId),
  import_member: integer(({ page }) => page.member),
  imported_at: timestamp((_item, { syncedAt }) => syncedAt),
}

const kind: LandedKind<Item> = {
  name: 'audio_features',
  title: 'Audio features',
  columns: typesOf(columns),
  key: ['uri'],
  // As with imported plays, what an earlier import brought stays with it.
  load: 'append',
  page(body) {
    const { items, ...page } = LandedPage.parse(body)
    const read = (item: unknown): Item | null => {
      const of = Features.safeParse(item).data
      return of ? { of, page } : null
    }
    return { ...EMPTY_PAGE, items: items.map(read) }
  },
  row: (item, place) => (item === null ? { rejected: UNREADABLE } : rowOf(columns, item, place)),
  hidden: () => null,
}

export const audioFeatures: LandedKind = kind
