{{ config(materialized='incremental', unique_key='track_key', incremental_strategy='delete+insert') }}

{{ heard_by('track_key') }}
