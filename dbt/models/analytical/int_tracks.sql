{{ config(materialized='incremental', unique_key='track_key', incremental_strategy='delete+insert') }}

with ids as (
  select
    track_id,
    artist_id,
    album_id,
    -- What matters to plays: the duration stands in for an unknown time, and a play counts for its artist and album.
    hash(duration_ms, artist_id, album_id) as play_content,
    hash(uri, name, artist_id, artist_names, album_id, duration_ms, explicit, isrc) as content
  from {{ ref('stg_tracks') }}
  {% if is_incremental() %}
  where {{ may_have_changed('tracks', 'track_id') }}
  {% else %}
  union all
  select track_id, artist_id, album_id, null, null
  from ({{ ids_in_plays('track_id', 'track', ['artist_id', 'album_id']) }}) as mentioned
  where track_id not in (select track_id from {{ ref('stg_tracks') }})
  {% endif %}
),

{% if is_incremental() %}
{{
  changed_ids('track_key', 'track_id', [
    'ids.artist_id',
    'ids.album_id',
    'ids.play_content',
    'held.track_id is not null and ids.play_content is distinct from held.play_content as has_new_play_content',
    'coalesce(held.play_batch, 0) as play_batch',
    'held.artist_key as former_artist_key',
    'held.album_key as former_album_key',
  ])
}}
{% else %}
{{
  changed_ids('track_key', 'track_id', [
    'ids.artist_id',
    'ids.album_id',
    'ids.play_content',
    'false as has_new_play_content',
    '0 as play_batch',
    'cast(null as integer) as former_artist_key',
    'cast(null as integer) as former_album_key',
  ])
}}
{% endif %}

select
  changed.track_key,
  changed.track_id,
  tracks.uri,
  tracks.name,
  tracks.folded,
  artists.artist_key,
  tracks.artist_names,
  albums.album_key,
  tracks.duration_ms,
  tracks.explicit,
  tracks.isrc,
  changed.play_content,
  -- The build in which a known song last changed in a way that matters to its plays.
  case when changed.has_new_play_content then {{ this_batch() }} else changed.play_batch end as play_batch,
  -- Before this build its plays counted for these.
  changed.former_artist_key,
  changed.former_album_key,
  changed.content,
  {{ this_batch() }} as batch
from changed
left join {{ ref('stg_tracks') }} as tracks on tracks.track_id = changed.track_id
left join {{ ref('int_artists') }} as artists on artists.artist_id = changed.artist_id
left join {{ ref('int_albums') }} as albums on albums.album_id = changed.album_id
