{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('int_touched_plays') }}

select
  day,
  hour,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  {{ this_batch() }} as batch
from {{ ref('fct_plays') }}
{% if is_incremental() %}
where day in (select day from {{ ref('int_touched_plays') }} where {{ is_newer_than(this) }})
{% endif %}
group by day, hour
order by day, hour
