-- All 168 cells, also those without plays.
with weekdays as (
  select 1 as weekday union all select 2 union all select 3 union all select 4 union all select 5 union all select 6
  union all select 7
),

tens as (
  select 0 as ten union all select 10 union all select 20
),

ones as (
  select 0 as one union all select 1 union all select 2 union all select 3 union all select 4 union all select 5
  union all select 6 union all select 7 union all select 8 union all select 9
),

heard as (
  select
    {{ iso_weekday('day') }} as weekday,
    hour,
    sum(plays) as plays,
    sum(ms_played) as ms_played
  from {{ ref('agg_day_hours') }}
  group by 1, 2
)

select
  weekdays.weekday,
  tens.ten + ones.one as hour,
  cast(coalesce(heard.plays, 0) as integer) as plays,
  cast(coalesce(heard.ms_played, 0) as bigint) as ms_played
from weekdays
cross join tens
cross join ones
left join heard on heard.weekday = weekdays.weekday and heard.hour = tens.ten + ones.one
where tens.ten + ones.one < 24
