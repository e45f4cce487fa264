{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert') }}

-- A small table, so that the models that read it know that they write little.
select distinct
  1 as id,
  day,
  track_key,
  artist_key,
  album_key,
  batch
from {{ ref('fct_plays') }}
{% if is_incremental() %}
where {{ is_newer_than(this) }}
{% else %}
-- A full build needs none, and the next one looks for what is newer.
where played_at = (select min(played_at) from {{ ref('fct_plays') }})
{% endif %}
