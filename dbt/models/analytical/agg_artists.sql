{{ config(materialized='incremental', unique_key='artist_key', incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('int_touched_plays') }}

{{ heard_by('artist_key') }}
