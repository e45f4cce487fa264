-- No play and no song has a negative length.
-- one: 1 play or song has a negative length
-- many: {count} plays or songs have a negative length
-- meaning: Listening time comes out too low.
-- remedy: report
select played_at, ms_played
from {{ ref('fct_plays') }}
where ms_played < 0
union all
select first_seen_at, duration_ms
from {{ ref('stg_tracks') }}
where duration_ms < 0
