{{ config(materialized='incremental', unique_key='album_key', incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('int_touched_plays') }}

{{ heard_by('album_key') }}
