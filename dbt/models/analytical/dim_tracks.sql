{{ config(materialized='view') }}

select
  tracks.track_key,
  tracks.track_id,
  tracks.uri,
  tracks.name,
  tracks.folded,
  tracks.artist_key,
  tracks.artist_names,
  tracks.album_key,
  tracks.duration_ms,
  tracks.explicit,
  tracks.isrc,
  coalesce(recordings.recording_key, tracks.track_key) as recording_key,
  heard.first_played_at,
  heard.last_played_at,
  coalesce(heard.plays, 0) as plays,
  coalesce(heard.ms_played, 0) as ms_played
from {{ ref('int_tracks') }} as tracks
left join {{ ref('agg_tracks') }} as heard on heard.track_key = tracks.track_key
left join {{ ref('int_recordings') }} as recordings on recordings.track_key = tracks.track_key
-- An id of names that stands for another one by now stays behind until everything is built again.
where {{ is_unresolved('track', 'tracks.track_id') }}
