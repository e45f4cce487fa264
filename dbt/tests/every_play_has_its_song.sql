-- Every play names a song that Spotify or an import describes.
-- one: 1 play names a song that nothing describes
-- many: {count} plays name a song that nothing describes
-- meaning: Charts can show these plays without title or artist.
-- remedy: The song returns with the next sync that contains it. If it doesn’t, tell the person who runs this instance the name of the check.
-- range: day
select plays.day, plays.played_at, tracks.track_id
from {{ ref('fct_plays') }} as plays
inner join {{ ref('int_tracks') }} as tracks on tracks.track_key = plays.track_key
left join {{ ref('stg_tracks') }} as described on described.track_id = tracks.track_id
where described.track_id is null
