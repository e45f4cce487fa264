{{ config(materialized='view') }}

select
  albums.album_key,
  albums.album_id,
  albums.uri,
  albums.name,
  albums.folded,
  albums.artist_key,
  albums.artist_names,
  albums.album_type,
  albums.release_date,
  albums.release_date_precision,
  albums.total_tracks,
  albums.image_url,
  albums.image_small_url,
  heard.first_played_at,
  heard.last_played_at,
  coalesce(heard.plays, 0) as plays,
  coalesce(heard.ms_played, 0) as ms_played
from {{ ref('int_albums') }} as albums
left join {{ ref('agg_albums') }} as heard on heard.album_key = albums.album_key
-- An id of names that stands for another one by now stays behind until everything is built again.
where {{ is_unresolved('album', 'albums.album_id') }}
