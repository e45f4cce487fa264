-- Days, hours, songs and sessions add up to the counted plays.
-- one: 1 table doesn’t add up to the number of plays
-- many: {count} tables don’t add up to the number of plays
-- meaning: Charts of days, songs and sessions can disagree with each other.
-- remedy: rebuild
with counted as (
  select count(*) as plays from {{ ref('fct_plays') }} where counts
),

summed as (
  select 'agg_days' as model, coalesce(sum(plays), 0) as plays from {{ ref('agg_days') }}
  union all
  select 'agg_day_hours', coalesce(sum(plays), 0) from {{ ref('agg_day_hours') }}
  union all
  select 'agg_tracks', coalesce(sum(plays), 0) from {{ ref('agg_tracks') }}
  union all
  select 'fct_sessions', coalesce(sum(plays), 0) from {{ ref('fct_sessions') }}
)

select summed.model, summed.plays, counted.plays as counted
from summed
cross join counted
where summed.plays <> counted.plays
