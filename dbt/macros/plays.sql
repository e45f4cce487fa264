{#
  Nothing in these models is older. Stands in for a missing moment. Views use it, and the settings of their readers decide what
  "timestamp" means to Snowflake.
#}
{% macro long_ago() -%}
{%- if target.type == 'snowflake' -%} cast('1970-01-01 00:00:00' as timestamp_ntz)
{%- else -%} cast('1970-01-01 00:00:00' as timestamp) {%- endif -%}
{%- endmacro %}

{# The number of this build. Rows that it writes carry it, so that later models find them. #}
{% macro this_batch() %}(select batch from {{ ref('int_batch') }}){% endmacro %}

{# Condition: rows that were written after the newest batch of a relation. #}
{% macro is_newer_than(relation, batch='batch') %}{{ batch }} > (select coalesce(max(batch), 0) from {{ relation }}){% endmacro %}

{# Condition: arrived since the last build, with a day to spare for loads that were late. #}
{% macro has_arrived(column) %}{{ column }} > (select arrived_since from {{ ref('int_batch') }}){% endmacro %}

{#
  Whether a play counts by the listener's rule. A play that Spotify's API reports has no time; Spotify reports it
  because it was listened to. 30s: at least 30 seconds, or the whole of a shorter song, where a second may be missing.
  half: half of the song. completed: all of it, where 5 seconds may be missing. Without a known duration, 30 seconds
  decide.
#}
{% macro meets_rule(rule, ms_known, ms_played, duration_ms) %}
case
  when not {{ ms_known }} or {{ rule }} = 'all' then true
  when {{ rule }} = 'half' and {{ duration_ms }} > 0 then {{ ms_played }} * 2 >= {{ duration_ms }}
  when {{ rule }} = 'completed' and {{ duration_ms }} > 0 then {{ ms_played }} >= {{ duration_ms }} - 5000
  when {{ ms_played }} >= 30000 then true
  else coalesce({{ rule }} = '30s' and {{ duration_ms }} between 1 and 30000 and {{ ms_played }} >= {{ duration_ms }} - 1000, false)
end
{%- endmacro %}

{#
  Condition: a song, album or artist may have changed since the last build. dbt looks at all of them; Tracklake's runner
  knows which rows its loads have written.
#}
{% macro may_have_changed(table, id) %}{{ id }} is not null{% endmacro %}

{#
  Names what a model depends on apart from plays. dbt looks each time; Tracklake's runner leaves the model alone in a build
  before which no load and no choice has written any of these tables.
#}
{% macro looks_when_touched(tables) %}{% endmacro %}
