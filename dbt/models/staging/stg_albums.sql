with albums as (
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
  where {{ is_unresolved('album', 'id') }}
  union all
  select
    id,
    null,
    name,
    folded,
    artist_id,
    artist_id,
    artist_name,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    first_seen_at
  from ({{ only_imported('albums', 'album') }}) as names
)

select
  albums.album_id,
  albums.uri,
  albums.name,
  albums.folded,
  coalesce(resolved_artists.resolved_id, albums.artist_id) as artist_id,
  case when albums.artist_ids = albums.artist_id then coalesce(resolved_artists.resolved_id, albums.artist_ids) else albums.artist_ids end as artist_ids,
  albums.artist_names,
  albums.album_type,
  albums.release_date,
  albums.release_date_precision,
  albums.total_tracks,
  albums.label,
  albums.upc,
  albums.image_url,
  albums.image_small_url,
  albums.spotify_url,
  albums.first_seen_at
from albums
{{ resolved('artists', 'artist', 'albums.artist_id') }}
