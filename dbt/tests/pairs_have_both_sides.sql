-- Every pair joins a play of the API with an imported one that both exist.
-- one: 1 play is matched with an imported one, but one of the two is missing
-- many: {count} plays are matched with imported ones, but one of the two is missing
-- meaning: Charts may lack these plays.
-- remedy: report
select pairs.played_at, pairs.uri
from {{ source('raw', 'play_pairs') }} as pairs
left join {{ source('raw', 'plays') }} as plays on plays.played_at = pairs.played_at and plays.uri = pairs.uri
left join {{ source('raw', 'imported_plays') }} as imports
  on
    imports.played_at = pairs.import_played_at
    and imports.uri = pairs.import_uri
    and imports.ms_played = pairs.import_ms_played
where plays.uri is null or imports.uri is null
