{{ config(materialized='incremental', unique_key='track_key', incremental_strategy='delete+insert') }}
-- depends_on: {{ ref('int_touched_plays') }}

{{ heard_by('track_key') }}
