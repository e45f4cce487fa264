import { z } from 'zod'
import { addDays, countDays } from '#lib/core/period.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_GENRES, DIM_TRACKS, FCT_PLAYS } from '#lib/models/tables.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { countedPlays } from './own-plays.ts'

/** More ranks would not be readable. */
const TOP = 10
/** More points could not be told apart. */
const MAX_POINTS = 30
/** How many are ranked at every point. What ends up below them was hardly ever in the top 10. */
const MAX_RANKED = 300

const LISTS = ['tracks', 'artists', 'albums', 'genres'] as const

const DIMS = {
  tracks: { dim: DIM_TRACKS, key: 'track_key', id: 'track_id' },
  artists: { dim: DIM_ARTISTS, key: 'artist_key', id: 'artist_id' },
  albums: { dim: DIM_ALBUMS, key: 'album_key', id: 'album_id' },
} as const

/** What is ranked: its key among plays, where its plays are counted, and its id and name by that key. */
function ranked(context: QueryContext, what: (typeof LISTS)[number]) {
  const { table } = context
  const plays = table(FCT_PLAYS)
  if (what !== 'genres') {
    const { dim, key, id } = DIMS[what]
    const names = `(select ${key}, ${id} as id, name from ${table(dim)})`
    return { key, plays, names, counted: countedPlays(context, { dim, key }) }
  }
  const genres = table(DIM_GENRES)
  const byArtist = countedPlays(context, { dim: DIM_ARTISTS, key: 'artist_key' })
  return {
    key: 'genre',
    plays: `(select f.day, f.counts, d.genre from ${plays} f join ${genres} d on d.artist_key = f.artist_key) plays`,
    names: `(select distinct genre, genre as id, genre as name from ${genres})`,
    counted: {
      ...byArtist,
      text: `select d.genre, sum(c.plays) as plays, sum(c.ms) as ms
        from (${byArtist.text}) c join ${genres} d on d.artist_key = c.artist_key group by d.genre`,
    },
  }
}

/** How the top 10 of a period developed: ranks by all plays from the start of the period up to each point. */
export const ownRankLines = defineChart({
  title: 'Top 10 over time',
  empty: 'No plays in this period.',
  note: 'Ranks by all plays since the period began.',
  params: z.object({ what: z.enum(LISTS).default('tracks') }),
  period: true,
  tables: ({ what }) => [FCT_PLAYS, ...(what === 'genres' ? [DIM_ARTISTS, DIM_GENRES] : [DIMS[what].dim])],
  sql(context, { what }) {
    const { from, to } = context.period
    const { key, plays, names, counted } = ranked(context, what)
    const days = countDays(context.period)
    const points = Math.min(days, MAX_POINTS)
    // A point stands for all days up to its last one.
    const lastDays = Array.from(
      { length: points },
      (_, point) => `(${point}, '${addDays(from, Math.ceil(((point + 1) * days) / points) - 1)}')`,
    )
    return {
      text: `with t as (
          select ${key}, row_number() over (order by plays desc, ms desc, ${key}) as place
          from (select * from (${counted.text}) counted order by plays desc, ms desc, ${key} limit ${MAX_RANKED}) most
        ),
        g as (
          select ${key}, cast(floor((day - cast(? as date)) * ${points} / ${days}) as integer) as point, count(*) as plays
          from ${plays}
          where counts and day >= cast(? as date) and day <= cast(? as date) and ${key} in (select ${key} from t)
          group by 1, 2
        ),
        c as (
          select t.${key}, t.place, d.point, d.last_day,
            sum(coalesce(g.plays, 0)) over (partition by t.${key} order by d.point) as plays
          from t cross join (values ${lastDays.join(', ')}) as d(point, last_day)
          left join g on g.${key} = t.${key} and g.point = d.point
        ),
        r as (
          select c.*, row_number() over (partition by point order by plays desc, place) as rank from c where plays > 0
        )
        select cast(r.last_day as date) as day, n.id, n.name, r.rank, r.plays
        from r join ${names} n on n.${key} = r.${key}
        where r.place <= ${TOP} and r.rank <= ${TOP} order by r.point, r.rank`,
      values: [...counted.values, from, from, to],
    }
  },
  row: z.object({
    /** The last day that is counted. */
    day: z.string(),
    id: z.string(),
    name: z.string().nullable(),
    rank: z.number(),
    /** From the start of the period up to the day. */
    plays: z.number(),
  }),
  draw: {
    as: 'rank lines',
    x: 'day',
    y: 'rank',
    series: 'name',
    tooFew: 'Choose a period of more than one day to see how ranks moved.',
  },
})
