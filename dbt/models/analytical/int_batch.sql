{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert') }}

with arrivals as (
  select max(synced_at) as arrived_at from {{ source('raw', 'plays') }}
  union all
  select max(imported_at) from {{ source('raw', 'imported_plays') }}
  union all
  select max(paired_at) from {{ source('raw', 'play_pairs') }}
  union all
  select max(paired_at) from {{ source('raw', 'import_duplicates') }}
),

newest as (
  select coalesce(max(arrived_at), {{ long_ago() }}) as arrived_until from arrivals
)

{% if is_incremental() %}
select
  1 as id,
  last_build.batch + 1 as batch,
  last_build.arrived_until - interval '1 day' as arrived_since,
  newest.arrived_until
from newest
cross join {{ this }} as last_build
{% else %}
select
  1 as id,
  1 as batch,
  {{ long_ago() }} as arrived_since,
  arrived_until
from newest
{% endif %}
