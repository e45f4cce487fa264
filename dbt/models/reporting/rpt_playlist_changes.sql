select
  'playlist' as kind,
  changes.id as playlist_id,
  changes.name as playlist_name,
  cast(null as varchar) as uri,
  cast(null as varchar) as name,
  cast(null as varchar) as artist_names,
  changes.change,
  1 as copies,
  changes.seen_at
from {{ source('raw', 'user_playlists_history') }} as changes
union all
select
  'song',
  changes.playlist_id,
  playlists.name,
  changes.uri,
  changes.name,
  changes.artist_names,
  changes.change,
  cast(changes.copies as integer),
  changes.seen_at
from {{ source('raw', 'user_playlist_items_history') }} as changes
left join {{ source('raw', 'user_playlists_stream') }} as playlists on playlists.id = changes.playlist_id
