export interface Example {
  title: string
  about: string
  /** The tables it needs, as schema.name: it is offered once they exist. */
  reads: string[]
  sql: string
}

/** Queries to start from. They count plays as the pages do, by the listener's counting rule. */
export const EXAMPLES: Example[] = [
  {
    title: 'First plays',
    about: 'Where it began with each of your top artists',
    reads: ['analytical.dim_artists', 'analytical.dim_tracks', 'analytical.fct_plays'],
    sql: `-- The first song you heard of your 50 most played artists.
select
  artists.name as artist,
  min(plays.day) as first_day,
  arg_min(tracks.name, plays.played_at) as first_song,
  artists.plays as plays_since
from analytical.fct_plays as plays
join analytical.dim_tracks as tracks using (track_key)
join analytical.dim_artists as artists on artists.artist_key = plays.artist_key
where plays.counts
group by artists.artist_key, artists.name, artists.plays
order by artists.plays desc
limit 50`,
  },
  {
    title: 'Longest sessions',
    about: 'Listening without half an hour of silence',
    reads: ['analytical.fct_sessions'],
    sql: `select
  day,
  started_at,
  round(ms_played / 3600000.0, 1) as hours,
  plays,
  tracks as songs
from analytical.fct_sessions
order by ms_played desc
limit 20`,
  },
  {
    title: 'Never skipped',
    about: 'Songs you always let play. Only plays of an extended export say whether they were skipped',
    reads: ['analytical.dim_tracks', 'analytical.fct_plays'],
    sql: `select
  tracks.name as song,
  tracks.artist_names as artists,
  count(*) as plays
from analytical.fct_plays as plays
join analytical.dim_tracks as tracks using (track_key)
where plays.source = 'spotify-extended'
group by tracks.track_key, tracks.name, tracks.artist_names
having count(*) >= 5 and not bool_or(plays.skipped)
order by plays desc
limit 50`,
  },
  {
    title: 'Artist share by year',
    about: 'How much of each year belongs to its top three',
    reads: ['analytical.dim_artists', 'analytical.fct_plays'],
    sql: `with years as (
  select
    year(day) as year,
    artist_key,
    count(*) as plays,
    sum(count(*)) over (partition by year(day)) as of_all
  from analytical.fct_plays
  where counts
  group by year(day), artist_key
)
select
  year,
  row_number() over (partition by year order by years.plays desc, artists.name) as place,
  artists.name as artist,
  years.plays,
  round(100.0 * years.plays / of_all, 1) as percent
from years
join analytical.dim_artists as artists using (artist_key)
qualify place <= 3
order by year desc, place`,
  },
  {
    title: 'On repeat',
    about: 'The song you played most in a single day',
    reads: ['analytical.dim_tracks', 'analytical.fct_plays'],
    sql: `select
  plays.day,
  tracks.name as song,
  tracks.artist_names as artists,
  count(*) as plays
from analytical.fct_plays as plays
join analytical.dim_tracks as tracks using (track_key)
where plays.counts
group by plays.day, tracks.track_key, tracks.name, tracks.artist_names
order by plays desc, plays.day desc
limit 20`,
  },
  {
    title: 'Comebacks',
    about: 'Songs that returned after the longest silence',
    reads: ['analytical.dim_tracks', 'analytical.fct_plays'],
    sql: `with plays as (
  select
    track_key,
    day,
    lag(day) over (partition by track_key order by played_at) as heard_before
  from analytical.fct_plays
  where counts
)
select
  tracks.name as song,
  tracks.artist_names as artists,
  heard_before,
  day as heard_again,
  day - heard_before as days_of_silence
from plays
join analytical.dim_tracks as tracks using (track_key)
where heard_before is not null
order by days_of_silence desc, heard_again desc
limit 20`,
  },
  {
    title: 'Night owl',
    about: 'Plays between midnight and five, by year',
    reads: ['analytical.agg_day_hours'],
    sql: `select
  year(day) as year,
  sum(plays) as plays,
  coalesce(sum(plays) filter (hour < 5), 0) as at_night,
  round(100.0 * coalesce(sum(plays) filter (hour < 5), 0) / sum(plays), 1) as percent
from analytical.agg_day_hours
where plays > 0
group by year
order by year desc`,
  },
  {
    title: 'Top songs since a day',
    about: 'With a parameter: the day is asked for',
    reads: ['analytical.dim_tracks', 'analytical.fct_plays'],
    sql: `select
  tracks.name as song,
  tracks.artist_names as artists,
  count(*) as plays
from analytical.fct_plays as plays
join analytical.dim_tracks as tracks using (track_key)
where plays.counts and plays.day >= cast($since as date)
group by tracks.track_key, tracks.name, tracks.artist_names
order by plays desc, song
limit 50`,
  },
]
