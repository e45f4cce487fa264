{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert') }}

-- depends_on: {{ ref('int_tracks') }}
-- depends_on: {{ ref('int_recordings') }}
-- A small table, so that the models that read it know that they write little.
select distinct
  1 as id,
  day,
  track_key,
  artist_key,
  album_key,
  batch
from {{ ref('fct_plays') }}
{% if is_incremental() %}
where {{ is_newer_than(this) }}
union
-- Songs that moved: their plays no longer count for these.
select
  1 as id,
  plays.day,
  plays.track_key,
  tracks.former_artist_key as artist_key,
  tracks.former_album_key as album_key,
  plays.batch
from {{ ref('fct_plays') }} as plays
inner join {{ ref('int_tracks') }} as tracks on tracks.track_key = coalesce(plays.played_track_key, plays.track_key)
where {{ is_newer_than(this, 'plays.batch') }} and {{ is_newer_than(this, 'tracks.play_batch') }}
union
-- Songs that count with another one now, or no longer.
select
  1 as id,
  plays.day,
  recordings.former_recording_key as track_key,
  plays.artist_key,
  plays.album_key,
  plays.batch
from {{ ref('fct_plays') }} as plays
inner join {{ ref('int_recordings') }} as recordings
  on recordings.track_key = coalesce(plays.played_track_key, plays.track_key)
where {{ is_newer_than(this, 'plays.batch') }} and {{ is_newer_than(this, 'recordings.batch') }}
{% else %}
-- A full build needs none, and the next one looks for what is newer.
where played_at = (select min(played_at) from {{ ref('fct_plays') }})
{% endif %}
