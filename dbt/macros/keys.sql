{#
  The ids in one column of all plays, with the other ids that they name. Only full builds need them, for ids that
  nothing describes: whatever loads a play loads its song, album and artist with it.
#}
{% macro ids_in_plays(id, kind, others) %}
select plays.{{ id }} {%- for other in others %}, max(plays.{{ other }}) as {{ other }} {%- endfor %}
from (
  select {{ id }} {%- for other in others %}, {{ other }} {%- endfor %} from {{ source('raw', 'plays') }}
  union all
  select {{ id }} {%- for other in others %}, {{ other }} {%- endfor %} from {{ source('raw', 'imported_plays') }} where kind = 'song'
) as plays
where plays.{{ id }} is not null and {{ is_unresolved(kind, 'plays.' ~ id) }}
group by plays.{{ id }}
{% endmacro %}

{# The integer key of a row of `ids`: the one that `held` has already, or the next free one. #}
{% macro key_of(key, id) %}
{%- if is_incremental() -%}
coalesce(
      held.{{ key }},
      cast(row_number() over (order by ids.{{ id }}) as integer) + (select coalesce(max({{ key }}), 0) from {{ this }})
    )
{%- else -%}
cast(row_number() over (order by ids.{{ id }}) as integer)
{%- endif -%}
{% endmacro %}

{#
  The ids of the model to write, as `changed`: all of them, or those that are new or whose description has changed.
  `ids` has their content, one number that changes with the description.
#}
{% macro changed_ids(key, id, others) %}
changed as (
  select
    {{ key_of(key, id) }} as {{ key }},
    {% for other in others %} {{ other }}, {% endfor %}
    ids.{{ id }},
    ids.content
  from ids
  {% if is_incremental() %}
  left join {{ this }} as held on held.{{ id }} = ids.{{ id }}
  where held.{{ id }} is null or ids.content is distinct from held.content
  {% endif %}
)
{% endmacro %}
