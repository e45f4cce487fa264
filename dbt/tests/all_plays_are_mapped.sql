-- Every loaded play is in fct_plays, once.
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
