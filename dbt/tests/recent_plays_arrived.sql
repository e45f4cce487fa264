-- Spotify reported a play within the last 14 days, if several syncs have found plays before.
-- one: No plays have arrived for 14 days
-- many: No plays have arrived for 14 days
-- meaning: Either nothing was played, or Spotify no longer reports what you play.
-- remedy: If you did listen, check on Connections that Spotify is connected, and reconnect it if it still fails.
-- Imported plays don't matter: they say nothing about what syncs find.
select last_played_at
from (
  select
    max(played_at) as last_played_at,
    count(distinct synced_at) as syncs
  from {{ source('raw', 'plays') }}
) as plays
where syncs > 1 and last_played_at < {{ minutes_later(utc_now(), -20160) }}
