{{ config(materialized='incremental', unique_key='track_key', incremental_strategy='delete+insert') }}

-- Songs that count as one recording: those with the same ISRC, and those that the listener says are the same. Choices
-- come first: a song that was chosen to count by itself ignores its ISRC.
{{ looks_when_touched(['tracks', 'albums', 'recording_choices']) }}
with choices as (
  select
    tracks.track_key,
    chosen.track_key as chosen_key
  from {{ source('raw', 'recording_choices') }} as choices
  inner join {{ ref('int_tracks') }} as tracks on tracks.track_id = choices.track_id
  inner join {{ ref('int_tracks') }} as chosen on chosen.track_id = choices.recording_id
),

coded as (
  select
    tracks.track_key,
    upper(replace(tracks.isrc, '-', '')) as isrc
  from {{ ref('int_tracks') }} as tracks
  left join choices as alone on alone.track_key = tracks.track_key and alone.chosen_key = tracks.track_key
  where tracks.isrc is not null and alone.track_key is null
),

shared as (
  select
    track_key,
    isrc
  from coded
  -- Anything else is no ISRC.
  where length(isrc) = 12 and isrc in (select isrc from coded group by isrc having count(*) > 1)
),

-- A choice links a song to the one it was chosen to count with, which no other choice leads away from.
linked as (
  select
    track_key,
    chosen_key
  from choices
  union
  select
    chosen_key,
    chosen_key
  from choices
  where track_key <> chosen_key
),

members as (
  select
    coalesce(linked.track_key, shared.track_key) as track_key,
    linked.chosen_key,
    shared.isrc,
    coalesce(linked.chosen_key, shared.track_key) as label
  from linked
  full outer join shared on shared.track_key = linked.track_key
),

-- The smallest label of all that are linked, over codes and choices in turn. Chains are no longer in practice.
{% for round in [1, 2, 3] %}
by_code_{{ round }} as (
  select
    track_key,
    chosen_key,
    isrc,
    case when isrc is null then label else min(label) over (partition by isrc) end as label
  from {% if round == 1 %} members {% else %} by_choice_{{ round - 1 }} {% endif %}
),

by_choice_{{ round }} as (
  select
    track_key,
    chosen_key,
    isrc,
    case when chosen_key is null then label else min(label) over (partition by chosen_key) end as label
  from by_code_{{ round }}
),
{% endfor %}

-- The song that stands for all: the chosen one, else the one on an album, the earliest.
wanted as (
  select
    members.track_key,
    first_value(members.track_key) over (
      partition by members.label
      order by
        case when members.chosen_key = members.track_key then 0 else 1 end,
        case albums.album_type when 'album' then 0 when 'single' then 1 else 2 end,
        coalesce(albums.release_date, '9999'),
        tracks.track_id
    ) as recording_key
  from by_choice_3 as members
  inner join {{ ref('int_tracks') }} as tracks on tracks.track_key = members.track_key
  left join {{ ref('int_albums') }} as albums on albums.album_key = tracks.album_key
)

{% if is_incremental() %}
-- Only what changes. A song that counts by itself again keeps a row that says so.
select
  coalesce(wanted.track_key, held.track_key) as track_key,
  coalesce(wanted.recording_key, held.track_key) as recording_key,
  coalesce(held.recording_key, wanted.track_key) as former_recording_key,
  {{ this_batch() }} as batch
from (select * from wanted where track_key <> recording_key) as wanted
full outer join {{ this }} as held on held.track_key = wanted.track_key
where coalesce(wanted.recording_key, held.track_key) <> coalesce(held.recording_key, wanted.track_key)
{% else %}
select
  track_key,
  recording_key,
  track_key as former_recording_key,
  {{ this_batch() }} as batch
from wanted
where track_key <> recording_key
{% endif %}
