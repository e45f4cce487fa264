{# The present moment, UTC. Tracklake's runner puts its own clock here. #}
{% macro utc_now() %}
{%- if target.type == 'snowflake' -%} sysdate() {%- else -%} timezone('UTC', now()) {%- endif -%}
{% endmacro %}

{# A UTC moment as the clocks of an IANA zone show it. #}
{% macro local_time(moment, zone) %}
{%- if target.type == 'snowflake' -%} convert_timezone('UTC', {{ zone }}, {{ moment }})
{%- else -%} timezone({{ zone }}, make_timestamptz(epoch_us({{ moment }}))) {%- endif -%}
{% endmacro %}

{# 1 is Monday, 7 is Sunday. #}
{% macro iso_weekday(moment) %}
{%- if target.type == 'snowflake' -%} dayofweekiso({{ moment }}) {%- else -%} isodow({{ moment }}) {%- endif -%}
{% endmacro %}

{# The first day of the week that a day is in, where weeks start on the given ISO weekday. #}
{% macro week_of(day, week_start) %}
{{- day }} - cast(mod({{ iso_weekday(day) }} - {{ week_start }} + 7, 7) as integer)
{%- endmacro %}

{% macro minutes_later(moment, minutes) %}
{{- moment }} + interval '{{ minutes }} minutes'
{%- endmacro %}

{# The moment so many milliseconds earlier. #}
{% macro ms_before(moment, ms) %}
{%- if target.type == 'snowflake' -%} dateadd('millisecond', -({{ ms }}), {{ moment }})
{%- else -%} {{ moment }} - to_milliseconds({{ ms }}) {%- endif -%}
{% endmacro %}

{# A select of every `day` between `first_day` and `last_day` of a relation of one row, both included. #}
{% macro calendar(bounds) %}
{%- if target.type == 'snowflake' -%}
select dateadd('day', numbers.n, bounds.first_day) as day
from {{ bounds }} as bounds
join (select row_number() over (order by seq4()) - 1 as n from table(generator(rowcount => 60000))) as numbers
  on numbers.n <= datediff('day', bounds.first_day, bounds.last_day)
{%- else -%}
select cast(unnest(generate_series(cast(first_day as timestamp), cast(last_day as timestamp), interval '1 day')) as date) as day
from {{ bounds }}
{%- endif -%}
{% endmacro %}
