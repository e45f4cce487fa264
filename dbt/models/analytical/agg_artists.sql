{{ config(materialized='incremental', unique_key='artist_key', incremental_strategy='delete+insert') }}

{{ heard_by('artist_key') }}
