select
  id as artist_id,
  uri,
  name,
  folded,
  genres,
  image_url,
  image_small_url,
  spotify_url,
  first_seen_at
from {{ source('raw', 'artists') }}
