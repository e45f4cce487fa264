with heard as (
  select
    day,
    day - cast(row_number() over (order by day) as integer) as island
  from {{ ref('agg_days') }}
  where plays > 0
),

streaks as (
  select
    min(day) as first_day,
    max(day) as last_day,
    cast(count(*) as integer) as days
  from heard
  group by island
),

today as (
  select max(day) as day from {{ ref('agg_days') }}
)

-- Today can still be listened to, so yesterday keeps a streak alive.
select
  'current' as kind,
  streaks.first_day,
  streaks.last_day,
  streaks.days
from streaks
cross join today
where streaks.last_day >= today.day - 1
union all
(
  select
    'longest',
    first_day,
    last_day,
    days
  from streaks
  order by days desc, last_day desc
  limit 1
)
