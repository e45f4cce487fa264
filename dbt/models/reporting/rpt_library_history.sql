select
  'song' as kind,
  changes.id,
  tracks.name,
  tracks.artist_names,
  changes.added_at,
  changes.change,
  changes.seen_at
from {{ source('raw', 'user_saved_tracks_history') }} as changes
left join {{ ref('stg_tracks') }} as tracks on tracks.track_id = changes.id
union all
select
  'album',
  changes.id,
  albums.name,
  albums.artist_names,
  changes.added_at,
  changes.change,
  changes.seen_at
from {{ source('raw', 'user_saved_albums_history') }} as changes
left join {{ ref('stg_albums') }} as albums on albums.album_id = changes.id
union all
select
  'artist',
  changes.id,
  changes.name,
  changes.name,
  cast(null as timestamp),
  changes.change,
  changes.seen_at
from {{ source('raw', 'user_followed_artists_history') }} as changes
