{{
  config(
    materialized='incremental',
    unique_key='artist_key',
    incremental_strategy='delete+insert',
    post_hook="delete from {{ this }} where genre is null"
  )
}}

with artists as (
  select
    artist_key,
    artist_id,
    genres
  from {{ ref('int_artists') }}
  {% if is_incremental() %}
  where {{ may_have_changed('artists', 'artist_id') }} or {{ may_have_changed('genre_map', 'artist_id') }}
  {% endif %}
),

named as (
  select
    artists.artist_key,
    map.genres,
    map.source,
    case map.source when 'own' then 1 else 3 end as precedence
  from {{ source('raw', 'genre_map') }} as map
  inner join artists on artists.artist_id = map.artist_id
  where map.genres is not null
  union all
  select
    artist_key,
    genres,
    'spotify' as source,
    2 as precedence
  from artists
  where genres <> ''
),

-- An artist has the genres of one source.
chosen as (
  select
    artist_key,
    genres,
    source
  from named
  qualify row_number() over (partition by artist_key order by precedence) = 1
),

-- As many as a source can name.
places as (
  select place from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) as numbers (place)
),

split as (
  select
    chosen.artist_key,
    chosen.source,
    places.place,
    lower(split_part(chosen.genres, ', ', places.place)) as genre
  from chosen
  cross join places
)

select
  artist_key,
  genre,
  cast(min(place) as integer) as position,
  min(source) as source
from split
where genre <> ''
group by artist_key, genre
{% if is_incremental() %}
union all
-- Removes what an artist had before, even if no genre is left. The post_hook removes these rows.
select
  artist_key,
  cast(null as varchar) as genre,
  cast(null as integer) as position,
  cast(null as varchar) as source
from artists
{% endif %}
