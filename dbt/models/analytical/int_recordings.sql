{{ config(materialized='view') }}

select
  tracks.track_key,
  recordings.track_key as recording_key
from {{ source('raw', 'recording_choices') }} as choices
inner join {{ ref('int_tracks') }} as tracks on tracks.track_id = choices.track_id
inner join {{ ref('int_tracks') }} as recordings on recordings.track_id = choices.recording_id
