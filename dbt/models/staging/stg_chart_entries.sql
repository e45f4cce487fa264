{#
  Where several sources have a chart of one day, the one that says most. A playlist of Spotify's changes on the day
  after the last one that its chart covers.
#}
with entries as (
  select
    chart,
    day,
    cast(rank as integer) as position,
    track_id,
    uri,
    name,
    artist_names,
    streams,
    cast(peak_rank as integer) as peak_position,
    cast(previous_rank as integer) as previous_position,
    cast(coalesce(weeks_on_chart, days_on_chart) as integer) as time_on_chart,
    source,
    import_id,
    case when source = 'csv' then 1 else 2 end as preference,
    day as seen_on
  from {{ source('raw', 'chart_entries') }}
  {% for stream in ['global_top_tracks_daily', 'global_top_tracks_weekly', 'global_viral_tracks_daily'] %}
  union all
  select
    {% if stream == 'global_top_tracks_daily' %} 'regional-global-daily'
    {%- elif stream == 'global_top_tracks_weekly' %} 'regional-global-weekly'
    {%- else %} 'viral-global-daily' {%- endif %},
    coalesce(cast(max(added_at) over (partition by day) as date), day) - 1,
    cast(rank as integer),
    id,
    uri,
    name,
    artist_names,
    null,
    null,
    null,
    null,
    'spotify',
    null,
    3,
    day
  from {{ source('raw', stream ~ '_history') }}
  {% endfor %}
),

ranked as (
  select
    entries.*,
    rank() over (partition by chart, day order by preference, seen_on desc) as place
  from entries
)

select
  chart,
  day,
  position,
  coalesce(track_id, uri) as track_id,
  uri,
  name,
  artist_names,
  streams,
  peak_position,
  previous_position,
  time_on_chart,
  source,
  import_id
from ranked
where place = 1
