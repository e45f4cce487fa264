-- No play ends in the future.
-- one: 1 play ends in the future
-- many: {count} plays end in the future
-- meaning: It is counted on a day that has not come yet, usually because the clock of a device or of this server is wrong.
-- remedy: The check passes again once that time has come. If it keeps failing, ask the person who runs this instance to check the server’s clock.
select played_at
from {{ ref('fct_plays') }}
where played_at > {{ minutes_later(utc_now(), 60) }}
