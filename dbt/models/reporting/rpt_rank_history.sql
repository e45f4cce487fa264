{% for suffix in ['st', 'mt', 'lt'] %}
select
  'song' as kind,
  {% if suffix == 'st' %} 'short' {% elif suffix == 'mt' %} 'medium' {% else %} 'long' {% endif %} as time_range,
  day,
  rank as position,
  id,
  name,
  artist_names
from {{ source('raw', 'user_top_tracks_' ~ suffix ~ '_history') }}
union all
select
  'artist',
  {% if suffix == 'st' %} 'short' {% elif suffix == 'mt' %} 'medium' {% else %} 'long' {% endif %},
  day,
  rank,
  id,
  name,
  name
from {{ source('raw', 'user_top_artists_' ~ suffix ~ '_history') }}
{% if suffix != 'lt' %} union all {% endif %}
{% endfor %}
