-- agg_days has a row for every day, so seven rows are seven calendar days.
with rolling as (
  select
    day,
    plays,
    ms_played,
    sum(plays) over (order by day rows between 6 preceding and current row) as plays_7_days,
    sum(ms_played) over (order by day rows between 6 preceding and current row) as ms_7_days,
    row_number() over (order by day) as number
  from {{ ref('agg_days') }}
),

compared as (
  select
    *,
    lag(plays, 1) over (order by day) as previous_plays,
    lag(ms_played, 1) over (order by day) as previous_ms,
    case when number > 13 then lag(plays_7_days, 7) over (order by day) end as previous_plays_7_days,
    case when number > 13 then lag(ms_7_days, 7) over (order by day) end as previous_ms_7_days
  from rolling
)

select
  day,
  plays,
  ms_played,
  plays - previous_plays as plays_change,
  ms_played - previous_ms as ms_change,
  cast(case when number > 6 then plays_7_days end as bigint) as plays_7_days,
  cast(case when number > 6 then ms_7_days end as bigint) as ms_7_days,
  cast(plays_7_days - previous_plays_7_days as bigint) as plays_7_days_change,
  cast(ms_7_days - previous_ms_7_days as bigint) as ms_7_days_change,
  round(100.0 * (plays_7_days - previous_plays_7_days) / nullif(previous_plays_7_days, 0), 1) as plays_7_days_percent,
  round(100.0 * (ms_7_days - previous_ms_7_days) / nullif(previous_ms_7_days, 0), 1) as ms_7_days_percent
from compared
