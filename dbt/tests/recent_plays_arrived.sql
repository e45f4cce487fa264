-- Something was played within the last 14 days, as in the 14 days before.
-- one: No plays have arrived for 14 days
-- many: No plays have arrived for 14 days
-- meaning: Either nothing was played, or Spotify no longer reports what you play.
-- remedy: If you did listen, check on Connections that Spotify is connected, and reconnect it if it still fails.
with today as (
  select max(day) as day from {{ ref('agg_days') }}
),

weeks as (
  select
    coalesce(sum(case when days.day > today.day - 14 then days.plays end), 0) as recent,
    coalesce(sum(case when days.day <= today.day - 14 and days.day > today.day - 28 then days.plays end), 0) as earlier
  from {{ ref('agg_days') }} as days
  cross join today
)

select recent, earlier
from weeks
where recent = 0 and earlier > 0
