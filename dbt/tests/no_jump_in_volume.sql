-- No day of the last week has ten times the plays of the busiest day of the four weeks before, and more than 500.
-- one: 1 day of the last week has more than ten times your usual number of plays
-- many: {count} days of the last week have more than ten times your usual number of plays
-- meaning: Plays may have been loaded twice, or somebody else used your account.
-- remedy: Look at these days in History. If you did play that much, there is nothing to do; the check passes again within a week.
with today as (
  select max(day) as day from {{ ref('agg_days') }}
),

usual as (
  select coalesce(max(days.plays), 0) as plays
  from {{ ref('agg_days') }} as days
  cross join today
  where days.day <= today.day - 7 and days.day > today.day - 35
)

select days.day, days.plays, usual.plays as usual
from {{ ref('agg_days') }} as days
cross join today
cross join usual
where days.day > today.day - 7 and days.plays > 500 and days.plays > 10 * usual.plays and usual.plays > 0
