with plays as (
  select
    extract(year from day) as year,
    day,
    track_key,
    artist_key,
    album_key,
    ms_played
  from {{ ref('fct_plays') }}
  where counts
),

years as (
  select
    year,
    cast(count(*) as integer) as plays,
    cast(sum(ms_played) as bigint) as ms_played,
    cast(count(distinct day) as integer) as days,
    cast(count(distinct track_key) as integer) as tracks,
    cast(count(distinct artist_key) as integer) as artists,
    cast(count(distinct album_key) as integer) as albums
  from plays
  group by year
),

songs as (
  select year, track_key, count(*) as plays
  from plays
  group by year, track_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), track_key) = 1
),

singers as (
  select year, artist_key, count(*) as plays
  from plays
  where artist_key is not null
  group by year, artist_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), artist_key) = 1
),

records as (
  select year, album_key, count(*) as plays
  from plays
  where album_key is not null
  group by year, album_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), album_key) = 1
),

calendar as (
  select
    extract(year from day) as year,
    day,
    ms_played
  from {{ ref('agg_days') }}
  where plays > 0
),

busiest as (
  select
    year,
    day,
    ms_played
  from calendar
  qualify row_number() over (partition by year order by ms_played desc, day) = 1
),

-- Days in a row have the same distance from their position among the days of the year.
islands as (
  select
    year,
    day - cast(row_number() over (partition by year order by day) as integer) as island
  from calendar
),

streaks as (
  select
    year,
    max(days) as days
  from (select year, count(*) as days from islands group by year, island) as runs
  group by year
),

firsts as (
  select
    extract(year from {{ local_time('artists.first_played_at', 'rules.zone') }}) as year,
    cast(count(*) as integer) as new_artists
  from {{ ref('dim_artists') }} as artists
  cross join {{ ref('stg_settings') }} as rules
  where artists.first_played_at is not null
  group by 1
)

select
  cast(years.year as integer) as year,
  years.plays,
  years.ms_played,
  years.days,
  years.tracks,
  years.artists,
  years.albums,
  coalesce(firsts.new_artists, 0) as new_artists,
  tracks.track_id as top_track_id,
  tracks.name as top_track_name,
  cast(songs.plays as integer) as top_track_plays,
  artists.artist_id as top_artist_id,
  artists.name as top_artist_name,
  cast(singers.plays as integer) as top_artist_plays,
  albums.album_id as top_album_id,
  albums.name as top_album_name,
  cast(records.plays as integer) as top_album_plays,
  cast(streaks.days as integer) as longest_streak,
  busiest.day as busiest_day,
  cast(busiest.ms_played as bigint) as busiest_day_ms_played
from years
left join firsts on firsts.year = years.year
left join songs on songs.year = years.year
left join {{ ref('dim_tracks') }} as tracks on tracks.track_key = songs.track_key
left join singers on singers.year = years.year
left join {{ ref('dim_artists') }} as artists on artists.artist_key = singers.artist_key
left join records on records.year = years.year
left join {{ ref('dim_albums') }} as albums on albums.album_key = records.album_key
left join streaks on streaks.year = years.year
left join busiest on busiest.year = years.year
