with tracks as (
  select
    id as track_id,
    uri,
    name,
    folded,
    artist_id,
    artist_ids,
    artist_names,
    album_id,
    album_name,
    cast(duration_ms as integer) as duration_ms,
    explicit,
    isrc,
    disc_number,
    track_number,
    image_url,
    image_small_url,
    spotify_url,
    first_seen_at
  from {{ source('raw', 'tracks') }}
  where {{ is_unresolved('track', 'id') }}
  union all
  select
    id,
    uri,
    name,
    folded,
    artist_id,
    artist_id,
    artist_name,
    album_id,
    album_name,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    first_seen_at
  from ({{ only_imported('tracks', 'track') }}) as names
)

select
  tracks.track_id,
  tracks.uri,
  tracks.name,
  tracks.folded,
  coalesce(resolved_artists.resolved_id, tracks.artist_id) as artist_id,
  case when tracks.artist_ids = tracks.artist_id then coalesce(resolved_artists.resolved_id, tracks.artist_ids) else tracks.artist_ids end as artist_ids,
  tracks.artist_names,
  coalesce(resolved_albums.resolved_id, tracks.album_id) as album_id,
  tracks.album_name,
  tracks.duration_ms,
  tracks.explicit,
  tracks.isrc,
  tracks.disc_number,
  tracks.track_number,
  tracks.image_url,
  tracks.image_small_url,
  tracks.spotify_url,
  tracks.first_seen_at
from tracks
{{ resolved('artists', 'artist', 'tracks.artist_id') }}
{{ resolved('albums', 'album', 'tracks.album_id') }}
