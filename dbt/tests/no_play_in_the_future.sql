-- No play ends in the future.
select played_at
from {{ ref('fct_plays') }}
where played_at > {{ minutes_later(utc_now(), 60) }}
