with entries as (
  select
    chart,
    track_id,
    day,
    position,
    peak_position,
    time_on_chart,
    name,
    artist_names,
    row_number() over (partition by chart, track_id order by day desc, position) as place
  from {{ ref('stg_chart_entries') }}
  where track_id is not null
),

songs as (
  select
    chart,
    track_id,
    max(case when place = 1 then name end) as name,
    max(case when place = 1 then artist_names end) as artist_names,
    min(day) as first_day,
    max(day) as last_day,
    cast(count(distinct day) as integer) as known_times,
    greatest(cast(count(distinct day) as integer), coalesce(max(time_on_chart), 0)) as time_on_chart,
    least(min(position), coalesce(min(peak_position), min(position))) as peak_position,
    max(case when place = 1 then position end) as last_position
  from entries
  group by chart, track_id
)

select
  songs.chart,
  songs.track_id,
  songs.name,
  songs.artist_names,
  songs.first_day,
  songs.last_day,
  songs.known_times,
  songs.time_on_chart,
  songs.peak_position,
  songs.last_position,
  coalesce(recordings.plays, 0) as plays
from songs
left join {{ ref('dim_tracks') }} as tracks on tracks.track_id = songs.track_id
left join {{ ref('dim_tracks') }} as recordings on recordings.track_key = tracks.recording_key
