select
  track_id,
  uri,
  acousticness,
  danceability,
  energy,
  instrumentalness,
  cast(key as integer) as key,
  liveness,
  loudness,
  cast(mode as integer) as mode,
  speechiness,
  tempo,
  cast(time_signature as integer) as time_signature,
  valence,
  import_id
from {{ source('raw', 'audio_features') }}
