{{ config(materialized='incremental', unique_key='artist_key', incremental_strategy='delete+insert') }}

with ids as (
  select
    artist_id,
    hash(uri, name, genres, image_url, image_small_url) as content
  from {{ ref('stg_artists') }}
  {% if is_incremental() %}
  where {{ may_have_changed('artists', 'artist_id') }}
  {% else %}
  union all
  select artist_id, null
  from (
    select artist_id from {{ ref('stg_tracks') }} where artist_id is not null
    union
    select artist_id from {{ ref('stg_albums') }} where artist_id is not null
    union
    select artist_id from ({{ ids_in_plays('artist_id', 'artist', []) }}) as plays
  ) as mentioned
  where artist_id not in (select artist_id from {{ ref('stg_artists') }})
  {% endif %}
),

{{ changed_ids('artist_key', 'artist_id', []) }}

select
  changed.artist_key,
  changed.artist_id,
  artists.uri,
  artists.name,
  artists.folded,
  artists.genres,
  artists.image_url,
  artists.image_small_url,
  changed.content,
  {{ this_batch() }} as batch
from changed
left join {{ ref('stg_artists') }} as artists on artists.artist_id = changed.artist_id
