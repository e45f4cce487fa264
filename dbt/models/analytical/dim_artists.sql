{{ config(materialized='view') }}

select
  artists.artist_key,
  artists.artist_id,
  artists.uri,
  artists.name,
  artists.folded,
  artists.genres,
  artists.image_url,
  artists.image_small_url,
  heard.first_played_at,
  heard.last_played_at,
  coalesce(heard.plays, 0) as plays,
  coalesce(heard.ms_played, 0) as ms_played
from {{ ref('int_artists') }} as artists
left join {{ ref('agg_artists') }} as heard on heard.artist_key = artists.artist_key
-- An id of names that stands for another one by now stays behind until everything is built again.
where {{ is_unresolved('artist', 'artists.artist_id') }}
