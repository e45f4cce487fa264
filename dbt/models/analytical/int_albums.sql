{{ config(materialized='incremental', unique_key='album_key', incremental_strategy='delete+insert') }}

with ids as (
  select
    album_id,
    hash(
      uri, name, artist_id, artist_names, album_type, release_date, release_date_precision, total_tracks, image_url,
      image_small_url
    ) as content
  from {{ ref('stg_albums') }}
  {% if is_incremental() %}
  where {{ may_have_changed('albums', 'album_id') }}
  {% else %}
  union all
  select album_id, null
  from (
    select album_id from {{ ref('stg_tracks') }} where album_id is not null
    union
    select album_id from ({{ ids_in_plays('album_id', 'album', []) }}) as plays
  ) as mentioned
  where album_id not in (select album_id from {{ ref('stg_albums') }})
  {% endif %}
),

{{ changed_ids('album_key', 'album_id', []) }}

select
  changed.album_key,
  changed.album_id,
  albums.uri,
  albums.name,
  albums.folded,
  artists.artist_key,
  albums.artist_names,
  albums.album_type,
  albums.release_date,
  albums.release_date_precision,
  cast(albums.total_tracks as integer) as total_tracks,
  albums.image_url,
  albums.image_small_url,
  changed.content,
  {{ this_batch() }} as batch
from changed
left join {{ ref('stg_albums') }} as albums on albums.album_id = changed.album_id
left join {{ ref('int_artists') }} as artists on artists.artist_id = albums.artist_id
