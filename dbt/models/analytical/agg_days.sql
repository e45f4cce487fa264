{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('int_touched_plays') }}

with plays as (
  select day, track_key, artist_key, ms_played, counts
  from {{ ref('fct_plays') }}
  {% if is_incremental() %}
  where day in (select day from {{ ref('int_touched_plays') }} where {{ is_newer_than(this) }})
  {% endif %}
),

heard as (
  select
    day,
    cast(sum(case when counts then 1 else 0 end) as integer) as plays,
    cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
    cast(count(distinct case when counts then track_key end) as integer) as tracks,
    cast(count(distinct case when counts then artist_key end) as integer) as artists
  from plays
  group by day
),

bounds as (
  select
    (select min(day) from {{ ref('fct_plays') }}) as first_day,
    cast({{ local_time(utc_now(), 'rules.zone') }} as date) as last_day
  from {{ ref('stg_settings') }} as rules
),

-- Days without plays have a row too.
calendar as (
  {{ calendar('bounds') }}
),

silent as (
  select calendar.day
  from calendar
  left join heard on heard.day = calendar.day
  {% if is_incremental() %}
  left join {{ this }} as held on held.day = calendar.day
  where heard.day is null and held.day is null
  {% else %}
  where heard.day is null
  {% endif %}
)

select day, plays, ms_played, tracks, artists, {{ this_batch() }} as batch from heard
union all
select day, 0, 0, 0, 0, {{ this_batch() }} from silent
order by day
