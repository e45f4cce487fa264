{{ config(materialized='incremental', unique_key='album_key', incremental_strategy='delete+insert') }}

{{ heard_by('album_key') }}
