-- Every play names a song that is in raw.tracks.
-- one: 1 play names a song that is not in raw.tracks
-- many: {count} plays name a song that is not in raw.tracks
-- meaning: Charts can show these plays without title or artist.
-- remedy: The song returns with the next sync that contains it. If it doesn’t, tell the person who runs this instance the name of the check.
-- range: day
select plays.day, plays.played_at, tracks.track_id
from {{ ref('fct_plays') }} as plays
inner join {{ ref('int_tracks') }} as tracks on tracks.track_key = plays.track_key
left join {{ source('raw', 'tracks') }} as described on described.id = tracks.track_id
where described.id is null
