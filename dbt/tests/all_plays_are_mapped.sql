-- Every loaded play is in fct_plays, once.
-- one: The charts have a different number of plays than was loaded
-- many: The charts have a different number of plays than was loaded
-- meaning: Some plays are missing from the charts, or counted twice.
-- remedy: rebuild
with loaded as (
  select count(*) as plays from {{ ref('stg_plays') }}
),

mapped as (
  select count(*) as plays from {{ ref('fct_plays') }}
)

select loaded.plays as loaded, mapped.plays as mapped
from loaded
cross join mapped
where loaded.plays <> mapped.plays
