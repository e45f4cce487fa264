select
  'song' as kind,
  tracks.track_id as id,
  tracks.name,
  tracks.artist_names,
  tracks.plays,
  tracks.ms_played,
  tracks.first_played_at,
  tracks.last_played_at,
  rank() over (order by tracks.plays desc, tracks.ms_played desc) as position
from {{ ref('dim_tracks') }} as tracks
where tracks.plays > 0
union all
select
  'artist',
  artists.artist_id,
  artists.name,
  artists.name,
  artists.plays,
  artists.ms_played,
  artists.first_played_at,
  artists.last_played_at,
  rank() over (order by artists.plays desc, artists.ms_played desc)
from {{ ref('dim_artists') }} as artists
where artists.plays > 0
union all
select
  'album',
  albums.album_id,
  albums.name,
  albums.artist_names,
  albums.plays,
  albums.ms_played,
  albums.first_played_at,
  albums.last_played_at,
  rank() over (order by albums.plays desc, albums.ms_played desc)
from {{ ref('dim_albums') }} as albums
where albums.plays > 0
