select
  id as album_id,
  uri,
  name,
  folded,
  artist_id,
  artist_ids,
  artist_names,
  album_type,
  release_date,
  release_date_precision,
  total_tracks,
  label,
  upc,
  image_url,
  image_small_url,
  spotify_url,
  first_seen_at
from {{ source('raw', 'albums') }}
