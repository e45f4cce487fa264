-- Days, hours, songs, artists, albums and sessions add up to the counted plays.
-- one: 1 table doesn’t add up to the number of plays
-- many: {count} tables don’t add up to the number of plays
-- meaning: Charts of days, songs and sessions can disagree with each other.
-- remedy: rebuild
with counted as (
  select
    count(*) as plays,
    count(artist_key) as of_artists,
    count(album_key) as of_albums
  from {{ ref('fct_plays') }}
  where counts
),

summed as (
  select 'agg_days' as model, coalesce(sum(plays), 0) as plays from {{ ref('agg_days') }}
  union all
  select 'agg_day_hours', coalesce(sum(plays), 0) from {{ ref('agg_day_hours') }}
  union all
  select 'agg_tracks', coalesce(sum(plays), 0) from {{ ref('agg_tracks') }}
  union all
  select 'agg_artists', coalesce(sum(plays), 0) from {{ ref('agg_artists') }}
  union all
  select 'agg_albums', coalesce(sum(plays), 0) from {{ ref('agg_albums') }}
  union all
  select 'fct_sessions', coalesce(sum(plays), 0) from {{ ref('fct_sessions') }}
),

compared as (
  select
    summed.model,
    summed.plays,
    case summed.model
      when 'agg_artists' then counted.of_artists
      when 'agg_albums' then counted.of_albums
      else counted.plays
    end as counted
  from summed
  cross join counted
)

select model, plays, counted
from compared
where plays <> counted
