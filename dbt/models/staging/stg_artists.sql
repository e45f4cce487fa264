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
where {{ is_unresolved('artist', 'id') }}
union all
select
  id,
  null,
  name,
  folded,
  null,
  null,
  null,
  null,
  first_seen_at
from ({{ only_imported('artists', 'artist') }}) as names
