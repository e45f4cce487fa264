-- Songs that are new this week have every field that nearly all earlier ones have.
-- one: 1 field has been empty in this week’s new songs
-- many: {count} fields have been empty in this week’s new songs
-- meaning: Spotify probably stopped sending them. What was loaded earlier stays.
-- remedy: You don’t need to do anything. If charts look wrong, tell the person who runs this instance the name of the check.
{% set fields = ['name', 'artist_id', 'artist_names', 'album_id', 'album_name', 'duration_ms', 'isrc', 'image_url', 'spotify_url'] %}
-- Only songs that the API reported as played: lists and imports describe songs in their own way.
with songs as (
  select *, first_seen_at > {{ minutes_later(utc_now(), -10080) }} as is_new
  from {{ ref('stg_tracks') }}
  where track_id in (select track_id from {{ ref('stg_plays') }} where source = 'spotify')
),

filled as (
  {% for field in fields %}
  {% if field != 'name' %} union all {% endif %}
  select '{{ field }}' as field, is_new, count(*) as songs, count({{ field }}) as filled from songs group by is_new
  {% endfor %}
)

select new_songs.field, new_songs.songs, earlier.filled as filled_earlier
from filled as new_songs
inner join filled as earlier on earlier.field = new_songs.field and not earlier.is_new
where
  new_songs.is_new
  and new_songs.songs >= 20
  and new_songs.filled = 0
  and earlier.songs >= 50
  and earlier.filled >= earlier.songs * 0.9
