with firsts as (
  select
    cast({{ local_time('artists.first_played_at', 'rules.zone') }} as date) as day,
    rules.week_start
  from {{ ref('dim_artists') }} as artists
  cross join {{ ref('stg_settings') }} as rules
  where artists.first_played_at is not null
)

select
  'week' as period,
  {{ week_of('day', 'week_start') }} as first_day,
  cast(count(*) as integer) as artists
from firsts
group by 1, 2
union all
select
  'month',
  cast(date_trunc('month', day) as date),
  cast(count(*) as integer)
from firsts
group by 1, 2
