{#
  Every play once: what Spotify's API reported and what was imported, where both report the same play as one.
  utc_days: a relation of days, as far as only the plays of these days are wanted. It has to be here, because DuckDB
  does not move such a condition through the joins.
#}
{% macro unified_plays(utc_days) %}
with api_plays as (
  select
    plays.played_at,
    plays.uri,
    plays.track_id,
    plays.artist_id,
    plays.album_id,
    cast(null as integer) as ms_played,
    false as skipped,
    false as private,
    'spotify' as source,
    cast(null as varchar) as import_id,
    plays.context_uri,
    plays.synced_at as arrived_at
  from {{ source('raw', 'plays') }} as plays
  left join {{ source('raw', 'play_pairs') }} as pairs
    on pairs.played_at = plays.played_at and pairs.uri = plays.uri
  where pairs.uri is null {% if utc_days %} and {{ is_on_days('plays.played_at', utc_days) }} {% endif %}
),

imported_plays as (
  select
    imports.played_at,
    coalesce(plays.uri, imports.uri) as uri,
    coalesce(plays.track_id, imports.track_id) as track_id,
    coalesce(plays.artist_id, imports.artist_id) as artist_id,
    coalesce(plays.album_id, imports.album_id) as album_id,
    cast(imports.ms_played as integer) as ms_played,
    coalesce(imports.skipped, false) as skipped,
    coalesce(imports.private, false) as private,
    imports.source,
    imports.import_id,
    plays.context_uri,
    greatest(
      imports.imported_at,
      coalesce(plays.synced_at, {{ long_ago() }}),
      coalesce(pairs.paired_at, {{ long_ago() }})
    ) as arrived_at
  from {{ source('raw', 'imported_plays') }} as imports
  left join {{ source('raw', 'play_pairs') }} as pairs
    on
      pairs.import_played_at = imports.played_at
      and pairs.import_uri = imports.uri
      and pairs.import_ms_played = imports.ms_played
  left join {{ source('raw', 'plays') }} as plays
    on plays.played_at = pairs.played_at and plays.uri = pairs.uri
  where imports.kind = 'song' {% if utc_days %} and {{ is_on_days('imports.played_at', utc_days) }} {% endif %}
),

plays as (
  select * from api_plays
  union all
  select * from imported_plays
)

select
  plays.played_at,
  plays.uri,
  plays.track_id,
  plays.artist_id,
  plays.album_id,
  plays.ms_played,
  plays.skipped,
  plays.private,
  coalesce(exclusions.excluded, false) as excluded,
  plays.source,
  plays.import_id,
  plays.context_uri,
  greatest(plays.arrived_at, coalesce(exclusions.changed_at, {{ long_ago() }})) as arrived_at
from plays
left join {{ ref('stg_exclusions') }} as exclusions
  on exclusions.played_at = plays.played_at and exclusions.uri = plays.uri
where plays.track_id is not null
{% endmacro %}

{# Condition: a moment is on one of some UTC days. The range lets DuckDB skip most of the table. #}
{% macro is_on_days(moment, utc_days) %}
{{- moment }} >= (select min(day) from {{ utc_days }})
and {{ moment }} < (select max(day) + 1 from {{ utc_days }})
and cast({{ moment }} as date) in (select day from {{ utc_days }})
{%- endmacro %}
