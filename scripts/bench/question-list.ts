/** A question about 12 years of plays, in SQL that DuckDB and Postgres both understand. */
export interface Question {
  name: string
  sql: string
  /** As charts ask it in DuckDB, where that differs. */
  final?: string
}

const YEAR = "day between date '2025-01-01' and date '2025-12-31'"
const YEAR_BEFORE = "day between date '2024-01-01' and date '2024-12-31'"
const MONTH = "day between date '2026-10-01' and date '2026-10-31'"
const FIVE_YEARS = "day between date '2020-03-01' and date '2025-02-28'"
/** One artist, whose plays are a small share. */
const ARTIST = '(select artist_key from analytical.int_artists order by artist_id limit 1)'
const CURSOR = "timestamp '2021-06-15 12:00:00'"

/** Groups by song, then looks up the names of the first 50. */
const topTracks = (where: string) => `
  with top as (
    select track_key, count(*) as plays, sum(ms_played) as ms from analytical.fct_plays
    where counts and ${where} group by track_key order by plays desc, track_key limit 50)
  select t.name, a.name as artist, top.plays, top.ms
  from top join analytical.int_tracks t on t.track_key = top.track_key
  left join analytical.int_artists a on a.artist_key = t.artist_key order by top.plays desc, top.track_key`

const topArtists = (where: string) => `
  with top as (
    select artist_key, count(*) as plays, sum(ms_played) as ms from analytical.fct_plays
    where counts and ${where} group by artist_key order by plays desc, artist_key limit 50)
  select a.name, top.plays, top.ms from top join analytical.int_artists a on a.artist_key = top.artist_key
  order by top.plays desc, top.artist_key`

const history = (where: string) => `
  select p.played_at, t.name, a.name as artist
  from (select played_at, track_key, artist_key from analytical.fct_plays where ${where} order by played_at desc limit 50) p
  left join analytical.int_tracks t on t.track_key = p.track_key
  left join analytical.int_artists a on a.artist_key = p.artist_key order by p.played_at desc`

const sessions = (where: string) => `
  with gaps as (
    select played_at, ms_played,
      lag(played_at) over (order by played_at) as previous_at
    from analytical.fct_plays where counts and ${where}),
  numbered as (
    select *, sum(case when previous_at is null or extract(epoch from played_at - previous_at) - ms_played / 1000.0 > 1800
      then 1 else 0 end) over (order by played_at rows between unbounded preceding and current row) as number
    from gaps),
  sessions as (
    select number, min(played_at) as started_at, count(*) as plays, sum(ms_played) as ms from numbered group by number)
  select * from sessions order by plays desc, started_at limit 20`

const storedSessions = (where: string) =>
  `select started_at, plays, ms_played from analytical.fct_sessions where ${where} order by plays desc, started_at limit 20`

