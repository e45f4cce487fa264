-- What was excluded under the API's time and address of a play is found under the export's, once the two are paired.
with moved as (
  select
    coalesce(by_api.import_played_at, exclusions.played_at) as played_at,
    coalesce(by_import.uri, exclusions.uri) as uri,
    exclusions.excluded,
    exclusions.changed_at
  from {{ source('raw', 'excluded_plays') }} as exclusions
  left join {{ held_pairs() }} as by_api
    on by_api.played_at = exclusions.played_at and by_api.uri = exclusions.uri
  left join {{ source('raw', 'play_pairs') }} as by_import
    on by_import.import_played_at = exclusions.played_at and by_import.import_uri = exclusions.uri
)

select
  played_at,
  uri,
  excluded,
  changed_at
from moved
qualify row_number() over (partition by played_at, uri order by changed_at desc) = 1
