{{
  config(
    materialized='incremental',
    unique_key='day',
    incremental_strategy='delete+insert',
    post_hook="delete from {{ this }} where track_key is null"
  )
}}

-- depends_on: {{ ref('stg_exclusions') }}
-- A build replaces whole days: a play can move when an import brings its true time.
with
{% if is_incremental() %}
arrived as (
  select played_at from {{ source('raw', 'plays') }} where {{ has_arrived('synced_at') }}
  union all
  select played_at
  from {{ source('raw', 'imported_plays') }}
  where import_id in (select import_id from {{ ref('int_imports') }} where {{ is_newer_than(this) }})
  union all
  select played_at from {{ source('raw', 'play_pairs') }} where {{ has_arrived('paired_at') }}
  union all
  select import_played_at from {{ source('raw', 'play_pairs') }} where {{ has_arrived('paired_at') }}
  union all
  select played_at from {{ source('raw', 'import_duplicates') }} where {{ has_arrived('paired_at') }}
  union all
  -- Compared instead of dated: an old decision can come late, and a day that already shows it needs no work.
  select exclusions.played_at
  from {{ ref('stg_exclusions') }} as exclusions
  join {{ this }} as held on held.played_at = exclusions.played_at
  where held.excluded <> exclusions.excluded
),

touched as (
  select cast({{ local_time('arrived.played_at', 'rules.zone') }} as date) as day
  from arrived
  cross join {{ ref('stg_settings') }} as rules
  union
  select day
  from {{ this }}
  where coalesce(played_track_key, track_key) in (
    select track_key from {{ ref('int_tracks') }} where {{ is_newer_than(this, 'play_batch') }}
    union all
    select track_key from {{ ref('int_recordings') }} where {{ is_newer_than(this) }}
  )
),

-- A local day lies within three UTC days.
near as (
  select distinct touched.day + shifts.shift as day
  from touched
  cross join (select -1 as shift union all select 0 union all select 1) as shifts
),
{% endif %}

unified as (
  {% if is_incremental() %} {{ unified_plays('near') }} {% else %} select * from {{ ref('stg_plays') }} {% endif %}
),

plays as (
  select
    unified.*,
    {{ local_time('unified.played_at', 'rules.zone') }} as local_at,
    coalesce(recordings.recording_key, tracks.track_key) as track_key,
    case when recordings.recording_key <> tracks.track_key then tracks.track_key end as played_track_key,
    tracks.artist_key,
    tracks.album_key,
    tracks.duration_ms,
    coalesce(imports.import_key, 0) as import_key,
    unified.ms_played is not null as ms_known,
    rules.counting_rule,
    case
      when unified.excluded then 'excluded'
      when unified.source in ('lastfm', 'listenbrainz') and not rules.counts_other_sources then 'other tracker'
      when unified.private and not rules.counts_private then 'private session'
      when unified.skipped and not rules.counts_skips then 'skipped'
    end as unwelcome
  from unified
  cross join {{ ref('stg_settings') }} as rules
  left join {{ ref('int_tracks') }} as tracks on tracks.track_id = unified.track_id
  left join {{ ref('int_recordings') }} as recordings on recordings.track_key = tracks.track_key
  left join {{ ref('int_imports') }} as imports on imports.import_id = unified.import_id
),

dated as (
  select
    *,
    cast(local_at as date) as day,
    coalesce(
      unwelcome,
      case when not {{ meets_rule('counting_rule', 'ms_known', 'ms_played', 'duration_ms') }} then 'too short' end
    ) as not_counted
  from plays
)

select
  played_at,
  day,
  cast(hour(local_at) as tinyint) as hour,
  cast({{ iso_weekday('local_at') }} as tinyint) as weekday,
  track_key,
  played_track_key,
  artist_key,
  album_key,
  coalesce(ms_played, duration_ms, 0) as ms_played,
  ms_known,
  not_counted is null as counts,
  not_counted,
  skipped,
  private,
  excluded,
  source,
  import_key,
  context_uri,
  arrived_at,
  {{ this_batch() }} as batch
from dated
{% if is_incremental() %}
where day in (select day from touched)
union all
-- Removes what a day had before, even if nothing is left of it. The post_hook removes these rows.
select
  cast(null as timestamp) as played_at,
  day,
  cast(null as tinyint) as hour,
  cast(null as tinyint) as weekday,
  cast(null as integer) as track_key,
  cast(null as integer) as played_track_key,
  cast(null as integer) as artist_key,
  cast(null as integer) as album_key,
  cast(null as integer) as ms_played,
  cast(null as boolean) as ms_known,
  cast(null as boolean) as counts,
  cast(null as varchar) as not_counted,
  cast(null as boolean) as skipped,
  cast(null as boolean) as private,
  cast(null as boolean) as excluded,
  cast(null as varchar) as source,
  cast(null as integer) as import_key,
  cast(null as varchar) as context_uri,
  cast(null as timestamp) as arrived_at,
  {{ this_batch() }} as batch
from touched
{% endif %}
order by played_at
