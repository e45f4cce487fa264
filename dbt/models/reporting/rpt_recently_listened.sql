with newest as (
  select
    played_at,
    day,
    coalesce(played_track_key, track_key) as track_key,
    artist_key,
    album_key,
    ms_played,
    counts
  from {{ ref('fct_plays') }}
  where not excluded
  order by played_at desc
  limit 1000
)

select
  newest.played_at,
  newest.day,
  tracks.track_id,
  tracks.name,
  tracks.artist_names,
  artists.artist_id,
  albums.album_id,
  albums.name as album_name,
  newest.ms_played,
  newest.counts
from newest
left join {{ ref('dim_tracks') }} as tracks on tracks.track_key = newest.track_key
left join {{ ref('dim_artists') }} as artists on artists.artist_key = newest.artist_key
left join {{ ref('dim_albums') }} as albums on albums.album_key = newest.album_key
