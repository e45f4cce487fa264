{{
  config(
    materialized='incremental',
    unique_key='started_at',
    incremental_strategy='delete+insert',
    post_hook="delete from {{ this }} where plays is null"
  )
}}

-- depends_on: {{ ref('int_touched_plays') }}
-- Counted plays with less than 30 minutes of silence between them.
with
{% if is_incremental() %}
touched as (
  select distinct day from {{ ref('int_touched_plays') }} where {{ is_newer_than(this) }}
),

-- What a changed day can affect: its sessions, whole, with more than a gap around them.
spans as (
  select
    touched.day,
    least(
      cast(touched.day - 1 as timestamp), coalesce(min(held.started_at), cast(touched.day as timestamp))
    ) as from_at,
    greatest(
      cast(touched.day + 2 as timestamp), coalesce(max(held.ended_at), cast(touched.day as timestamp))
    ) as until_at
  from touched
  left join {{ this }} as held
    on held.started_at < cast(touched.day + 2 as timestamp) and held.ended_at > cast(touched.day - 1 as timestamp)
  group by touched.day
),
{% endif %}

{% if is_incremental() %}
-- In two ranges, because a build has the newest days and often one long ago.
counted as (
  select plays.played_at, plays.track_key, plays.ms_played
  from {{ ref('fct_plays') }} as plays
  where
    plays.counts
    and plays.played_at >= (select min(from_at) from spans where {{ is_of_age('>=', 'spans') }})
    and plays.played_at <= (select max(until_at) from spans)
    and exists (select 1 from spans where plays.played_at >= spans.from_at and plays.played_at <= spans.until_at)
  union all
  select plays.played_at, plays.track_key, plays.ms_played
  from {{ ref('fct_plays') }} as plays
  where
    plays.counts
    and plays.played_at >= (select min(from_at) from spans where {{ is_of_age('<', 'spans') }})
    and plays.played_at <= (select max(until_at) from spans where {{ is_of_age('<', 'spans') }})
    and plays.played_at < (select min(from_at) from spans where {{ is_of_age('>=', 'spans') }})
    and exists (select 1 from spans where plays.played_at >= spans.from_at and plays.played_at <= spans.until_at)
),
{% else %}
counted as (
  select played_at, track_key, ms_played from {{ ref('fct_plays') }} where counts
),
{% endif %}

plays as (
  select
    played_at,
    track_key,
    ms_played,
    {{ ms_before('played_at', 'ms_played') }} as started_at
  from counted
),

gaps as (
  select
    *,
    lag(played_at) over (order by played_at, track_key, ms_played) as previous_at
  from plays
),

numbered as (
  select
    *,
    sum(case when previous_at is null or started_at > {{ minutes_later('previous_at', 30) }} then 1 else 0 end)
      over (order by played_at, track_key, ms_played rows between unbounded preceding and current row) as number
  from gaps
),

sessions as (
  select
    min(started_at) as started_at,
    max(played_at) as ended_at,
    cast(count(*) as integer) as plays,
    cast(sum(ms_played) as bigint) as ms_played,
    cast(count(distinct track_key) as integer) as tracks
  from numbered
  group by number
)

select
  sessions.started_at,
  sessions.ended_at,
  cast({{ local_time('sessions.started_at', 'rules.zone') }} as date) as day,
  sessions.plays,
  sessions.ms_played,
  sessions.tracks,
  {{ this_batch() }} as batch
from sessions
cross join {{ ref('stg_settings') }} as rules
{% if is_incremental() %}
union all
-- Removes the sessions that were there before. The post_hook removes these rows.
select
  held.started_at,
  cast(null as timestamp) as ended_at,
  cast(null as date) as day,
  cast(null as integer) as plays,
  cast(null as bigint) as ms_played,
  cast(null as integer) as tracks,
  {{ this_batch() }} as batch
from {{ this }} as held
where exists (select 1 from spans where held.started_at <= spans.until_at and held.ended_at >= spans.from_at)
{% endif %}
