{{ config(materialized='incremental', unique_key='import_key', incremental_strategy='delete+insert') }}

select
  cast(row_number() over (order by import_id) as integer)
    {% if is_incremental() %} + (select coalesce(max(import_key), 0) from {{ this }}) {% endif %} as import_key,
  import_id,
  {{ this_batch() }} as batch
from (
  select distinct import_id
  from {{ source('raw', 'imported_plays') }}
  {% if is_incremental() %} where {{ has_arrived('imported_at') }} {% endif %}
) as imports
where import_id is not null
{% if is_incremental() %}
  and import_id not in (select import_id from {{ this }})
{% endif %}
