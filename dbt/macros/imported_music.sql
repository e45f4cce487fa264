{# Joins the id that Spotify has for an id that is made of names, as resolved_<kind>s. #}
{% macro resolved(name, kind, id) -%}
left join {{ source('raw', 'resolved_ids') }} as resolved_{{ name }}
  on resolved_{{ name }}.kind = '{{ kind }}' and resolved_{{ name }}.id = {{ id }}
{%- endmacro %}

{# Condition: an id is not one that another id stands for. #}
{% macro is_unresolved(kind, id) -%}
{{ id }} not in (select id from {{ source('raw', 'resolved_ids') }} where kind = '{{ kind }}')
{%- endmacro %}

{#
  The imported names of music that Spotify has not described: one row for each id, of the import that names it first.
#}
{% macro only_imported(name, kind) -%}
select imported.*
from {{ source('raw', 'imported_' ~ name) }} as imported
left join {{ source('raw', name) }} as described on described.id = imported.id
where described.id is null and {{ is_unresolved(kind, 'imported.id') }}
qualify row_number() over (partition by imported.id order by imported.first_seen_at, imported.import_id) = 1
{%- endmacro %}
