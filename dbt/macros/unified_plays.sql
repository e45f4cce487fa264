{#
  Every play once: what Spotify's API reported and what was imported, where both report the same play as one. Imported
  plays that another play already stands for are left out.
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
  from {{ rows_of('plays', utc_days) }} as plays
  left join {{ held_pairs() }} as pairs
    on pairs.played_at = plays.played_at and pairs.uri = plays.uri
  where pairs.uri is null
),

imported_plays as (
  select
    imports.played_at,
    coalesce(plays.uri, imports.uri) as uri,
    coalesce(plays.track_id, imports.track_id) as track_id,
    coalesce(plays.artist_id, imports.artist_id) as artist_id,
    coalesce(plays.album_id, imports.album_id) as album_id,
    -- Other programs usually record no time, which is stored as 0.
    case
      when imports.source in ('recently-played', 'listenbrainz', 'lastfm') and imports.ms_played = 0 then null
      else cast(imports.ms_played as integer)
    end as ms_played,
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
  from {{ rows_of('imported_plays', utc_days) }} as imports
  left join {{ source('raw', 'play_pairs') }} as pairs
    on
      pairs.import_played_at = imports.played_at
      and pairs.import_uri = imports.uri
      and pairs.import_ms_played = imports.ms_played
  left join {{ source('raw', 'plays') }} as plays
    on plays.played_at = pairs.played_at and plays.uri = pairs.uri
  left join {{ source('raw', 'import_duplicates') }} as duplicates
    on
      duplicates.played_at = imports.played_at
      and duplicates.uri = imports.uri
      and duplicates.ms_played = imports.ms_played
  where imports.kind = 'song' and duplicates.uri is null
),

plays as (
  select * from api_plays
  union all
  select * from imported_plays
)

select
  plays.played_at,
  plays.uri,
  coalesce(resolved_tracks.resolved_id, plays.track_id) as track_id,
  coalesce(resolved_artists.resolved_id, plays.artist_id) as artist_id,
  coalesce(resolved_albums.resolved_id, plays.album_id) as album_id,
  plays.ms_played,
  plays.skipped,
  plays.private,
  coalesce(exclusions.excluded, false) as excluded,
  plays.source,
  plays.import_id,
  plays.context_uri,
  greatest(plays.arrived_at, coalesce(exclusions.changed_at, {{ long_ago() }})) as arrived_at
from plays
{{ resolved('tracks', 'track', 'plays.track_id') }}
{{ resolved('artists', 'artist', 'plays.artist_id') }}
{{ resolved('albums', 'album', 'plays.album_id') }}
left join {{ ref('stg_exclusions') }} as exclusions
  on exclusions.played_at = plays.played_at and exclusions.uri = plays.uri
where plays.track_id is not null
{% endmacro %}

{#
  The pairs whose imported play is there. An external warehouse can lose an import before it gets the new pairs: until
  then, the plays of the API have to stand for themselves.
#}
{% macro held_pairs() -%}
(
    select pairs.*
    from {{ source('raw', 'play_pairs') }} as pairs
    join {{ source('raw', 'imported_plays') }} as imports
      on
        imports.played_at = pairs.import_played_at
        and imports.uri = pairs.import_uri
        and imports.ms_played = pairs.import_ms_played
  )
{%- endmacro %}

{#
  A raw table of plays, or its rows on some UTC days. A range lets DuckDB skip most of the table. A build has the newest
  days and often one long ago, for example of a play that was excluded: two ranges skip what lies between.
#}
{% macro rows_of(name, utc_days) %}
{%- if utc_days -%}
(
    select * from {{ source('raw', name) }} where {{ is_on_days('played_at', utc_days, '>=') }}
    union all
    select * from {{ source('raw', name) }} where {{ is_on_days('played_at', utc_days, '<') }}
  )
{%- else -%} {{ source('raw', name) }} {%- endif -%}
{%- endmacro %}

{# Condition: a moment is on one of those UTC days that are among the newest (>=), or not (<). #}
{% macro is_on_days(moment, utc_days, age) %}
{{- moment }} >= (select min(day) from {{ utc_days }} where {{ is_of_age(age, utc_days) }})
    and {{ moment }} < (select max(day) + 1 from {{ utc_days }} where {{ is_of_age(age, utc_days) }})
    and cast({{ moment }} as date) in (select day from {{ utc_days }})
{%- endmacro %}

{% macro is_of_age(age, days) %}day {{ age }} (select max(day) - 5 from {{ days }}){% endmacro %}
