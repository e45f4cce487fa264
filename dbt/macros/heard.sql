{#
  The body of a model about the counted plays of each song, artist or album. A build writes those of which plays have
  arrived again.
#}
{% macro heard_by(key) %}
select
  {{ key }},
  min(case when counts then played_at end) as first_played_at,
  max(case when counts then played_at end) as last_played_at,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  {{ this_batch() }} as batch
{% if is_incremental() %}
from (
  select {{ key }}, counts, played_at, ms_played
  from {{ ref('fct_plays') }}
  where {{ key }} in (select {{ key }} from {{ ref('int_touched_plays') }} where {{ is_newer_than(this) }})
  union all
  -- Also those of which no play is left.
  select distinct {{ key }}, false, cast(null as timestamp), 0
  from {{ ref('int_touched_plays') }}
  where {{ is_newer_than(this) }} and {{ key }} is not null
) as heard
{% else %}
from {{ ref('fct_plays') }}
where {{ key }} is not null
{% endif %}
group by {{ key }}
{% endmacro %}