/** The questions of the pages, from lists and figures to single songs. */
export const QUESTIONS: Question[] = [
  {
    name: 'top songs of all time, joined first',
    sql: `
      select t.name, a.name as artist, count(*) as plays, sum(p.ms_played) as ms
      from analytical.fct_plays p
      join analytical.int_tracks t on t.track_key = p.track_key
      join analytical.int_artists a on a.artist_key = p.artist_key
      where p.counts group by t.track_key, t.name, a.name order by plays desc, t.track_key limit 50`,
    final: `
      with top as (
        select track_key, plays, ms_played from analytical.agg_tracks order by plays desc, track_key limit 50)
      select t.name, a.name as artist, top.plays, top.ms_played
      from top join analytical.int_tracks t on t.track_key = top.track_key
      left join analytical.int_artists a on a.artist_key = t.artist_key order by top.plays desc, top.track_key`,
  },
  { name: 'top songs of all time, joined last', sql: topTracks('true') },
  { name: 'top songs of a year', sql: topTracks(YEAR) },
  { name: 'top songs of a month', sql: topTracks(MONTH) },
  { name: 'top songs of five years', sql: topTracks(FIVE_YEARS) },
  { name: 'top artists of all time', sql: topArtists('true') },
  {
    name: 'hours of the week',
    sql: `
      select weekday, hour, count(*) as plays, sum(ms_played) as ms
      from analytical.fct_plays where counts group by weekday, hour order by weekday, hour`,
    final: `
      select isodow(day) as weekday, hour, sum(plays) as plays, sum(ms_played) as ms
      from analytical.agg_day_hours group by 1, 2 order by 1, 2`,
  },
  {
    name: 'new artists by month',
    sql: `
      select date_trunc('month', first_played_at) as month, count(*) as artists
      from analytical.agg_artists where first_played_at is not null group by 1 order by 1`,
  },
  {
    name: 'rank of a song in a year, with its neighbors',
    sql: `
      with ranked as (
        select track_key, count(*) as plays, row_number() over (order by count(*) desc, track_key) as rank
        from analytical.fct_plays where counts and ${YEAR} group by track_key),
      here as (select rank from ranked order by rank offset 40 limit 1)
      select ranked.* from ranked, here where ranked.rank between here.rank - 2 and here.rank + 2 order by ranked.rank`,
  },
  {
    name: 'an artist in figures',
    sql: `
      select count(*) as plays, sum(ms_played) as ms, min(played_at) as first_at, max(played_at) as last_at,
        count(distinct track_key) as tracks
      from analytical.fct_plays where counts and artist_key = ${ARTIST}`,
  },
  {
    name: 'an artist’s songs',
    sql: `
      with top as (
        select track_key, count(*) as plays from analytical.fct_plays
        where counts and artist_key = ${ARTIST} group by track_key order by plays desc, track_key limit 20)
      select t.name, top.plays from top join analytical.int_tracks t on t.track_key = top.track_key
      order by top.plays desc, top.track_key`,
  },
  {
    name: 'newest 50 plays',
    sql: history('true'),
    final: history('day >= (select max(day) - 7 from analytical.agg_days)'),
  },
  {
    name: '50 plays before a moment',
    sql: history(`played_at < ${CURSOR}`),
    final: history(`played_at < ${CURSOR} and day between date '2021-06-08' and date '2021-06-16'`),
  },
  {
    name: 'plays of songs with a rare name',
    sql: `
      select p.played_at, t.name from analytical.fct_plays p join analytical.int_tracks t on t.track_key = p.track_key
      where t.folded like '%ab12%' order by p.played_at desc limit 50`,
    final: `
      with named as (select track_key, name from analytical.int_tracks where folded like '%ab12%')
      select p.played_at, named.name
      from (select played_at, track_key from analytical.fct_plays
            where track_key in (select track_key from named)) p
      join named on named.track_key = p.track_key order by p.played_at desc limit 50`,
  },
  {
    name: 'number of plays of songs with a common name',
    sql: `
      select count(*) as plays from analytical.fct_plays p join analytical.int_tracks t on t.track_key = p.track_key
      where p.counts and t.folded like '%a%'`,
    final: `
      select sum(h.plays) as plays from analytical.agg_tracks h join analytical.int_tracks t on t.track_key = h.track_key
      where t.folded like '%a%'`,
  },
  {
    name: 'figures of a year and the year before',
    sql: `
      select ${YEAR} as is_now, count(*) as plays, sum(ms_played) as ms, count(distinct track_key) as tracks,
        count(distinct artist_key) as artists
      from analytical.fct_plays where counts and (${YEAR} or ${YEAR_BEFORE}) group by 1 order by 1`,
  },
  {
    name: 'top artists of a year and the year before',
    sql: `
      with counted as (
        select artist_key, count(case when ${YEAR} then 1 end) as plays, count(case when ${YEAR_BEFORE} then 1 end) as before
        from analytical.fct_plays where counts and (${YEAR} or ${YEAR_BEFORE}) group by artist_key),
      top as (select * from counted order by plays desc, artist_key limit 50)
      select a.name, top.plays, top.before from top join analytical.int_artists a on a.artist_key = top.artist_key
      order by top.plays desc, top.artist_key`,
  },
  { name: 'longest sessions of a year', sql: sessions(YEAR), final: storedSessions(YEAR) },
  { name: 'longest sessions of all time', sql: sessions('true'), final: storedSessions('true') },
]
