select
  coalesce(stored.zone, 'UTC') as zone,
  coalesce(cast(stored.week_start as integer), 1) as week_start,
  coalesce(stored.counting_rule, '30s') as counting_rule,
  coalesce(stored.counts_private, true) as counts_private,
  coalesce(stored.counts_skips, true) as counts_skips,
  coalesce(stored.counts_other_sources, false) as counts_other_sources
from (select 1 as id) as always
left join {{ source('raw', 'settings') }} as stored on stored.id = always.id
