ALTER SESSION SET …;

SELECT o."INSTANCE_ID", o."ACCOUNT_ID", l."READ_ID", l."TABLE_NAME", l."ROWS_NEW", l."ROWS_CHANGED", l."ROWS_UNCHANGED", l."ROWS_REMOVED"
  FROM (SELECT "INSTANCE_ID", "ACCOUNT_ID"
  FROM "TRACKLAKE"."RAW"."TRACKLAKE_OWNER" ORDER BY "CLAIMED_AT", "ACCOUNT_ID", "INSTANCE_ID" LIMIT 1) o
  LEFT JOIN (
  SELECT *
  FROM "TRACKLAKE"."RAW"."TRACKLAKE_LOADS" ORDER BY "LOADED_AT" DESC LIMIT 2000 ) l ON TRUE;

SHOW TABLES IN SCHEMA "TRACKLAKE"."RAW";

CREATE TABLE "TRACKLAKE"."RAW"."PLAYS" ("SYNCED_AT" TIMESTAMP_NTZ(3), "PLAYED_AT" TIMESTAMP_NTZ(3), "URI" VARCHAR, "TRACK_ID" VARCHAR, "ARTIST_ID" VARCHAR, "ALBUM_ID" VARCHAR, "CONTEXT_TYPE" VARCHAR, "CONTEXT_URI" VARCHAR) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."TRACKS" ("ID" VARCHAR, "URI" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "ISRC" VARCHAR, "DISC_NUMBER" NUMBER(38,0), "TRACK_NUMBER" NUMBER(38,0), "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "SPOTIFY_URL" VARCHAR, "FIRST_SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."ALBUMS" ("ID" VARCHAR, "URI" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_TYPE" VARCHAR, "RELEASE_DATE" VARCHAR, "RELEASE_DATE_PRECISION" VARCHAR, "TOTAL_TRACKS" NUMBER(38,0), "LABEL" VARCHAR, "UPC" VARCHAR, "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "SPOTIFY_URL" VARCHAR, "FIRST_SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."ARTISTS" ("ID" VARCHAR, "URI" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "GENRES" VARCHAR, "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "SPOTIFY_URL" VARCHAR, "FIRST_SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."IMPORTED_PLAYS" ("PLAYED_AT" TIMESTAMP_NTZ(3), "URI" VARCHAR, "MS_PLAYED" NUMBER(38,0), "TRACK_ID" VARCHAR, "ARTIST_ID" VARCHAR, "ALBUM_ID" VARCHAR, "KIND" VARCHAR, "SOURCE" VARCHAR, "SKIPPED" BOOLEAN, "PRIVATE" BOOLEAN, "OFFLINE" BOOLEAN, "REASON_START" VARCHAR, "REASON_END" VARCHAR, "IMPORT_ID" VARCHAR, "IMPORT_MEMBER" NUMBER(38,0), "IMPORTED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."PLAY_PAIRS" ("PLAYED_AT" TIMESTAMP_NTZ(3), "URI" VARCHAR, "IMPORT_PLAYED_AT" TIMESTAMP_NTZ(3), "IMPORT_URI" VARCHAR, "IMPORT_MS_PLAYED" NUMBER(38,0), "DISTANCE_MS" NUMBER(38,0), "RULE" NUMBER(38,0), "PAIRED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."IMPORT_DUPLICATES" ("PLAYED_AT" TIMESTAMP_NTZ(3), "URI" VARCHAR, "MS_PLAYED" NUMBER(38,0), "KEPT_PLAYED_AT" TIMESTAMP_NTZ(3), "KEPT_URI" VARCHAR, "KEPT_MS_PLAYED" NUMBER(38,0), "DISTANCE_MS" NUMBER(38,0), "RULE" NUMBER(38,0), "PAIRED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."RESOLVED_IDS" ("KIND" VARCHAR, "ID" VARCHAR, "RESOLVED_ID" VARCHAR, "RESOLVED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."IMPORTED_TRACKS" ("ID" VARCHAR, "IMPORT_ID" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "URI" VARCHAR, "ARTIST_ID" VARCHAR, "ARTIST_NAME" VARCHAR, "ARTIST_FOLDED" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "FIRST_SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."IMPORTED_ALBUMS" ("ID" VARCHAR, "IMPORT_ID" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "ARTIST_ID" VARCHAR, "ARTIST_NAME" VARCHAR, "ARTIST_FOLDED" VARCHAR, "FIRST_SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."IMPORTED_ARTISTS" ("ID" VARCHAR, "IMPORT_ID" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "FIRST_SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."CHART_ENTRIES" ("CHART" VARCHAR, "DAY" DATE, "RANK" NUMBER(38,0), "URI" VARCHAR, "TRACK_ID" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR, "STREAMS" NUMBER(38,0), "PEAK_RANK" NUMBER(38,0), "PREVIOUS_RANK" NUMBER(38,0), "WEEKS_ON_CHART" NUMBER(38,0), "DAYS_ON_CHART" NUMBER(38,0), "SOURCE" VARCHAR, "IMPORT_ID" VARCHAR, "IMPORT_MEMBER" NUMBER(38,0), "IMPORTED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."AUDIO_FEATURES" ("URI" VARCHAR, "TRACK_ID" VARCHAR, "ACOUSTICNESS" DOUBLE, "DANCEABILITY" DOUBLE, "ENERGY" DOUBLE, "INSTRUMENTALNESS" DOUBLE, "KEY" NUMBER(38,0), "LIVENESS" DOUBLE, "LOUDNESS" DOUBLE, "MODE" NUMBER(38,0), "SPEECHINESS" DOUBLE, "TEMPO" DOUBLE, "TIME_SIGNATURE" NUMBER(38,0), "VALENCE" DOUBLE, "IMPORT_ID" VARCHAR, "IMPORT_MEMBER" NUMBER(38,0), "IMPORTED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."SETTINGS" ("ID" NUMBER(38,0), "ZONE" VARCHAR, "WEEK_START" NUMBER(38,0), "COUNTING_RULE" VARCHAR, "COUNTS_PRIVATE" BOOLEAN, "COUNTS_SKIPS" BOOLEAN, "COUNTS_OTHER_SOURCES" BOOLEAN) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."EXCLUDED_PLAYS" ("PLAYED_AT" TIMESTAMP_NTZ(3), "URI" VARCHAR, "EXCLUDED" BOOLEAN, "CHANGED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."RECORDING_CHOICES" ("TRACK_ID" VARCHAR, "RECORDING_ID" VARCHAR, "CHANGED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."GENRE_MAP" ("ARTIST_ID" VARCHAR, "SOURCE" VARCHAR, "GENRES" VARCHAR, "CHANGED_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_TOP_TRACKS_ST_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "DISC_NUMBER" NUMBER(38,0), "TRACK_NUMBER" NUMBER(38,0), "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "IS_LOCAL" BOOLEAN, "IS_PLAYABLE" BOOLEAN, "POPULARITY" NUMBER(38,0), "PREVIEW_URL" VARCHAR, "ALBUM" VARIANT, "ARTISTS" VARIANT, "EXTERNAL_IDS" VARIANT, "EXTERNAL_URLS" VARIANT, "RESTRICTIONS" VARIANT, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "ALBUM_TYPE" VARCHAR, "ALBUM_RELEASE_DATE" VARCHAR, "ALBUM_IMAGE_URL" VARCHAR, "ALBUM_IMAGE_SMALL_URL" VARCHAR, "ISRC" VARCHAR, "SPOTIFY_URL" VARCHAR, "ACOUSTICNESS" DOUBLE, "DANCEABILITY" DOUBLE, "ENERGY" DOUBLE, "INSTRUMENTALNESS" DOUBLE, "LIVENESS" DOUBLE, "LOUDNESS" DOUBLE, "SPEECHINESS" DOUBLE, "TEMPO" DOUBLE, "VALENCE" DOUBLE, "KEY" NUMBER(38,0), "MODE" NUMBER(38,0), "TIME_SIGNATURE" NUMBER(38,0), "ANALYSIS_URL" VARCHAR, "TRACK_HREF" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_TOP_TRACKS_MT_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "DISC_NUMBER" NUMBER(38,0), "TRACK_NUMBER" NUMBER(38,0), "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "IS_LOCAL" BOOLEAN, "IS_PLAYABLE" BOOLEAN, "POPULARITY" NUMBER(38,0), "PREVIEW_URL" VARCHAR, "ALBUM" VARIANT, "ARTISTS" VARIANT, "EXTERNAL_IDS" VARIANT, "EXTERNAL_URLS" VARIANT, "RESTRICTIONS" VARIANT, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "ALBUM_TYPE" VARCHAR, "ALBUM_RELEASE_DATE" VARCHAR, "ALBUM_IMAGE_URL" VARCHAR, "ALBUM_IMAGE_SMALL_URL" VARCHAR, "ISRC" VARCHAR, "SPOTIFY_URL" VARCHAR, "ACOUSTICNESS" DOUBLE, "DANCEABILITY" DOUBLE, "ENERGY" DOUBLE, "INSTRUMENTALNESS" DOUBLE, "LIVENESS" DOUBLE, "LOUDNESS" DOUBLE, "SPEECHINESS" DOUBLE, "TEMPO" DOUBLE, "VALENCE" DOUBLE, "KEY" NUMBER(38,0), "MODE" NUMBER(38,0), "TIME_SIGNATURE" NUMBER(38,0), "ANALYSIS_URL" VARCHAR, "TRACK_HREF" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_TOP_TRACKS_LT_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "DISC_NUMBER" NUMBER(38,0), "TRACK_NUMBER" NUMBER(38,0), "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "IS_LOCAL" BOOLEAN, "IS_PLAYABLE" BOOLEAN, "POPULARITY" NUMBER(38,0), "PREVIEW_URL" VARCHAR, "ALBUM" VARIANT, "ARTISTS" VARIANT, "EXTERNAL_IDS" VARIANT, "EXTERNAL_URLS" VARIANT, "RESTRICTIONS" VARIANT, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "ALBUM_TYPE" VARCHAR, "ALBUM_RELEASE_DATE" VARCHAR, "ALBUM_IMAGE_URL" VARCHAR, "ALBUM_IMAGE_SMALL_URL" VARCHAR, "ISRC" VARCHAR, "SPOTIFY_URL" VARCHAR, "ACOUSTICNESS" DOUBLE, "DANCEABILITY" DOUBLE, "ENERGY" DOUBLE, "INSTRUMENTALNESS" DOUBLE, "LIVENESS" DOUBLE, "LOUDNESS" DOUBLE, "SPEECHINESS" DOUBLE, "TEMPO" DOUBLE, "VALENCE" DOUBLE, "KEY" NUMBER(38,0), "MODE" NUMBER(38,0), "TIME_SIGNATURE" NUMBER(38,0), "ANALYSIS_URL" VARCHAR, "TRACK_HREF" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_TOP_ARTISTS_ST_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "POPULARITY" NUMBER(38,0), "GENRES" VARIANT, "FOLLOWERS" VARIANT, "IMAGES" VARIANT, "EXTERNAL_URLS" VARIANT, "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "SPOTIFY_URL" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_TOP_ARTISTS_MT_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "POPULARITY" NUMBER(38,0), "GENRES" VARIANT, "FOLLOWERS" VARIANT, "IMAGES" VARIANT, "EXTERNAL_URLS" VARIANT, "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "SPOTIFY_URL" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_TOP_ARTISTS_LT_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "POPULARITY" NUMBER(38,0), "GENRES" VARIANT, "FOLLOWERS" VARIANT, "IMAGES" VARIANT, "EXTERNAL_URLS" VARIANT, "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "SPOTIFY_URL" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."GLOBAL_TOP_TRACKS_DAILY_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ADDED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "DISC_NUMBER" NUMBER(38,0), "TRACK_NUMBER" NUMBER(38,0), "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "IS_LOCAL" BOOLEAN, "IS_PLAYABLE" BOOLEAN, "POPULARITY" NUMBER(38,0), "PREVIEW_URL" VARCHAR, "ALBUM" VARIANT, "ARTISTS" VARIANT, "EXTERNAL_IDS" VARIANT, "EXTERNAL_URLS" VARIANT, "RESTRICTIONS" VARIANT, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "ALBUM_TYPE" VARCHAR, "ALBUM_RELEASE_DATE" VARCHAR, "ALBUM_IMAGE_URL" VARCHAR, "ALBUM_IMAGE_SMALL_URL" VARCHAR, "ISRC" VARCHAR, "SPOTIFY_URL" VARCHAR, "ACOUSTICNESS" DOUBLE, "DANCEABILITY" DOUBLE, "ENERGY" DOUBLE, "INSTRUMENTALNESS" DOUBLE, "LIVENESS" DOUBLE, "LOUDNESS" DOUBLE, "SPEECHINESS" DOUBLE, "TEMPO" DOUBLE, "VALENCE" DOUBLE, "KEY" NUMBER(38,0), "MODE" NUMBER(38,0), "TIME_SIGNATURE" NUMBER(38,0), "ANALYSIS_URL" VARCHAR, "TRACK_HREF" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."GLOBAL_TOP_TRACKS_WEEKLY_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ADDED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "DISC_NUMBER" NUMBER(38,0), "TRACK_NUMBER" NUMBER(38,0), "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "IS_LOCAL" BOOLEAN, "IS_PLAYABLE" BOOLEAN, "POPULARITY" NUMBER(38,0), "PREVIEW_URL" VARCHAR, "ALBUM" VARIANT, "ARTISTS" VARIANT, "EXTERNAL_IDS" VARIANT, "EXTERNAL_URLS" VARIANT, "RESTRICTIONS" VARIANT, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "ALBUM_TYPE" VARCHAR, "ALBUM_RELEASE_DATE" VARCHAR, "ALBUM_IMAGE_URL" VARCHAR, "ALBUM_IMAGE_SMALL_URL" VARCHAR, "ISRC" VARCHAR, "SPOTIFY_URL" VARCHAR, "ACOUSTICNESS" DOUBLE, "DANCEABILITY" DOUBLE, "ENERGY" DOUBLE, "INSTRUMENTALNESS" DOUBLE, "LIVENESS" DOUBLE, "LOUDNESS" DOUBLE, "SPEECHINESS" DOUBLE, "TEMPO" DOUBLE, "VALENCE" DOUBLE, "KEY" NUMBER(38,0), "MODE" NUMBER(38,0), "TIME_SIGNATURE" NUMBER(38,0), "ANALYSIS_URL" VARCHAR, "TRACK_HREF" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."GLOBAL_VIRAL_TRACKS_DAILY_HISTORY" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "ADDED_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "TYPE" VARCHAR, "URI" VARCHAR, "HREF" VARCHAR, "DISC_NUMBER" NUMBER(38,0), "TRACK_NUMBER" NUMBER(38,0), "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "IS_LOCAL" BOOLEAN, "IS_PLAYABLE" BOOLEAN, "POPULARITY" NUMBER(38,0), "PREVIEW_URL" VARCHAR, "ALBUM" VARIANT, "ARTISTS" VARIANT, "EXTERNAL_IDS" VARIANT, "EXTERNAL_URLS" VARIANT, "RESTRICTIONS" VARIANT, "ARTIST_ID" VARCHAR, "ARTIST_IDS" VARCHAR, "ARTIST_NAMES" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "ALBUM_TYPE" VARCHAR, "ALBUM_RELEASE_DATE" VARCHAR, "ALBUM_IMAGE_URL" VARCHAR, "ALBUM_IMAGE_SMALL_URL" VARCHAR, "ISRC" VARCHAR, "SPOTIFY_URL" VARCHAR, "ACOUSTICNESS" DOUBLE, "DANCEABILITY" DOUBLE, "ENERGY" DOUBLE, "INSTRUMENTALNESS" DOUBLE, "LIVENESS" DOUBLE, "LOUDNESS" DOUBLE, "SPEECHINESS" DOUBLE, "TEMPO" DOUBLE, "VALENCE" DOUBLE, "KEY" NUMBER(38,0), "MODE" NUMBER(38,0), "TIME_SIGNATURE" NUMBER(38,0), "ANALYSIS_URL" VARCHAR, "TRACK_HREF" VARCHAR, "DAY" DATE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_SAVED_TRACKS_HISTORY" ("ID" VARCHAR, "ADDED_AT" TIMESTAMP_NTZ(3), "CHANGE" VARCHAR, "SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_SAVED_ALBUMS_HISTORY" ("ID" VARCHAR, "ADDED_AT" TIMESTAMP_NTZ(3), "CHANGE" VARCHAR, "SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_FOLLOWED_ARTISTS_HISTORY" ("ID" VARCHAR, "NAME" VARCHAR, "CHANGE" VARCHAR, "SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_PLAYLISTS_HISTORY" ("ID" VARCHAR, "NAME" VARCHAR, "OWNER_NAME" VARCHAR, "CHANGE" VARCHAR, "SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_PLAYLISTS_STREAM" ("RANK" NUMBER(38,0), "SYNCED_AT" TIMESTAMP_NTZ(3), "WITHHELD_AT" TIMESTAMP_NTZ(3), "ID" VARCHAR, "NAME" VARCHAR, "DESCRIPTION" VARCHAR, "URI" VARCHAR, "OWNER_ID" VARCHAR, "OWNER_NAME" VARCHAR, "COLLABORATIVE" BOOLEAN, "IS_PUBLIC" BOOLEAN, "SNAPSHOT_ID" VARCHAR, "ITEMS_TOTAL" NUMBER(38,0), "OWNER" VARIANT, "IMAGES" VARIANT, "EXTERNAL_URLS" VARIANT, "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "SPOTIFY_URL" VARCHAR) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE TABLE "TRACKLAKE"."RAW"."USER_PLAYLIST_ITEMS_HISTORY" ("PLAYLIST_ID" VARCHAR, "URI" VARCHAR, "TRACK_ID" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR, "CHANGE" VARCHAR, "COPIES" NUMBER(38,0), "SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SHOW VIEWS IN SCHEMA "TRACKLAKE"."RAW_STAGING";

SHOW VIEWS IN SCHEMA "TRACKLAKE"."RAW_ANALYTICAL";

SHOW VIEWS IN SCHEMA "TRACKLAKE"."RAW_REPORTING";

SELECT *
  FROM (with arrivals as (
  select max(synced_at) as arrived_at from "RAW"."PLAYS"
  union all
  select max(imported_at) from "RAW"."IMPORTED_PLAYS"
  union all
  select max(paired_at) from "RAW"."PLAY_PAIRS"
  union all
  select max(paired_at) from "RAW"."IMPORT_DUPLICATES"
),
newest as (
  select coalesce(max(arrived_at), cast('1970-01-01 00:00:00' as timestamp_ntz)) as arrived_until from arrivals
)
select
  1 as id,
  1 as batch,
  cast('1970-01-01 00:00:00' as timestamp_ntz) as arrived_since,
  arrived_until
from newest
) shape LIMIT 0;

SHOW TABLES IN SCHEMA "TRACKLAKE"."RAW_ANALYTICAL";

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."INT_BATCH" ("ID" NUMBER(38,0), "BATCH" NUMBER(38,0), "ARRIVED_SINCE" TIMESTAMP_NTZ(3), "ARRIVED_UNTIL" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (select
  'playlist' as kind,
  changes.id as playlist_id,
  changes.name as playlist_name,
  cast(null as varchar) as uri,
  cast(null as varchar) as name,
  cast(null as varchar) as artist_names,
  changes.change,
  1 as copies,
  changes.seen_at
from "RAW"."USER_PLAYLISTS_HISTORY" as changes
union all
select
  'song',
  changes.playlist_id,
  playlists.name,
  changes.uri,
  changes.name,
  changes.artist_names,
  changes.change,
  cast(changes.copies as integer),
  changes.seen_at
from "RAW"."USER_PLAYLIST_ITEMS_HISTORY" as changes
left join "RAW"."USER_PLAYLISTS_STREAM" as playlists on playlists.id = changes.playlist_id
) shape LIMIT 0;

SHOW TABLES IN SCHEMA "TRACKLAKE"."RAW_REPORTING";

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_PLAYLIST_CHANGES" ("KIND" VARCHAR, "PLAYLIST_ID" VARCHAR, "PLAYLIST_NAME" VARCHAR, "URI" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR, "CHANGE" VARCHAR, "COPIES" NUMBER(38,0), "SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (select
  'song' as kind,
   'short'  as time_range,
  day,
  rank as position,
  id,
  name,
  artist_names
from "RAW"."USER_TOP_TRACKS_ST_HISTORY"
union all
select
  'artist',
   'short' ,
  day,
  rank,
  id,
  name,
  name
from "RAW"."USER_TOP_ARTISTS_ST_HISTORY"
 union all 
select
  'song' as kind,
   'medium'  as time_range,
  day,
  rank as position,
  id,
  name,
  artist_names
from "RAW"."USER_TOP_TRACKS_MT_HISTORY"
union all
select
  'artist',
   'medium' ,
  day,
  rank,
  id,
  name,
  name
from "RAW"."USER_TOP_ARTISTS_MT_HISTORY"
 union all 
select
  'song' as kind,
   'long'  as time_range,
  day,
  rank as position,
  id,
  name,
  artist_names
from "RAW"."USER_TOP_TRACKS_LT_HISTORY"
union all
select
  'artist',
   'long' ,
  day,
  rank,
  id,
  name,
  name
from "RAW"."USER_TOP_ARTISTS_LT_HISTORY"
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_RANK_HISTORY" ("KIND" VARCHAR, "TIME_RANGE" VARCHAR, "DAY" DATE, "POSITION" NUMBER(38,0), "ID" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SHOW TABLES IN SCHEMA "TRACKLAKE"."RAW_STAGING";

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_ALBUMS"
  COMMENT = 'Tracklake' AS with albums as (
  select
    id as album_id,
    uri,
    name,
    folded,
    artist_id,
    artist_ids,
    artist_names,
    album_type,
    release_date,
    release_date_precision,
    total_tracks,
    label,
    upc,
    image_url,
    image_small_url,
    spotify_url,
    first_seen_at
  from "RAW"."ALBUMS"
  where id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'album')
  union all
  select
    id,
    null,
    name,
    folded,
    artist_id,
    artist_id,
    artist_name,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    first_seen_at
  from (select imported.*
from "RAW"."IMPORTED_ALBUMS" as imported
left join "RAW"."ALBUMS" as described on described.id = imported.id
where described.id is null and imported.id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'album')
qualify row_number() over (partition by imported.id order by imported.first_seen_at, imported.import_id) = 1) as names
)
select
  albums.album_id,
  albums.uri,
  albums.name,
  albums.folded,
  coalesce(resolved_artists.resolved_id, albums.artist_id) as artist_id,
  case when albums.artist_ids = albums.artist_id then coalesce(resolved_artists.resolved_id, albums.artist_ids) else albums.artist_ids end as artist_ids,
  albums.artist_names,
  albums.album_type,
  albums.release_date,
  albums.release_date_precision,
  albums.total_tracks,
  albums.label,
  albums.upc,
  albums.image_url,
  albums.image_small_url,
  albums.spotify_url,
  albums.first_seen_at
from albums
left join "RAW"."RESOLVED_IDS" as resolved_artists
  on resolved_artists.kind = 'artist' and resolved_artists.id = albums.artist_id;

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_ARTISTS"
  COMMENT = 'Tracklake' AS select
  id as artist_id,
  uri,
  name,
  folded,
  genres,
  image_url,
  image_small_url,
  spotify_url,
  first_seen_at
from "RAW"."ARTISTS"
where id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'artist')
union all
select
  id,
  null,
  name,
  folded,
  null,
  null,
  null,
  null,
  first_seen_at
from (select imported.*
from "RAW"."IMPORTED_ARTISTS" as imported
left join "RAW"."ARTISTS" as described on described.id = imported.id
where described.id is null and imported.id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'artist')
qualify row_number() over (partition by imported.id order by imported.first_seen_at, imported.import_id) = 1) as names;

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_AUDIO_FEATURES"
  COMMENT = 'Tracklake' AS select
  track_id,
  uri,
  acousticness,
  danceability,
  energy,
  instrumentalness,
  cast(key as integer) as key,
  liveness,
  loudness,
  cast(mode as integer) as mode,
  speechiness,
  tempo,
  cast(time_signature as integer) as time_signature,
  valence,
  import_id
from "RAW"."AUDIO_FEATURES";

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_CHART_ENTRIES"
  COMMENT = 'Tracklake' AS with entries as (
  select
    chart,
    day,
    cast(rank as integer) as position,
    track_id,
    uri,
    name,
    artist_names,
    streams,
    cast(peak_rank as integer) as peak_position,
    cast(previous_rank as integer) as previous_position,
    cast(coalesce(weeks_on_chart, days_on_chart) as integer) as time_on_chart,
    source,
    import_id,
    case when source = 'csv' then 1 else 2 end as preference,
    day as seen_on
  from "RAW"."CHART_ENTRIES"
  union all
  select
     'regional-global-daily',
    coalesce(cast(max(added_at) over (partition by day) as date), day) - 1,
    cast(rank as integer),
    id,
    uri,
    name,
    artist_names,
    null,
    null,
    null,
    null,
    'spotify',
    null,
    3,
    day
  from "RAW"."GLOBAL_TOP_TRACKS_DAILY_HISTORY"
  union all
  select
     'regional-global-weekly',
    coalesce(cast(max(added_at) over (partition by day) as date), day) - 1,
    cast(rank as integer),
    id,
    uri,
    name,
    artist_names,
    null,
    null,
    null,
    null,
    'spotify',
    null,
    3,
    day
  from "RAW"."GLOBAL_TOP_TRACKS_WEEKLY_HISTORY"
  union all
  select
     'viral-global-daily',
    coalesce(cast(max(added_at) over (partition by day) as date), day) - 1,
    cast(rank as integer),
    id,
    uri,
    name,
    artist_names,
    null,
    null,
    null,
    null,
    'spotify',
    null,
    3,
    day
  from "RAW"."GLOBAL_VIRAL_TRACKS_DAILY_HISTORY"
),
ranked as (
  select
    entries.*,
    rank() over (partition by chart, day order by preference, seen_on desc) as place
  from entries
)
select
  chart,
  day,
  position,
  coalesce(track_id, uri) as track_id,
  uri,
  name,
  artist_names,
  streams,
  peak_position,
  previous_position,
  time_on_chart,
  source,
  import_id
from ranked
where place = 1;

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_EXCLUSIONS"
  COMMENT = 'Tracklake' AS -- What was excluded under the API's time and address of a play is found under the export's, once the two are paired.
with moved as (
  select
    coalesce(by_api.import_played_at, exclusions.played_at) as played_at,
    coalesce(by_import.uri, exclusions.uri) as uri,
    exclusions.excluded,
    exclusions.changed_at
  from "RAW"."EXCLUDED_PLAYS" as exclusions
  left join (
    select pairs.*
    from "RAW"."PLAY_PAIRS" as pairs
    join "RAW"."IMPORTED_PLAYS" as imports
      on
        imports.played_at = pairs.import_played_at
        and imports.uri = pairs.import_uri
        and imports.ms_played = pairs.import_ms_played
  ) as by_api
    on by_api.played_at = exclusions.played_at and by_api.uri = exclusions.uri
  left join "RAW"."PLAY_PAIRS" as by_import
    on by_import.import_played_at = exclusions.played_at and by_import.import_uri = exclusions.uri
)
select
  played_at,
  uri,
  excluded,
  changed_at
from moved
qualify row_number() over (partition by played_at, uri order by changed_at desc) = 1;

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_SETTINGS"
  COMMENT = 'Tracklake' AS select
  coalesce(stored.zone, 'UTC') as zone,
  coalesce(cast(stored.week_start as integer), 1) as week_start,
  coalesce(stored.counting_rule, '30s') as counting_rule,
  coalesce(stored.counts_private, true) as counts_private,
  coalesce(stored.counts_skips, true) as counts_skips,
  coalesce(stored.counts_other_sources, false) as counts_other_sources
from (select 1 as id) as always
left join "RAW"."SETTINGS" as stored on stored.id = always.id;

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_TRACKS"
  COMMENT = 'Tracklake' AS with tracks as (
  select
    id as track_id,
    uri,
    name,
    folded,
    artist_id,
    artist_ids,
    artist_names,
    album_id,
    album_name,
    cast(duration_ms as integer) as duration_ms,
    explicit,
    isrc,
    disc_number,
    track_number,
    image_url,
    image_small_url,
    spotify_url,
    first_seen_at
  from "RAW"."TRACKS"
  where id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'track')
  union all
  select
    id,
    uri,
    name,
    folded,
    artist_id,
    artist_id,
    artist_name,
    album_id,
    album_name,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    first_seen_at
  from (select imported.*
from "RAW"."IMPORTED_TRACKS" as imported
left join "RAW"."TRACKS" as described on described.id = imported.id
where described.id is null and imported.id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'track')
qualify row_number() over (partition by imported.id order by imported.first_seen_at, imported.import_id) = 1) as names
)
select
  tracks.track_id,
  tracks.uri,
  tracks.name,
  tracks.folded,
  coalesce(resolved_artists.resolved_id, tracks.artist_id) as artist_id,
  case when tracks.artist_ids = tracks.artist_id then coalesce(resolved_artists.resolved_id, tracks.artist_ids) else tracks.artist_ids end as artist_ids,
  tracks.artist_names,
  coalesce(resolved_albums.resolved_id, tracks.album_id) as album_id,
  tracks.album_name,
  tracks.duration_ms,
  tracks.explicit,
  tracks.isrc,
  tracks.disc_number,
  tracks.track_number,
  tracks.image_url,
  tracks.image_small_url,
  tracks.spotify_url,
  tracks.first_seen_at
from tracks
left join "RAW"."RESOLVED_IDS" as resolved_artists
  on resolved_artists.kind = 'artist' and resolved_artists.id = tracks.artist_id
left join "RAW"."RESOLVED_IDS" as resolved_albums
  on resolved_albums.kind = 'album' and resolved_albums.id = tracks.album_id;

SELECT *
  FROM (with ids as (
  select
    artist_id,
    hash(uri, name, genres, image_url, image_small_url) as content
  from "RAW_STAGING"."STG_ARTISTS"
  union all
  select artist_id, null
  from (
    select artist_id from "RAW_STAGING"."STG_TRACKS" where artist_id is not null
    union
    select artist_id from "RAW_STAGING"."STG_ALBUMS" where artist_id is not null
    union
    select artist_id from (
select plays.artist_id
from (
  select artist_id from "RAW"."PLAYS"
  union all
  select artist_id from "RAW"."IMPORTED_PLAYS" where kind = 'song'
) as plays
where plays.artist_id is not null and plays.artist_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'artist')
group by plays.artist_id
) as plays
  ) as mentioned
  where artist_id not in (select artist_id from "RAW_STAGING"."STG_ARTISTS")
),
changed as (
  select
    cast(row_number() over (order by ids.artist_id) as integer) as artist_key,
    ids.artist_id,
    ids.content
  from ids
)
select
  changed.artist_key,
  changed.artist_id,
  artists.uri,
  artists.name,
  artists.folded,
  artists.genres,
  artists.image_url,
  artists.image_small_url,
  changed.content,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from changed
left join "RAW_STAGING"."STG_ARTISTS" as artists on artists.artist_id = changed.artist_id
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."INT_ARTISTS" ("ARTIST_KEY" NUMBER(38,0), "ARTIST_ID" VARCHAR, "URI" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "GENRES" VARCHAR, "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "CONTENT" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (select
  cast(row_number() over (order by import_id) as integer)
     as import_key,
  import_id,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from (
  select distinct import_id
  from "RAW"."IMPORTED_PLAYS"
) as imports
where import_id is not null
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."INT_IMPORTS" ("IMPORT_KEY" NUMBER(38,0), "IMPORT_ID" VARCHAR, "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (select
  'song' as kind,
  changes.id,
  tracks.name,
  tracks.artist_names,
  changes.added_at,
  changes.change,
  changes.seen_at
from "RAW"."USER_SAVED_TRACKS_HISTORY" as changes
left join "RAW_STAGING"."STG_TRACKS" as tracks on tracks.track_id = changes.id
union all
select
  'album',
  changes.id,
  albums.name,
  albums.artist_names,
  changes.added_at,
  changes.change,
  changes.seen_at
from "RAW"."USER_SAVED_ALBUMS_HISTORY" as changes
left join "RAW_STAGING"."STG_ALBUMS" as albums on albums.album_id = changes.id
union all
select
  'artist',
  changes.id,
  changes.name,
  changes.name,
  cast(null as timestamp),
  changes.change,
  changes.seen_at
from "RAW"."USER_FOLLOWED_ARTISTS_HISTORY" as changes
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_LIBRARY_HISTORY" ("KIND" VARCHAR, "ID" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR, "ADDED_AT" TIMESTAMP_NTZ(3), "CHANGE" VARCHAR, "SEEN_AT" TIMESTAMP_NTZ(3)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_STAGING"."STG_PLAYS"
  COMMENT = 'Tracklake' AS with api_plays as (
  select
    plays.played_at,
    plays.uri,
    plays.track_id,
    plays.artist_id,
    plays.album_id,
    cast(null as integer) as ms_played,
    false as skipped,
    false as private,
    'spotify' as source,
    cast(null as varchar) as import_id,
    plays.context_uri,
    plays.synced_at as arrived_at
  from "RAW"."PLAYS" as plays
  left join (
    select pairs.*
    from "RAW"."PLAY_PAIRS" as pairs
    join "RAW"."IMPORTED_PLAYS" as imports
      on
        imports.played_at = pairs.import_played_at
        and imports.uri = pairs.import_uri
        and imports.ms_played = pairs.import_ms_played
  ) as pairs
    on pairs.played_at = plays.played_at and pairs.uri = plays.uri
  where pairs.uri is null
),
imported_plays as (
  select
    imports.played_at,
    coalesce(plays.uri, imports.uri) as uri,
    coalesce(plays.track_id, imports.track_id) as track_id,
    coalesce(plays.artist_id, imports.artist_id) as artist_id,
    coalesce(plays.album_id, imports.album_id) as album_id,
    -- Other programs usually record no time, which is stored as 0.
    case
      when imports.source in ('recently-played', 'listenbrainz', 'lastfm') and imports.ms_played = 0 then null
      else cast(imports.ms_played as integer)
    end as ms_played,
    coalesce(imports.skipped, false) as skipped,
    coalesce(imports.private, false) as private,
    imports.source,
    imports.import_id,
    plays.context_uri,
    greatest(
      imports.imported_at,
      coalesce(plays.synced_at, cast('1970-01-01 00:00:00' as timestamp_ntz)),
      coalesce(pairs.paired_at, cast('1970-01-01 00:00:00' as timestamp_ntz))
    ) as arrived_at
  from "RAW"."IMPORTED_PLAYS" as imports
  left join "RAW"."PLAY_PAIRS" as pairs
    on
      pairs.import_played_at = imports.played_at
      and pairs.import_uri = imports.uri
      and pairs.import_ms_played = imports.ms_played
  left join "RAW"."PLAYS" as plays
    on plays.played_at = pairs.played_at and plays.uri = pairs.uri
  left join "RAW"."IMPORT_DUPLICATES" as duplicates
    on
      duplicates.played_at = imports.played_at
      and duplicates.uri = imports.uri
      and duplicates.ms_played = imports.ms_played
  where imports.kind = 'song' and duplicates.uri is null
),
plays as (
  select * from api_plays
  union all
  select * from imported_plays
)
select
  plays.played_at,
  plays.uri,
  coalesce(resolved_tracks.resolved_id, plays.track_id) as track_id,
  coalesce(resolved_artists.resolved_id, plays.artist_id) as artist_id,
  coalesce(resolved_albums.resolved_id, plays.album_id) as album_id,
  plays.ms_played,
  plays.skipped,
  plays.private,
  coalesce(exclusions.excluded, false) as excluded,
  plays.source,
  plays.import_id,
  plays.context_uri,
  greatest(plays.arrived_at, coalesce(exclusions.changed_at, cast('1970-01-01 00:00:00' as timestamp_ntz))) as arrived_at
from plays
left join "RAW"."RESOLVED_IDS" as resolved_tracks
  on resolved_tracks.kind = 'track' and resolved_tracks.id = plays.track_id
left join "RAW"."RESOLVED_IDS" as resolved_artists
  on resolved_artists.kind = 'artist' and resolved_artists.id = plays.artist_id
left join "RAW"."RESOLVED_IDS" as resolved_albums
  on resolved_albums.kind = 'album' and resolved_albums.id = plays.album_id
left join "RAW_STAGING"."STG_EXCLUSIONS" as exclusions
  on exclusions.played_at = plays.played_at and exclusions.uri = plays.uri
where plays.track_id is not null;

SELECT *
  FROM (with artists as (
  select
    artist_key,
    artist_id,
    genres
  from "RAW_ANALYTICAL"."INT_ARTISTS"
),
named as (
  select
    artists.artist_key,
    map.genres,
    map.source,
    case map.source when 'own' then 1 else 3 end as precedence
  from "RAW"."GENRE_MAP" as map
  inner join artists on artists.artist_id = map.artist_id
  where map.genres is not null
  union all
  select
    artist_key,
    genres,
    'spotify' as source,
    2 as precedence
  from artists
  where genres <> ''
),
-- An artist has the genres of one source.
chosen as (
  select
    artist_key,
    genres,
    source
  from named
  qualify row_number() over (partition by artist_key order by precedence) = 1
),
-- As many as a source can name.
places as (
  select place from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) as numbers (place)
),
split as (
  select
    chosen.artist_key,
    chosen.source,
    places.place,
    lower(split_part(chosen.genres, ', ', places.place)) as genre
  from chosen
  cross join places
)
select
  artist_key,
  genre,
  cast(min(place) as integer) as position,
  min(source) as source
from split
where genre <> ''
group by artist_key, genre
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."DIM_GENRES" ("ARTIST_KEY" NUMBER(38,0), "GENRE" VARCHAR, "POSITION" NUMBER(38,0), "SOURCE" VARCHAR) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (with ids as (
  select
    album_id,
    hash(
      uri, name, artist_id, artist_names, album_type, release_date, release_date_precision, total_tracks, image_url,
      image_small_url
    ) as content
  from "RAW_STAGING"."STG_ALBUMS"
  union all
  select album_id, null
  from (
    select album_id from "RAW_STAGING"."STG_TRACKS" where album_id is not null
    union
    select album_id from (
select plays.album_id
from (
  select album_id from "RAW"."PLAYS"
  union all
  select album_id from "RAW"."IMPORTED_PLAYS" where kind = 'song'
) as plays
where plays.album_id is not null and plays.album_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'album')
group by plays.album_id
) as plays
  ) as mentioned
  where album_id not in (select album_id from "RAW_STAGING"."STG_ALBUMS")
),
changed as (
  select
    cast(row_number() over (order by ids.album_id) as integer) as album_key,
    ids.album_id,
    ids.content
  from ids
)
select
  changed.album_key,
  changed.album_id,
  albums.uri,
  albums.name,
  albums.folded,
  artists.artist_key,
  albums.artist_names,
  albums.album_type,
  albums.release_date,
  albums.release_date_precision,
  cast(albums.total_tracks as integer) as total_tracks,
  albums.image_url,
  albums.image_small_url,
  changed.content,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from changed
left join "RAW_STAGING"."STG_ALBUMS" as albums on albums.album_id = changed.album_id
left join "RAW_ANALYTICAL"."INT_ARTISTS" as artists on artists.artist_id = albums.artist_id
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."INT_ALBUMS" ("ALBUM_KEY" NUMBER(38,0), "ALBUM_ID" VARCHAR, "URI" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "ARTIST_KEY" NUMBER(38,0), "ARTIST_NAMES" VARCHAR, "ALBUM_TYPE" VARCHAR, "RELEASE_DATE" VARCHAR, "RELEASE_DATE_PRECISION" VARCHAR, "TOTAL_TRACKS" NUMBER(38,0), "IMAGE_URL" VARCHAR, "IMAGE_SMALL_URL" VARCHAR, "CONTENT" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (with ids as (
  select
    track_id,
    artist_id,
    album_id,
    -- What matters to plays: the duration stands in for an unknown time, and a play counts for its artist and album.
    hash(duration_ms, artist_id, album_id) as play_content,
    hash(uri, name, artist_id, artist_names, album_id, duration_ms, explicit, isrc) as content
  from "RAW_STAGING"."STG_TRACKS"
  union all
  select track_id, artist_id, album_id, null, null
  from (
select plays.track_id, max(plays.artist_id) as artist_id, max(plays.album_id) as album_id
from (
  select track_id, artist_id, album_id from "RAW"."PLAYS"
  union all
  select track_id, artist_id, album_id from "RAW"."IMPORTED_PLAYS" where kind = 'song'
) as plays
where plays.track_id is not null and plays.track_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'track')
group by plays.track_id
) as mentioned
  where track_id not in (select track_id from "RAW_STAGING"."STG_TRACKS")
),
changed as (
  select
    cast(row_number() over (order by ids.track_id) as integer) as track_key,
     ids.artist_id,  ids.album_id,  ids.play_content,  false as has_new_play_content,  0 as play_batch,  cast(null as integer) as former_artist_key,  cast(null as integer) as former_album_key, 
    ids.track_id,
    ids.content
  from ids
)
select
  changed.track_key,
  changed.track_id,
  tracks.uri,
  tracks.name,
  tracks.folded,
  artists.artist_key,
  tracks.artist_names,
  albums.album_key,
  tracks.duration_ms,
  tracks.explicit,
  tracks.isrc,
  changed.play_content,
  -- The build in which a known song last changed in a way that matters to its plays.
  case when changed.has_new_play_content then (select batch from "RAW_ANALYTICAL"."INT_BATCH") else changed.play_batch end as play_batch,
  -- Before this build its plays counted for these.
  changed.former_artist_key,
  changed.former_album_key,
  changed.content,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from changed
left join "RAW_STAGING"."STG_TRACKS" as tracks on tracks.track_id = changed.track_id
left join "RAW_ANALYTICAL"."INT_ARTISTS" as artists on artists.artist_id = changed.artist_id
left join "RAW_ANALYTICAL"."INT_ALBUMS" as albums on albums.album_id = changed.album_id
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."INT_TRACKS" ("TRACK_KEY" NUMBER(38,0), "TRACK_ID" VARCHAR, "URI" VARCHAR, "NAME" VARCHAR, "FOLDED" VARCHAR, "ARTIST_KEY" NUMBER(38,0), "ARTIST_NAMES" VARCHAR, "ALBUM_KEY" NUMBER(38,0), "DURATION_MS" NUMBER(38,0), "EXPLICIT" BOOLEAN, "ISRC" VARCHAR, "PLAY_CONTENT" NUMBER(38,0), "PLAY_BATCH" NUMBER(38,0), "FORMER_ARTIST_KEY" NUMBER(38,0), "FORMER_ALBUM_KEY" NUMBER(38,0), "CONTENT" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- Songs that count as one recording: those with the same ISRC, and those that the listener says are the same. Choices
-- come first: a song that was chosen to count by itself ignores its ISRC.
with choices as (
  select
    tracks.track_key,
    chosen.track_key as chosen_key
  from "RAW"."RECORDING_CHOICES" as choices
  inner join "RAW_ANALYTICAL"."INT_TRACKS" as tracks on tracks.track_id = choices.track_id
  inner join "RAW_ANALYTICAL"."INT_TRACKS" as chosen on chosen.track_id = choices.recording_id
),
coded as (
  select
    tracks.track_key,
    upper(replace(tracks.isrc, '-', '')) as isrc
  from "RAW_ANALYTICAL"."INT_TRACKS" as tracks
  left join choices as alone on alone.track_key = tracks.track_key and alone.chosen_key = tracks.track_key
  where tracks.isrc is not null and alone.track_key is null
),
shared as (
  select
    track_key,
    isrc
  from coded
  -- Anything else is no ISRC.
  where length(isrc) = 12 and isrc in (select isrc from coded group by isrc having count(*) > 1)
),
-- A choice links a song to the one it was chosen to count with, which no other choice leads away from.
linked as (
  select
    track_key,
    chosen_key
  from choices
  union
  select
    chosen_key,
    chosen_key
  from choices
  where track_key <> chosen_key
),
members as (
  select
    coalesce(linked.track_key, shared.track_key) as track_key,
    linked.chosen_key,
    shared.isrc,
    coalesce(linked.chosen_key, shared.track_key) as label
  from linked
  full outer join shared on shared.track_key = linked.track_key
),
-- The smallest label of all that are linked, over codes and choices in turn. Chains are no longer in practice.
by_code_1 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when isrc is null then label else min(label) over (partition by isrc) end as label
  from  members 
),
by_choice_1 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when chosen_key is null then label else min(label) over (partition by chosen_key) end as label
  from by_code_1
),
by_code_2 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when isrc is null then label else min(label) over (partition by isrc) end as label
  from  by_choice_1 
),
by_choice_2 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when chosen_key is null then label else min(label) over (partition by chosen_key) end as label
  from by_code_2
),
by_code_3 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when isrc is null then label else min(label) over (partition by isrc) end as label
  from  by_choice_2 
),
by_choice_3 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when chosen_key is null then label else min(label) over (partition by chosen_key) end as label
  from by_code_3
),
-- The song that stands for all: the chosen one, else the one on an album, the earliest.
wanted as (
  select
    members.track_key,
    first_value(members.track_key) over (
      partition by members.label
      order by
        case when members.chosen_key = members.track_key then 0 else 1 end,
        case albums.album_type when 'album' then 0 when 'single' then 1 else 2 end,
        coalesce(albums.release_date, '9999'),
        tracks.track_id
    ) as recording_key
  from by_choice_3 as members
  inner join "RAW_ANALYTICAL"."INT_TRACKS" as tracks on tracks.track_key = members.track_key
  left join "RAW_ANALYTICAL"."INT_ALBUMS" as albums on albums.album_key = tracks.album_key
)
select
  track_key,
  recording_key,
  track_key as former_recording_key,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from wanted
where track_key <> recording_key
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."INT_RECORDINGS" ("TRACK_KEY" NUMBER(38,0), "RECORDING_KEY" NUMBER(38,0), "FORMER_RECORDING_KEY" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_STAGING"."STG_EXCLUSIONS"
-- A build replaces whole days: a play can move when an import brings its true time.
with
unified as (
   select * from "RAW_STAGING"."STG_PLAYS" 
),
plays as (
  select
    unified.*,
    convert_timezone('UTC', rules.zone, unified.played_at) as local_at,
    coalesce(recordings.recording_key, tracks.track_key) as track_key,
    case when recordings.recording_key <> tracks.track_key then tracks.track_key end as played_track_key,
    tracks.artist_key,
    tracks.album_key,
    tracks.duration_ms,
    coalesce(imports.import_key, 0) as import_key,
    unified.ms_played is not null as ms_known,
    rules.counting_rule,
    case
      when unified.excluded then 'excluded'
      when unified.source in ('lastfm', 'listenbrainz') and not rules.counts_other_sources then 'other tracker'
      when unified.private and not rules.counts_private then 'private session'
      when unified.skipped and not rules.counts_skips then 'skipped'
    end as unwelcome
  from unified
  cross join "RAW_STAGING"."STG_SETTINGS" as rules
  left join "RAW_ANALYTICAL"."INT_TRACKS" as tracks on tracks.track_id = unified.track_id
  left join "RAW_ANALYTICAL"."INT_RECORDINGS" as recordings on recordings.track_key = tracks.track_key
  left join "RAW_ANALYTICAL"."INT_IMPORTS" as imports on imports.import_id = unified.import_id
),
dated as (
  select
    *,
    cast(local_at as date) as day,
    coalesce(
      unwelcome,
      case when not 
case
  when not ms_known or counting_rule = 'all' then true
  when counting_rule = 'half' and duration_ms > 0 then ms_played * 2 >= duration_ms
  when counting_rule = 'completed' and duration_ms > 0 then ms_played >= duration_ms - 5000
  when ms_played >= 30000 then true
  else coalesce(counting_rule = '30s' and duration_ms between 1 and 30000 and ms_played >= duration_ms - 1000, false)
end then 'too short' end
    ) as not_counted
  from plays
)
select
  played_at,
  day,
  cast(hour(local_at) as tinyint) as hour,
  cast(dayofweekiso(local_at) as tinyint) as weekday,
  track_key,
  played_track_key,
  artist_key,
  album_key,
  coalesce(ms_played, duration_ms, 0) as ms_played,
  ms_known,
  not_counted is null as counts,
  not_counted,
  skipped,
  private,
  excluded,
  source,
  import_key,
  context_uri,
  arrived_at,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from dated
order by played_at
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."FCT_PLAYS" ("PLAYED_AT" TIMESTAMP_NTZ(3), "DAY" DATE, "HOUR" NUMBER(38,0), "WEEKDAY" NUMBER(38,0), "TRACK_KEY" NUMBER(38,0), "PLAYED_TRACK_KEY" NUMBER(38,0), "ARTIST_KEY" NUMBER(38,0), "ALBUM_KEY" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "MS_KNOWN" BOOLEAN, "COUNTS" BOOLEAN, "NOT_COUNTED" VARCHAR, "SKIPPED" BOOLEAN, "PRIVATE" BOOLEAN, "EXCLUDED" BOOLEAN, "SOURCE" VARCHAR, "IMPORT_KEY" NUMBER(38,0), "CONTEXT_URI" VARCHAR, "ARRIVED_AT" TIMESTAMP_NTZ(3), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_ANALYTICAL"."INT_TRACKS"
-- depends_on: "RAW_ANALYTICAL"."INT_RECORDINGS"
-- A small table, so that the models that read it know that they write little.
select distinct
  1 as id,
  day,
  track_key,
  artist_key,
  album_key,
  batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
-- A full build needs none, and the next one looks for what is newer.
where played_at = (select min(played_at) from "RAW_ANALYTICAL"."FCT_PLAYS")
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."INT_TOUCHED_PLAYS" ("ID" NUMBER(38,0), "DAY" DATE, "TRACK_KEY" NUMBER(38,0), "ARTIST_KEY" NUMBER(38,0), "ALBUM_KEY" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  album_key,
  min(case when counts then played_at end) as first_played_at,
  max(case when counts then played_at end) as last_played_at,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
where album_key is not null
group by album_key
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."AGG_ALBUMS" ("ALBUM_KEY" NUMBER(38,0), "FIRST_PLAYED_AT" TIMESTAMP_NTZ(3), "LAST_PLAYED_AT" TIMESTAMP_NTZ(3), "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  artist_key,
  min(case when counts then played_at end) as first_played_at,
  max(case when counts then played_at end) as last_played_at,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
where artist_key is not null
group by artist_key
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."AGG_ARTISTS" ("ARTIST_KEY" NUMBER(38,0), "FIRST_PLAYED_AT" TIMESTAMP_NTZ(3), "LAST_PLAYED_AT" TIMESTAMP_NTZ(3), "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  day,
  hour,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
group by day, hour
order by day, hour
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."AGG_DAY_HOURS" ("DAY" DATE, "HOUR" NUMBER(38,0), "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
with plays as (
  select day, track_key, artist_key, ms_played, counts
  from "RAW_ANALYTICAL"."FCT_PLAYS"
),
heard as (
  select
    day,
    cast(sum(case when counts then 1 else 0 end) as integer) as plays,
    cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
    cast(count(distinct case when counts then track_key end) as integer) as tracks,
    cast(count(distinct case when counts then artist_key end) as integer) as artists
  from plays
  group by day
),
bounds as (
  select
    (select min(day) from "RAW_ANALYTICAL"."FCT_PLAYS") as first_day,
    cast(convert_timezone('UTC', rules.zone, cast('2026-03-10T12:00:00.000' as timestamp)) as date) as last_day
  from "RAW_STAGING"."STG_SETTINGS" as rules
),
-- Days without plays have a row too.
calendar as (
  select dateadd('day', numbers.n, bounds.first_day) as day
from bounds as bounds
join (select row_number() over (order by seq4()) - 1 as n from table(generator(rowcount => 60000))) as numbers
  on numbers.n <= datediff('day', bounds.first_day, bounds.last_day)
),
silent as (
  select calendar.day
  from calendar
  left join heard on heard.day = calendar.day
  where heard.day is null
)
select day, plays, ms_played, tracks, artists, (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch from heard
union all
select day, 0, 0, 0, 0, (select batch from "RAW_ANALYTICAL"."INT_BATCH") from silent
order by day
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."AGG_DAYS" ("DAY" DATE, "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "TRACKS" NUMBER(38,0), "ARTISTS" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  track_key,
  min(case when counts then played_at end) as first_played_at,
  max(case when counts then played_at end) as last_played_at,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
where track_key is not null
group by track_key
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."AGG_TRACKS" ("TRACK_KEY" NUMBER(38,0), "FIRST_PLAYED_AT" TIMESTAMP_NTZ(3), "LAST_PLAYED_AT" TIMESTAMP_NTZ(3), "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
-- Counted plays with less than 30 minutes of silence between them.
with
counted as (
  select played_at, track_key, ms_played from "RAW_ANALYTICAL"."FCT_PLAYS" where counts
),
plays as (
  select
    played_at,
    track_key,
    ms_played,
    dateadd('millisecond', -(ms_played), played_at) as started_at
  from counted
),
gaps as (
  select
    *,
    lag(played_at) over (order by played_at, track_key, ms_played) as previous_at
  from plays
),
numbered as (
  select
    *,
    sum(case when previous_at is null or started_at > previous_at + interval '30 minutes' then 1 else 0 end)
      over (order by played_at, track_key, ms_played rows between unbounded preceding and current row) as number
  from gaps
),
sessions as (
  select
    min(started_at) as started_at,
    max(played_at) as ended_at,
    cast(count(*) as integer) as plays,
    cast(sum(ms_played) as bigint) as ms_played,
    cast(count(distinct track_key) as integer) as tracks
  from numbered
  group by number
)
select
  sessions.started_at,
  sessions.ended_at,
  cast(convert_timezone('UTC', rules.zone, sessions.started_at) as date) as day,
  sessions.plays,
  sessions.ms_played,
  sessions.tracks,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from sessions
cross join "RAW_STAGING"."STG_SETTINGS" as rules
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_ANALYTICAL"."FCT_SESSIONS" ("STARTED_AT" TIMESTAMP_NTZ(3), "ENDED_AT" TIMESTAMP_NTZ(3), "DAY" DATE, "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "TRACKS" NUMBER(38,0), "BATCH" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_ANALYTICAL"."DIM_ALBUMS"
  COMMENT = 'Tracklake' AS select
  albums.album_key,
  albums.album_id,
  albums.uri,
  albums.name,
  albums.folded,
  albums.artist_key,
  albums.artist_names,
  albums.album_type,
  albums.release_date,
  albums.release_date_precision,
  albums.total_tracks,
  albums.image_url,
  albums.image_small_url,
  heard.first_played_at,
  heard.last_played_at,
  coalesce(heard.plays, 0) as plays,
  coalesce(heard.ms_played, 0) as ms_played
from "RAW_ANALYTICAL"."INT_ALBUMS" as albums
left join "RAW_ANALYTICAL"."AGG_ALBUMS" as heard on heard.album_key = albums.album_key
-- An id of names that stands for another one by now stays behind until everything is built again.
where albums.album_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'album');

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_ANALYTICAL"."DIM_ARTISTS"
  COMMENT = 'Tracklake' AS select
  artists.artist_key,
  artists.artist_id,
  artists.uri,
  artists.name,
  artists.folded,
  artists.genres,
  artists.image_url,
  artists.image_small_url,
  heard.first_played_at,
  heard.last_played_at,
  coalesce(heard.plays, 0) as plays,
  coalesce(heard.ms_played, 0) as ms_played
from "RAW_ANALYTICAL"."INT_ARTISTS" as artists
left join "RAW_ANALYTICAL"."AGG_ARTISTS" as heard on heard.artist_key = artists.artist_key
-- An id of names that stands for another one by now stays behind until everything is built again.
where artists.artist_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'artist');

CREATE OR REPLACE VIEW "TRACKLAKE"."RAW_ANALYTICAL"."DIM_TRACKS"
  COMMENT = 'Tracklake' AS select
  tracks.track_key,
  tracks.track_id,
  tracks.uri,
  tracks.name,
  tracks.folded,
  tracks.artist_key,
  tracks.artist_names,
  tracks.album_key,
  tracks.duration_ms,
  tracks.explicit,
  tracks.isrc,
  coalesce(recordings.recording_key, tracks.track_key) as recording_key,
  heard.first_played_at,
  heard.last_played_at,
  coalesce(heard.plays, 0) as plays,
  coalesce(heard.ms_played, 0) as ms_played
from "RAW_ANALYTICAL"."INT_TRACKS" as tracks
left join "RAW_ANALYTICAL"."AGG_TRACKS" as heard on heard.track_key = tracks.track_key
left join "RAW_ANALYTICAL"."INT_RECORDINGS" as recordings on recordings.track_key = tracks.track_key
-- An id of names that stands for another one by now stays behind until everything is built again.
where tracks.track_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'track');

SELECT *
  FROM (-- All 168 cells, also those without plays.
with weekdays as (
  select 1 as weekday union all select 2 union all select 3 union all select 4 union all select 5 union all select 6
  union all select 7
),
tens as (
  select 0 as ten union all select 10 union all select 20
),
ones as (
  select 0 as one union all select 1 union all select 2 union all select 3 union all select 4 union all select 5
  union all select 6 union all select 7 union all select 8 union all select 9
),
heard as (
  select
    dayofweekiso(day) as weekday,
    hour,
    sum(plays) as plays,
    sum(ms_played) as ms_played
  from "RAW_ANALYTICAL"."AGG_DAY_HOURS"
  group by 1, 2
)
select
  weekdays.weekday,
  tens.ten + ones.one as hour,
  cast(coalesce(heard.plays, 0) as integer) as plays,
  cast(coalesce(heard.ms_played, 0) as bigint) as ms_played
from weekdays
cross join tens
cross join ones
left join heard on heard.weekday = weekdays.weekday and heard.hour = tens.ten + ones.one
where tens.ten + ones.one < 24
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_HOUR_OF_WEEK" ("WEEKDAY" NUMBER(38,0), "HOUR" NUMBER(38,0), "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (with heard as (
  select
    day,
    day - cast(row_number() over (order by day) as integer) as island
  from "RAW_ANALYTICAL"."AGG_DAYS"
  where plays > 0
),
streaks as (
  select
    min(day) as first_day,
    max(day) as last_day,
    cast(count(*) as integer) as days
  from heard
  group by island
),
today as (
  select max(day) as day from "RAW_ANALYTICAL"."AGG_DAYS"
)
-- Today can still be listened to, so yesterday keeps a streak alive.
select
  'current' as kind,
  streaks.first_day,
  streaks.last_day,
  streaks.days
from streaks
cross join today
where streaks.last_day >= today.day - 1
union all
(
  select
    'longest',
    first_day,
    last_day,
    days
  from streaks
  order by days desc, last_day desc
  limit 1
)
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_LISTENING_STREAKS" ("KIND" VARCHAR, "FIRST_DAY" DATE, "LAST_DAY" DATE, "DAYS" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (-- agg_days has a row for every day, so seven rows are seven calendar days.
with rolling as (
  select
    day,
    plays,
    ms_played,
    sum(plays) over (order by day rows between 6 preceding and current row) as plays_7_days,
    sum(ms_played) over (order by day rows between 6 preceding and current row) as ms_7_days,
    row_number() over (order by day) as number
  from "RAW_ANALYTICAL"."AGG_DAYS"
),
compared as (
  select
    *,
    lag(plays, 1) over (order by day) as previous_plays,
    lag(ms_played, 1) over (order by day) as previous_ms,
    case when number > 13 then lag(plays_7_days, 7) over (order by day) end as previous_plays_7_days,
    case when number > 13 then lag(ms_7_days, 7) over (order by day) end as previous_ms_7_days
  from rolling
)
select
  day,
  plays,
  ms_played,
  plays - previous_plays as plays_change,
  ms_played - previous_ms as ms_change,
  cast(case when number > 6 then plays_7_days end as bigint) as plays_7_days,
  cast(case when number > 6 then ms_7_days end as bigint) as ms_7_days,
  cast(plays_7_days - previous_plays_7_days as bigint) as plays_7_days_change,
  cast(ms_7_days - previous_ms_7_days as bigint) as ms_7_days_change,
  round(100.0 * (plays_7_days - previous_plays_7_days) / nullif(previous_plays_7_days, 0), 1) as plays_7_days_percent,
  round(100.0 * (ms_7_days - previous_ms_7_days) / nullif(previous_ms_7_days, 0), 1) as ms_7_days_percent
from compared
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_LISTENING_TRENDS" ("DAY" DATE, "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "PLAYS_CHANGE" NUMBER(38,0), "MS_CHANGE" NUMBER(38,0), "PLAYS_7_DAYS" NUMBER(38,0), "MS_7_DAYS" NUMBER(38,0), "PLAYS_7_DAYS_CHANGE" NUMBER(38,0), "MS_7_DAYS_CHANGE" NUMBER(38,0), "PLAYS_7_DAYS_PERCENT" DOUBLE, "MS_7_DAYS_PERCENT" DOUBLE) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (with entries as (
  select
    chart,
    track_id,
    day,
    position,
    peak_position,
    time_on_chart,
    name,
    artist_names,
    row_number() over (partition by chart, track_id order by day desc, position) as place
  from "RAW_STAGING"."STG_CHART_ENTRIES"
  where track_id is not null
),
songs as (
  select
    chart,
    track_id,
    max(case when place = 1 then name end) as name,
    max(case when place = 1 then artist_names end) as artist_names,
    min(day) as first_day,
    max(day) as last_day,
    cast(count(distinct day) as integer) as known_times,
    greatest(cast(count(distinct day) as integer), coalesce(max(time_on_chart), 0)) as time_on_chart,
    least(min(position), coalesce(min(peak_position), min(position))) as peak_position,
    max(case when place = 1 then position end) as last_position
  from entries
  group by chart, track_id
)
select
  songs.chart,
  songs.track_id,
  songs.name,
  songs.artist_names,
  songs.first_day,
  songs.last_day,
  songs.known_times,
  songs.time_on_chart,
  songs.peak_position,
  songs.last_position,
  coalesce(recordings.plays, 0) as plays
from songs
left join "RAW_ANALYTICAL"."DIM_TRACKS" as tracks on tracks.track_id = songs.track_id
left join "RAW_ANALYTICAL"."DIM_TRACKS" as recordings on recordings.track_key = tracks.recording_key
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_CHART_PRESENCE" ("CHART" VARCHAR, "TRACK_ID" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR, "FIRST_DAY" DATE, "LAST_DAY" DATE, "KNOWN_TIMES" NUMBER(38,0), "TIME_ON_CHART" NUMBER(38,0), "PEAK_POSITION" NUMBER(38,0), "LAST_POSITION" NUMBER(38,0), "PLAYS" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (select
  'song' as kind,
  tracks.track_id as id,
  tracks.name,
  tracks.artist_names,
  tracks.plays,
  tracks.ms_played,
  tracks.first_played_at,
  tracks.last_played_at,
  rank() over (order by tracks.plays desc, tracks.ms_played desc) as position
from "RAW_ANALYTICAL"."DIM_TRACKS" as tracks
where tracks.plays > 0
union all
select
  'artist',
  artists.artist_id,
  artists.name,
  artists.name,
  artists.plays,
  artists.ms_played,
  artists.first_played_at,
  artists.last_played_at,
  rank() over (order by artists.plays desc, artists.ms_played desc)
from "RAW_ANALYTICAL"."DIM_ARTISTS" as artists
where artists.plays > 0
union all
select
  'album',
  albums.album_id,
  albums.name,
  albums.artist_names,
  albums.plays,
  albums.ms_played,
  albums.first_played_at,
  albums.last_played_at,
  rank() over (order by albums.plays desc, albums.ms_played desc)
from "RAW_ANALYTICAL"."DIM_ALBUMS" as albums
where albums.plays > 0
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_MOST_LISTENED" ("KIND" VARCHAR, "ID" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR, "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "FIRST_PLAYED_AT" TIMESTAMP_NTZ(3), "LAST_PLAYED_AT" TIMESTAMP_NTZ(3), "POSITION" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (with firsts as (
  select
    cast(convert_timezone('UTC', rules.zone, artists.first_played_at) as date) as day,
    rules.week_start
  from "RAW_ANALYTICAL"."DIM_ARTISTS" as artists
  cross join "RAW_STAGING"."STG_SETTINGS" as rules
  where artists.first_played_at is not null
)
select
  'week' as period,
  day - cast(mod(dayofweekiso(day) - week_start + 7, 7) as integer) as first_day,
  cast(count(*) as integer) as artists
from firsts
group by 1, 2
union all
select
  'month',
  cast(date_trunc('month', day) as date),
  cast(count(*) as integer)
from firsts
group by 1, 2
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_NEW_ARTISTS" ("PERIOD" VARCHAR, "FIRST_DAY" DATE, "ARTISTS" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (with newest as (
  select
    played_at,
    day,
    coalesce(played_track_key, track_key) as track_key,
    artist_key,
    album_key,
    ms_played,
    counts
  from "RAW_ANALYTICAL"."FCT_PLAYS"
  where not excluded
  order by played_at desc
  limit 1000
)
select
  newest.played_at,
  newest.day,
  tracks.track_id,
  tracks.name,
  tracks.artist_names,
  artists.artist_id,
  albums.album_id,
  albums.name as album_name,
  newest.ms_played,
  newest.counts
from newest
left join "RAW_ANALYTICAL"."DIM_TRACKS" as tracks on tracks.track_key = newest.track_key
left join "RAW_ANALYTICAL"."DIM_ARTISTS" as artists on artists.artist_key = newest.artist_key
left join "RAW_ANALYTICAL"."DIM_ALBUMS" as albums on albums.album_key = newest.album_key
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_RECENTLY_LISTENED" ("PLAYED_AT" TIMESTAMP_NTZ(3), "DAY" DATE, "TRACK_ID" VARCHAR, "NAME" VARCHAR, "ARTIST_NAMES" VARCHAR, "ARTIST_ID" VARCHAR, "ALBUM_ID" VARCHAR, "ALBUM_NAME" VARCHAR, "MS_PLAYED" NUMBER(38,0), "COUNTS" BOOLEAN) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SELECT *
  FROM (with plays as (
  select
    extract(year from day) as year,
    day,
    track_key,
    artist_key,
    album_key,
    ms_played
  from "RAW_ANALYTICAL"."FCT_PLAYS"
  where counts
),
years as (
  select
    year,
    cast(count(*) as integer) as plays,
    cast(sum(ms_played) as bigint) as ms_played,
    cast(count(distinct day) as integer) as days,
    cast(count(distinct track_key) as integer) as tracks,
    cast(count(distinct artist_key) as integer) as artists,
    cast(count(distinct album_key) as integer) as albums
  from plays
  group by year
),
songs as (
  select year, track_key, count(*) as plays
  from plays
  group by year, track_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), track_key) = 1
),
singers as (
  select year, artist_key, count(*) as plays
  from plays
  where artist_key is not null
  group by year, artist_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), artist_key) = 1
),
records as (
  select year, album_key, count(*) as plays
  from plays
  where album_key is not null
  group by year, album_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), album_key) = 1
),
calendar as (
  select
    extract(year from day) as year,
    day,
    ms_played
  from "RAW_ANALYTICAL"."AGG_DAYS"
  where plays > 0
),
busiest as (
  select
    year,
    day,
    ms_played
  from calendar
  qualify row_number() over (partition by year order by ms_played desc, day) = 1
),
-- Days in a row have the same distance from their position among the days of the year.
islands as (
  select
    year,
    day - cast(row_number() over (partition by year order by day) as integer) as island
  from calendar
),
streaks as (
  select
    year,
    max(days) as days
  from (select year, count(*) as days from islands group by year, island) as runs
  group by year
),
firsts as (
  select
    extract(year from convert_timezone('UTC', rules.zone, artists.first_played_at)) as year,
    cast(count(*) as integer) as new_artists
  from "RAW_ANALYTICAL"."DIM_ARTISTS" as artists
  cross join "RAW_STAGING"."STG_SETTINGS" as rules
  where artists.first_played_at is not null
  group by 1
)
select
  cast(years.year as integer) as year,
  years.plays,
  years.ms_played,
  years.days,
  years.tracks,
  years.artists,
  years.albums,
  coalesce(firsts.new_artists, 0) as new_artists,
  tracks.track_id as top_track_id,
  tracks.name as top_track_name,
  cast(songs.plays as integer) as top_track_plays,
  artists.artist_id as top_artist_id,
  artists.name as top_artist_name,
  cast(singers.plays as integer) as top_artist_plays,
  albums.album_id as top_album_id,
  albums.name as top_album_name,
  cast(records.plays as integer) as top_album_plays,
  cast(streaks.days as integer) as longest_streak,
  busiest.day as busiest_day,
  cast(busiest.ms_played as bigint) as busiest_day_ms_played
from years
left join firsts on firsts.year = years.year
left join songs on songs.year = years.year
left join "RAW_ANALYTICAL"."DIM_TRACKS" as tracks on tracks.track_key = songs.track_key
left join singers on singers.year = years.year
left join "RAW_ANALYTICAL"."DIM_ARTISTS" as artists on artists.artist_key = singers.artist_key
left join records on records.year = years.year
left join "RAW_ANALYTICAL"."DIM_ALBUMS" as albums on albums.album_key = records.album_key
left join streaks on streaks.year = years.year
left join busiest on busiest.year = years.year
) shape LIMIT 0;

CREATE TABLE "TRACKLAKE"."RAW_REPORTING"."RPT_YEAR_RECAP" ("YEAR" NUMBER(38,0), "PLAYS" NUMBER(38,0), "MS_PLAYED" NUMBER(38,0), "DAYS" NUMBER(38,0), "TRACKS" NUMBER(38,0), "ARTISTS" NUMBER(38,0), "ALBUMS" NUMBER(38,0), "NEW_ARTISTS" NUMBER(38,0), "TOP_TRACK_ID" VARCHAR, "TOP_TRACK_NAME" VARCHAR, "TOP_TRACK_PLAYS" NUMBER(38,0), "TOP_ARTIST_ID" VARCHAR, "TOP_ARTIST_NAME" VARCHAR, "TOP_ARTIST_PLAYS" NUMBER(38,0), "TOP_ALBUM_ID" VARCHAR, "TOP_ALBUM_NAME" VARCHAR, "TOP_ALBUM_PLAYS" NUMBER(38,0), "LONGEST_STREAK" NUMBER(38,0), "BUSIEST_DAY" DATE, "BUSIEST_DAY_MS_PLAYED" NUMBER(38,0)) DEFAULT_DDL_COLLATION = ''
  COMMENT = 'Tracklake';

SHOW TABLES IN SCHEMA "TRACKLAKE"."RAW_STAGING";

SHOW TABLES IN SCHEMA "TRACKLAKE"."RAW_ANALYTICAL";

SHOW TABLES IN SCHEMA "TRACKLAKE"."RAW_REPORTING";

BEGIN TRANSACTION;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."INT_BATCH" ("ID", "BATCH", "ARRIVED_SINCE", "ARRIVED_UNTIL") with arrivals as (
  select max(synced_at) as arrived_at from "RAW"."PLAYS"
  union all
  select max(imported_at) from "RAW"."IMPORTED_PLAYS"
  union all
  select max(paired_at) from "RAW"."PLAY_PAIRS"
  union all
  select max(paired_at) from "RAW"."IMPORT_DUPLICATES"
),
newest as (
  select coalesce(max(arrived_at), cast('1970-01-01 00:00:00' as timestamp_ntz)) as arrived_until from arrivals
)
select
  1 as id,
  1 as batch,
  cast('1970-01-01 00:00:00' as timestamp_ntz) as arrived_since,
  arrived_until
from newest;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_PLAYLIST_CHANGES" ("KIND", "PLAYLIST_ID", "PLAYLIST_NAME", "URI", "NAME", "ARTIST_NAMES", "CHANGE", "COPIES", "SEEN_AT") select
  'playlist' as kind,
  changes.id as playlist_id,
  changes.name as playlist_name,
  cast(null as varchar) as uri,
  cast(null as varchar) as name,
  cast(null as varchar) as artist_names,
  changes.change,
  1 as copies,
  changes.seen_at
from "RAW"."USER_PLAYLISTS_HISTORY" as changes
union all
select
  'song',
  changes.playlist_id,
  playlists.name,
  changes.uri,
  changes.name,
  changes.artist_names,
  changes.change,
  cast(changes.copies as integer),
  changes.seen_at
from "RAW"."USER_PLAYLIST_ITEMS_HISTORY" as changes
left join "RAW"."USER_PLAYLISTS_STREAM" as playlists on playlists.id = changes.playlist_id;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_RANK_HISTORY" ("KIND", "TIME_RANGE", "DAY", "POSITION", "ID", "NAME", "ARTIST_NAMES") select
  'song' as kind,
   'short'  as time_range,
  day,
  rank as position,
  id,
  name,
  artist_names
from "RAW"."USER_TOP_TRACKS_ST_HISTORY"
union all
select
  'artist',
   'short' ,
  day,
  rank,
  id,
  name,
  name
from "RAW"."USER_TOP_ARTISTS_ST_HISTORY"
 union all 
select
  'song' as kind,
   'medium'  as time_range,
  day,
  rank as position,
  id,
  name,
  artist_names
from "RAW"."USER_TOP_TRACKS_MT_HISTORY"
union all
select
  'artist',
   'medium' ,
  day,
  rank,
  id,
  name,
  name
from "RAW"."USER_TOP_ARTISTS_MT_HISTORY"
 union all 
select
  'song' as kind,
   'long'  as time_range,
  day,
  rank as position,
  id,
  name,
  artist_names
from "RAW"."USER_TOP_TRACKS_LT_HISTORY"
union all
select
  'artist',
   'long' ,
  day,
  rank,
  id,
  name,
  name
from "RAW"."USER_TOP_ARTISTS_LT_HISTORY";

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."INT_ARTISTS" ("ARTIST_KEY", "ARTIST_ID", "URI", "NAME", "FOLDED", "GENRES", "IMAGE_URL", "IMAGE_SMALL_URL", "CONTENT", "BATCH") with ids as (
  select
    artist_id,
    hash(uri, name, genres, image_url, image_small_url) as content
  from "RAW_STAGING"."STG_ARTISTS"
  union all
  select artist_id, null
  from (
    select artist_id from "RAW_STAGING"."STG_TRACKS" where artist_id is not null
    union
    select artist_id from "RAW_STAGING"."STG_ALBUMS" where artist_id is not null
    union
    select artist_id from (
select plays.artist_id
from (
  select artist_id from "RAW"."PLAYS"
  union all
  select artist_id from "RAW"."IMPORTED_PLAYS" where kind = 'song'
) as plays
where plays.artist_id is not null and plays.artist_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'artist')
group by plays.artist_id
) as plays
  ) as mentioned
  where artist_id not in (select artist_id from "RAW_STAGING"."STG_ARTISTS")
),
changed as (
  select
    cast(row_number() over (order by ids.artist_id) as integer) as artist_key,
    ids.artist_id,
    ids.content
  from ids
)
select
  changed.artist_key,
  changed.artist_id,
  artists.uri,
  artists.name,
  artists.folded,
  artists.genres,
  artists.image_url,
  artists.image_small_url,
  changed.content,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from changed
left join "RAW_STAGING"."STG_ARTISTS" as artists on artists.artist_id = changed.artist_id;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."INT_IMPORTS" ("IMPORT_KEY", "IMPORT_ID", "BATCH") select
  cast(row_number() over (order by import_id) as integer)
     as import_key,
  import_id,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from (
  select distinct import_id
  from "RAW"."IMPORTED_PLAYS"
) as imports
where import_id is not null;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_LIBRARY_HISTORY" ("KIND", "ID", "NAME", "ARTIST_NAMES", "ADDED_AT", "CHANGE", "SEEN_AT") select
  'song' as kind,
  changes.id,
  tracks.name,
  tracks.artist_names,
  changes.added_at,
  changes.change,
  changes.seen_at
from "RAW"."USER_SAVED_TRACKS_HISTORY" as changes
left join "RAW_STAGING"."STG_TRACKS" as tracks on tracks.track_id = changes.id
union all
select
  'album',
  changes.id,
  albums.name,
  albums.artist_names,
  changes.added_at,
  changes.change,
  changes.seen_at
from "RAW"."USER_SAVED_ALBUMS_HISTORY" as changes
left join "RAW_STAGING"."STG_ALBUMS" as albums on albums.album_id = changes.id
union all
select
  'artist',
  changes.id,
  changes.name,
  changes.name,
  cast(null as timestamp),
  changes.change,
  changes.seen_at
from "RAW"."USER_FOLLOWED_ARTISTS_HISTORY" as changes;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."DIM_GENRES" ("ARTIST_KEY", "GENRE", "POSITION", "SOURCE") with artists as (
  select
    artist_key,
    artist_id,
    genres
  from "RAW_ANALYTICAL"."INT_ARTISTS"
),
named as (
  select
    artists.artist_key,
    map.genres,
    map.source,
    case map.source when 'own' then 1 else 3 end as precedence
  from "RAW"."GENRE_MAP" as map
  inner join artists on artists.artist_id = map.artist_id
  where map.genres is not null
  union all
  select
    artist_key,
    genres,
    'spotify' as source,
    2 as precedence
  from artists
  where genres <> ''
),
-- An artist has the genres of one source.
chosen as (
  select
    artist_key,
    genres,
    source
  from named
  qualify row_number() over (partition by artist_key order by precedence) = 1
),
-- As many as a source can name.
places as (
  select place from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) as numbers (place)
),
split as (
  select
    chosen.artist_key,
    chosen.source,
    places.place,
    lower(split_part(chosen.genres, ', ', places.place)) as genre
  from chosen
  cross join places
)
select
  artist_key,
  genre,
  cast(min(place) as integer) as position,
  min(source) as source
from split
where genre <> ''
group by artist_key, genre;

delete from "RAW_ANALYTICAL"."DIM_GENRES" where genre is null
;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."INT_ALBUMS" ("ALBUM_KEY", "ALBUM_ID", "URI", "NAME", "FOLDED", "ARTIST_KEY", "ARTIST_NAMES", "ALBUM_TYPE", "RELEASE_DATE", "RELEASE_DATE_PRECISION", "TOTAL_TRACKS", "IMAGE_URL", "IMAGE_SMALL_URL", "CONTENT", "BATCH") with ids as (
  select
    album_id,
    hash(
      uri, name, artist_id, artist_names, album_type, release_date, release_date_precision, total_tracks, image_url,
      image_small_url
    ) as content
  from "RAW_STAGING"."STG_ALBUMS"
  union all
  select album_id, null
  from (
    select album_id from "RAW_STAGING"."STG_TRACKS" where album_id is not null
    union
    select album_id from (
select plays.album_id
from (
  select album_id from "RAW"."PLAYS"
  union all
  select album_id from "RAW"."IMPORTED_PLAYS" where kind = 'song'
) as plays
where plays.album_id is not null and plays.album_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'album')
group by plays.album_id
) as plays
  ) as mentioned
  where album_id not in (select album_id from "RAW_STAGING"."STG_ALBUMS")
),
changed as (
  select
    cast(row_number() over (order by ids.album_id) as integer) as album_key,
    ids.album_id,
    ids.content
  from ids
)
select
  changed.album_key,
  changed.album_id,
  albums.uri,
  albums.name,
  albums.folded,
  artists.artist_key,
  albums.artist_names,
  albums.album_type,
  albums.release_date,
  albums.release_date_precision,
  cast(albums.total_tracks as integer) as total_tracks,
  albums.image_url,
  albums.image_small_url,
  changed.content,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from changed
left join "RAW_STAGING"."STG_ALBUMS" as albums on albums.album_id = changed.album_id
left join "RAW_ANALYTICAL"."INT_ARTISTS" as artists on artists.artist_id = albums.artist_id;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."INT_TRACKS" ("TRACK_KEY", "TRACK_ID", "URI", "NAME", "FOLDED", "ARTIST_KEY", "ARTIST_NAMES", "ALBUM_KEY", "DURATION_MS", "EXPLICIT", "ISRC", "PLAY_CONTENT", "PLAY_BATCH", "FORMER_ARTIST_KEY", "FORMER_ALBUM_KEY", "CONTENT", "BATCH") with ids as (
  select
    track_id,
    artist_id,
    album_id,
    -- What matters to plays: the duration stands in for an unknown time, and a play counts for its artist and album.
    hash(duration_ms, artist_id, album_id) as play_content,
    hash(uri, name, artist_id, artist_names, album_id, duration_ms, explicit, isrc) as content
  from "RAW_STAGING"."STG_TRACKS"
  union all
  select track_id, artist_id, album_id, null, null
  from (
select plays.track_id, max(plays.artist_id) as artist_id, max(plays.album_id) as album_id
from (
  select track_id, artist_id, album_id from "RAW"."PLAYS"
  union all
  select track_id, artist_id, album_id from "RAW"."IMPORTED_PLAYS" where kind = 'song'
) as plays
where plays.track_id is not null and plays.track_id not in (select id from "RAW"."RESOLVED_IDS" where kind = 'track')
group by plays.track_id
) as mentioned
  where track_id not in (select track_id from "RAW_STAGING"."STG_TRACKS")
),
changed as (
  select
    cast(row_number() over (order by ids.track_id) as integer) as track_key,
     ids.artist_id,  ids.album_id,  ids.play_content,  false as has_new_play_content,  0 as play_batch,  cast(null as integer) as former_artist_key,  cast(null as integer) as former_album_key, 
    ids.track_id,
    ids.content
  from ids
)
select
  changed.track_key,
  changed.track_id,
  tracks.uri,
  tracks.name,
  tracks.folded,
  artists.artist_key,
  tracks.artist_names,
  albums.album_key,
  tracks.duration_ms,
  tracks.explicit,
  tracks.isrc,
  changed.play_content,
  -- The build in which a known song last changed in a way that matters to its plays.
  case when changed.has_new_play_content then (select batch from "RAW_ANALYTICAL"."INT_BATCH") else changed.play_batch end as play_batch,
  -- Before this build its plays counted for these.
  changed.former_artist_key,
  changed.former_album_key,
  changed.content,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from changed
left join "RAW_STAGING"."STG_TRACKS" as tracks on tracks.track_id = changed.track_id
left join "RAW_ANALYTICAL"."INT_ARTISTS" as artists on artists.artist_id = changed.artist_id
left join "RAW_ANALYTICAL"."INT_ALBUMS" as albums on albums.album_id = changed.album_id;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."INT_RECORDINGS" ("TRACK_KEY", "RECORDING_KEY", "FORMER_RECORDING_KEY", "BATCH") -- Songs that count as one recording: those with the same ISRC, and those that the listener says are the same. Choices
-- come first: a song that was chosen to count by itself ignores its ISRC.
with choices as (
  select
    tracks.track_key,
    chosen.track_key as chosen_key
  from "RAW"."RECORDING_CHOICES" as choices
  inner join "RAW_ANALYTICAL"."INT_TRACKS" as tracks on tracks.track_id = choices.track_id
  inner join "RAW_ANALYTICAL"."INT_TRACKS" as chosen on chosen.track_id = choices.recording_id
),
coded as (
  select
    tracks.track_key,
    upper(replace(tracks.isrc, '-', '')) as isrc
  from "RAW_ANALYTICAL"."INT_TRACKS" as tracks
  left join choices as alone on alone.track_key = tracks.track_key and alone.chosen_key = tracks.track_key
  where tracks.isrc is not null and alone.track_key is null
),
shared as (
  select
    track_key,
    isrc
  from coded
  -- Anything else is no ISRC.
  where length(isrc) = 12 and isrc in (select isrc from coded group by isrc having count(*) > 1)
),
-- A choice links a song to the one it was chosen to count with, which no other choice leads away from.
linked as (
  select
    track_key,
    chosen_key
  from choices
  union
  select
    chosen_key,
    chosen_key
  from choices
  where track_key <> chosen_key
),
members as (
  select
    coalesce(linked.track_key, shared.track_key) as track_key,
    linked.chosen_key,
    shared.isrc,
    coalesce(linked.chosen_key, shared.track_key) as label
  from linked
  full outer join shared on shared.track_key = linked.track_key
),
-- The smallest label of all that are linked, over codes and choices in turn. Chains are no longer in practice.
by_code_1 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when isrc is null then label else min(label) over (partition by isrc) end as label
  from  members 
),
by_choice_1 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when chosen_key is null then label else min(label) over (partition by chosen_key) end as label
  from by_code_1
),
by_code_2 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when isrc is null then label else min(label) over (partition by isrc) end as label
  from  by_choice_1 
),
by_choice_2 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when chosen_key is null then label else min(label) over (partition by chosen_key) end as label
  from by_code_2
),
by_code_3 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when isrc is null then label else min(label) over (partition by isrc) end as label
  from  by_choice_2 
),
by_choice_3 as (
  select
    track_key,
    chosen_key,
    isrc,
    case when chosen_key is null then label else min(label) over (partition by chosen_key) end as label
  from by_code_3
),
-- The song that stands for all: the chosen one, else the one on an album, the earliest.
wanted as (
  select
    members.track_key,
    first_value(members.track_key) over (
      partition by members.label
      order by
        case when members.chosen_key = members.track_key then 0 else 1 end,
        case albums.album_type when 'album' then 0 when 'single' then 1 else 2 end,
        coalesce(albums.release_date, '9999'),
        tracks.track_id
    ) as recording_key
  from by_choice_3 as members
  inner join "RAW_ANALYTICAL"."INT_TRACKS" as tracks on tracks.track_key = members.track_key
  left join "RAW_ANALYTICAL"."INT_ALBUMS" as albums on albums.album_key = tracks.album_key
)
select
  track_key,
  recording_key,
  track_key as former_recording_key,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from wanted
where track_key <> recording_key;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."FCT_PLAYS" ("PLAYED_AT", "DAY", "HOUR", "WEEKDAY", "TRACK_KEY", "PLAYED_TRACK_KEY", "ARTIST_KEY", "ALBUM_KEY", "MS_PLAYED", "MS_KNOWN", "COUNTS", "NOT_COUNTED", "SKIPPED", "PRIVATE", "EXCLUDED", "SOURCE", "IMPORT_KEY", "CONTEXT_URI", "ARRIVED_AT", "BATCH") -- depends_on: "RAW_STAGING"."STG_EXCLUSIONS"
-- A build replaces whole days: a play can move when an import brings its true time.
with
unified as (
   select * from "RAW_STAGING"."STG_PLAYS" 
),
plays as (
  select
    unified.*,
    convert_timezone('UTC', rules.zone, unified.played_at) as local_at,
    coalesce(recordings.recording_key, tracks.track_key) as track_key,
    case when recordings.recording_key <> tracks.track_key then tracks.track_key end as played_track_key,
    tracks.artist_key,
    tracks.album_key,
    tracks.duration_ms,
    coalesce(imports.import_key, 0) as import_key,
    unified.ms_played is not null as ms_known,
    rules.counting_rule,
    case
      when unified.excluded then 'excluded'
      when unified.source in ('lastfm', 'listenbrainz') and not rules.counts_other_sources then 'other tracker'
      when unified.private and not rules.counts_private then 'private session'
      when unified.skipped and not rules.counts_skips then 'skipped'
    end as unwelcome
  from unified
  cross join "RAW_STAGING"."STG_SETTINGS" as rules
  left join "RAW_ANALYTICAL"."INT_TRACKS" as tracks on tracks.track_id = unified.track_id
  left join "RAW_ANALYTICAL"."INT_RECORDINGS" as recordings on recordings.track_key = tracks.track_key
  left join "RAW_ANALYTICAL"."INT_IMPORTS" as imports on imports.import_id = unified.import_id
),
dated as (
  select
    *,
    cast(local_at as date) as day,
    coalesce(
      unwelcome,
      case when not 
case
  when not ms_known or counting_rule = 'all' then true
  when counting_rule = 'half' and duration_ms > 0 then ms_played * 2 >= duration_ms
  when counting_rule = 'completed' and duration_ms > 0 then ms_played >= duration_ms - 5000
  when ms_played >= 30000 then true
  else coalesce(counting_rule = '30s' and duration_ms between 1 and 30000 and ms_played >= duration_ms - 1000, false)
end then 'too short' end
    ) as not_counted
  from plays
)
select
  played_at,
  day,
  cast(hour(local_at) as tinyint) as hour,
  cast(dayofweekiso(local_at) as tinyint) as weekday,
  track_key,
  played_track_key,
  artist_key,
  album_key,
  coalesce(ms_played, duration_ms, 0) as ms_played,
  ms_known,
  not_counted is null as counts,
  not_counted,
  skipped,
  private,
  excluded,
  source,
  import_key,
  context_uri,
  arrived_at,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from dated
order by played_at;

delete from "RAW_ANALYTICAL"."FCT_PLAYS" where track_key is null
;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."INT_TOUCHED_PLAYS" ("ID", "DAY", "TRACK_KEY", "ARTIST_KEY", "ALBUM_KEY", "BATCH") -- depends_on: "RAW_ANALYTICAL"."INT_TRACKS"
-- depends_on: "RAW_ANALYTICAL"."INT_RECORDINGS"
-- A small table, so that the models that read it know that they write little.
select distinct
  1 as id,
  day,
  track_key,
  artist_key,
  album_key,
  batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
-- A full build needs none, and the next one looks for what is newer.
where played_at = (select min(played_at) from "RAW_ANALYTICAL"."FCT_PLAYS");

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."AGG_ALBUMS" ("ALBUM_KEY", "FIRST_PLAYED_AT", "LAST_PLAYED_AT", "PLAYS", "MS_PLAYED", "BATCH") -- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  album_key,
  min(case when counts then played_at end) as first_played_at,
  max(case when counts then played_at end) as last_played_at,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
where album_key is not null
group by album_key;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."AGG_ARTISTS" ("ARTIST_KEY", "FIRST_PLAYED_AT", "LAST_PLAYED_AT", "PLAYS", "MS_PLAYED", "BATCH") -- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  artist_key,
  min(case when counts then played_at end) as first_played_at,
  max(case when counts then played_at end) as last_played_at,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
where artist_key is not null
group by artist_key;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."AGG_DAY_HOURS" ("DAY", "HOUR", "PLAYS", "MS_PLAYED", "BATCH") -- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  day,
  hour,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
group by day, hour
order by day, hour;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."AGG_DAYS" ("DAY", "PLAYS", "MS_PLAYED", "TRACKS", "ARTISTS", "BATCH") -- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
with plays as (
  select day, track_key, artist_key, ms_played, counts
  from "RAW_ANALYTICAL"."FCT_PLAYS"
),
heard as (
  select
    day,
    cast(sum(case when counts then 1 else 0 end) as integer) as plays,
    cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
    cast(count(distinct case when counts then track_key end) as integer) as tracks,
    cast(count(distinct case when counts then artist_key end) as integer) as artists
  from plays
  group by day
),
bounds as (
  select
    (select min(day) from "RAW_ANALYTICAL"."FCT_PLAYS") as first_day,
    cast(convert_timezone('UTC', rules.zone, cast('2026-03-10T12:00:00.000' as timestamp)) as date) as last_day
  from "RAW_STAGING"."STG_SETTINGS" as rules
),
-- Days without plays have a row too.
calendar as (
  select dateadd('day', numbers.n, bounds.first_day) as day
from bounds as bounds
join (select row_number() over (order by seq4()) - 1 as n from table(generator(rowcount => 60000))) as numbers
  on numbers.n <= datediff('day', bounds.first_day, bounds.last_day)
),
silent as (
  select calendar.day
  from calendar
  left join heard on heard.day = calendar.day
  where heard.day is null
)
select day, plays, ms_played, tracks, artists, (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch from heard
union all
select day, 0, 0, 0, 0, (select batch from "RAW_ANALYTICAL"."INT_BATCH") from silent
order by day;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."AGG_TRACKS" ("TRACK_KEY", "FIRST_PLAYED_AT", "LAST_PLAYED_AT", "PLAYS", "MS_PLAYED", "BATCH") -- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
select
  track_key,
  min(case when counts then played_at end) as first_played_at,
  max(case when counts then played_at end) as last_played_at,
  cast(sum(case when counts then 1 else 0 end) as integer) as plays,
  cast(sum(case when counts then ms_played else 0 end) as bigint) as ms_played,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from "RAW_ANALYTICAL"."FCT_PLAYS"
where track_key is not null
group by track_key;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_ANALYTICAL"."FCT_SESSIONS" ("STARTED_AT", "ENDED_AT", "DAY", "PLAYS", "MS_PLAYED", "TRACKS", "BATCH") -- depends_on: "RAW_ANALYTICAL"."INT_TOUCHED_PLAYS"
-- Counted plays with less than 30 minutes of silence between them.
with
counted as (
  select played_at, track_key, ms_played from "RAW_ANALYTICAL"."FCT_PLAYS" where counts
),
plays as (
  select
    played_at,
    track_key,
    ms_played,
    dateadd('millisecond', -(ms_played), played_at) as started_at
  from counted
),
gaps as (
  select
    *,
    lag(played_at) over (order by played_at, track_key, ms_played) as previous_at
  from plays
),
numbered as (
  select
    *,
    sum(case when previous_at is null or started_at > previous_at + interval '30 minutes' then 1 else 0 end)
      over (order by played_at, track_key, ms_played rows between unbounded preceding and current row) as number
  from gaps
),
sessions as (
  select
    min(started_at) as started_at,
    max(played_at) as ended_at,
    cast(count(*) as integer) as plays,
    cast(sum(ms_played) as bigint) as ms_played,
    cast(count(distinct track_key) as integer) as tracks
  from numbered
  group by number
)
select
  sessions.started_at,
  sessions.ended_at,
  cast(convert_timezone('UTC', rules.zone, sessions.started_at) as date) as day,
  sessions.plays,
  sessions.ms_played,
  sessions.tracks,
  (select batch from "RAW_ANALYTICAL"."INT_BATCH") as batch
from sessions
cross join "RAW_STAGING"."STG_SETTINGS" as rules;

delete from "RAW_ANALYTICAL"."FCT_SESSIONS" where plays is null
;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_HOUR_OF_WEEK" ("WEEKDAY", "HOUR", "PLAYS", "MS_PLAYED") -- All 168 cells, also those without plays.
with weekdays as (
  select 1 as weekday union all select 2 union all select 3 union all select 4 union all select 5 union all select 6
  union all select 7
),
tens as (
  select 0 as ten union all select 10 union all select 20
),
ones as (
  select 0 as one union all select 1 union all select 2 union all select 3 union all select 4 union all select 5
  union all select 6 union all select 7 union all select 8 union all select 9
),
heard as (
  select
    dayofweekiso(day) as weekday,
    hour,
    sum(plays) as plays,
    sum(ms_played) as ms_played
  from "RAW_ANALYTICAL"."AGG_DAY_HOURS"
  group by 1, 2
)
select
  weekdays.weekday,
  tens.ten + ones.one as hour,
  cast(coalesce(heard.plays, 0) as integer) as plays,
  cast(coalesce(heard.ms_played, 0) as bigint) as ms_played
from weekdays
cross join tens
cross join ones
left join heard on heard.weekday = weekdays.weekday and heard.hour = tens.ten + ones.one
where tens.ten + ones.one < 24;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_LISTENING_STREAKS" ("KIND", "FIRST_DAY", "LAST_DAY", "DAYS") with heard as (
  select
    day,
    day - cast(row_number() over (order by day) as integer) as island
  from "RAW_ANALYTICAL"."AGG_DAYS"
  where plays > 0
),
streaks as (
  select
    min(day) as first_day,
    max(day) as last_day,
    cast(count(*) as integer) as days
  from heard
  group by island
),
today as (
  select max(day) as day from "RAW_ANALYTICAL"."AGG_DAYS"
)
-- Today can still be listened to, so yesterday keeps a streak alive.
select
  'current' as kind,
  streaks.first_day,
  streaks.last_day,
  streaks.days
from streaks
cross join today
where streaks.last_day >= today.day - 1
union all
(
  select
    'longest',
    first_day,
    last_day,
    days
  from streaks
  order by days desc, last_day desc
  limit 1
);

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_LISTENING_TRENDS" ("DAY", "PLAYS", "MS_PLAYED", "PLAYS_CHANGE", "MS_CHANGE", "PLAYS_7_DAYS", "MS_7_DAYS", "PLAYS_7_DAYS_CHANGE", "MS_7_DAYS_CHANGE", "PLAYS_7_DAYS_PERCENT", "MS_7_DAYS_PERCENT") -- agg_days has a row for every day, so seven rows are seven calendar days.
with rolling as (
  select
    day,
    plays,
    ms_played,
    sum(plays) over (order by day rows between 6 preceding and current row) as plays_7_days,
    sum(ms_played) over (order by day rows between 6 preceding and current row) as ms_7_days,
    row_number() over (order by day) as number
  from "RAW_ANALYTICAL"."AGG_DAYS"
),
compared as (
  select
    *,
    lag(plays, 1) over (order by day) as previous_plays,
    lag(ms_played, 1) over (order by day) as previous_ms,
    case when number > 13 then lag(plays_7_days, 7) over (order by day) end as previous_plays_7_days,
    case when number > 13 then lag(ms_7_days, 7) over (order by day) end as previous_ms_7_days
  from rolling
)
select
  day,
  plays,
  ms_played,
  plays - previous_plays as plays_change,
  ms_played - previous_ms as ms_change,
  cast(case when number > 6 then plays_7_days end as bigint) as plays_7_days,
  cast(case when number > 6 then ms_7_days end as bigint) as ms_7_days,
  cast(plays_7_days - previous_plays_7_days as bigint) as plays_7_days_change,
  cast(ms_7_days - previous_ms_7_days as bigint) as ms_7_days_change,
  round(100.0 * (plays_7_days - previous_plays_7_days) / nullif(previous_plays_7_days, 0), 1) as plays_7_days_percent,
  round(100.0 * (ms_7_days - previous_ms_7_days) / nullif(previous_ms_7_days, 0), 1) as ms_7_days_percent
from compared;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_CHART_PRESENCE" ("CHART", "TRACK_ID", "NAME", "ARTIST_NAMES", "FIRST_DAY", "LAST_DAY", "KNOWN_TIMES", "TIME_ON_CHART", "PEAK_POSITION", "LAST_POSITION", "PLAYS") with entries as (
  select
    chart,
    track_id,
    day,
    position,
    peak_position,
    time_on_chart,
    name,
    artist_names,
    row_number() over (partition by chart, track_id order by day desc, position) as place
  from "RAW_STAGING"."STG_CHART_ENTRIES"
  where track_id is not null
),
songs as (
  select
    chart,
    track_id,
    max(case when place = 1 then name end) as name,
    max(case when place = 1 then artist_names end) as artist_names,
    min(day) as first_day,
    max(day) as last_day,
    cast(count(distinct day) as integer) as known_times,
    greatest(cast(count(distinct day) as integer), coalesce(max(time_on_chart), 0)) as time_on_chart,
    least(min(position), coalesce(min(peak_position), min(position))) as peak_position,
    max(case when place = 1 then position end) as last_position
  from entries
  group by chart, track_id
)
select
  songs.chart,
  songs.track_id,
  songs.name,
  songs.artist_names,
  songs.first_day,
  songs.last_day,
  songs.known_times,
  songs.time_on_chart,
  songs.peak_position,
  songs.last_position,
  coalesce(recordings.plays, 0) as plays
from songs
left join "RAW_ANALYTICAL"."DIM_TRACKS" as tracks on tracks.track_id = songs.track_id
left join "RAW_ANALYTICAL"."DIM_TRACKS" as recordings on recordings.track_key = tracks.recording_key;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_MOST_LISTENED" ("KIND", "ID", "NAME", "ARTIST_NAMES", "PLAYS", "MS_PLAYED", "FIRST_PLAYED_AT", "LAST_PLAYED_AT", "POSITION") select
  'song' as kind,
  tracks.track_id as id,
  tracks.name,
  tracks.artist_names,
  tracks.plays,
  tracks.ms_played,
  tracks.first_played_at,
  tracks.last_played_at,
  rank() over (order by tracks.plays desc, tracks.ms_played desc) as position
from "RAW_ANALYTICAL"."DIM_TRACKS" as tracks
where tracks.plays > 0
union all
select
  'artist',
  artists.artist_id,
  artists.name,
  artists.name,
  artists.plays,
  artists.ms_played,
  artists.first_played_at,
  artists.last_played_at,
  rank() over (order by artists.plays desc, artists.ms_played desc)
from "RAW_ANALYTICAL"."DIM_ARTISTS" as artists
where artists.plays > 0
union all
select
  'album',
  albums.album_id,
  albums.name,
  albums.artist_names,
  albums.plays,
  albums.ms_played,
  albums.first_played_at,
  albums.last_played_at,
  rank() over (order by albums.plays desc, albums.ms_played desc)
from "RAW_ANALYTICAL"."DIM_ALBUMS" as albums
where albums.plays > 0;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_NEW_ARTISTS" ("PERIOD", "FIRST_DAY", "ARTISTS") with firsts as (
  select
    cast(convert_timezone('UTC', rules.zone, artists.first_played_at) as date) as day,
    rules.week_start
  from "RAW_ANALYTICAL"."DIM_ARTISTS" as artists
  cross join "RAW_STAGING"."STG_SETTINGS" as rules
  where artists.first_played_at is not null
)
select
  'week' as period,
  day - cast(mod(dayofweekiso(day) - week_start + 7, 7) as integer) as first_day,
  cast(count(*) as integer) as artists
from firsts
group by 1, 2
union all
select
  'month',
  cast(date_trunc('month', day) as date),
  cast(count(*) as integer)
from firsts
group by 1, 2;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_RECENTLY_LISTENED" ("PLAYED_AT", "DAY", "TRACK_ID", "NAME", "ARTIST_NAMES", "ARTIST_ID", "ALBUM_ID", "ALBUM_NAME", "MS_PLAYED", "COUNTS") with newest as (
  select
    played_at,
    day,
    coalesce(played_track_key, track_key) as track_key,
    artist_key,
    album_key,
    ms_played,
    counts
  from "RAW_ANALYTICAL"."FCT_PLAYS"
  where not excluded
  order by played_at desc
  limit 1000
)
select
  newest.played_at,
  newest.day,
  tracks.track_id,
  tracks.name,
  tracks.artist_names,
  artists.artist_id,
  albums.album_id,
  albums.name as album_name,
  newest.ms_played,
  newest.counts
from newest
left join "RAW_ANALYTICAL"."DIM_TRACKS" as tracks on tracks.track_key = newest.track_key
left join "RAW_ANALYTICAL"."DIM_ARTISTS" as artists on artists.artist_key = newest.artist_key
left join "RAW_ANALYTICAL"."DIM_ALBUMS" as albums on albums.album_key = newest.album_key;

INSERT OVERWRITE INTO "TRACKLAKE"."RAW_REPORTING"."RPT_YEAR_RECAP" ("YEAR", "PLAYS", "MS_PLAYED", "DAYS", "TRACKS", "ARTISTS", "ALBUMS", "NEW_ARTISTS", "TOP_TRACK_ID", "TOP_TRACK_NAME", "TOP_TRACK_PLAYS", "TOP_ARTIST_ID", "TOP_ARTIST_NAME", "TOP_ARTIST_PLAYS", "TOP_ALBUM_ID", "TOP_ALBUM_NAME", "TOP_ALBUM_PLAYS", "LONGEST_STREAK", "BUSIEST_DAY", "BUSIEST_DAY_MS_PLAYED") with plays as (
  select
    extract(year from day) as year,
    day,
    track_key,
    artist_key,
    album_key,
    ms_played
  from "RAW_ANALYTICAL"."FCT_PLAYS"
  where counts
),
years as (
  select
    year,
    cast(count(*) as integer) as plays,
    cast(sum(ms_played) as bigint) as ms_played,
    cast(count(distinct day) as integer) as days,
    cast(count(distinct track_key) as integer) as tracks,
    cast(count(distinct artist_key) as integer) as artists,
    cast(count(distinct album_key) as integer) as albums
  from plays
  group by year
),
songs as (
  select year, track_key, count(*) as plays
  from plays
  group by year, track_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), track_key) = 1
),
singers as (
  select year, artist_key, count(*) as plays
  from plays
  where artist_key is not null
  group by year, artist_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), artist_key) = 1
),
records as (
  select year, album_key, count(*) as plays
  from plays
  where album_key is not null
  group by year, album_key
  qualify row_number() over (partition by year order by count(*) desc, sum(ms_played) desc, min(day), album_key) = 1
),
calendar as (
  select
    extract(year from day) as year,
    day,
    ms_played
  from "RAW_ANALYTICAL"."AGG_DAYS"
  where plays > 0
),
busiest as (
  select
    year,
    day,
    ms_played
  from calendar
  qualify row_number() over (partition by year order by ms_played desc, day) = 1
),
-- Days in a row have the same distance from their position among the days of the year.
islands as (
  select
    year,
    day - cast(row_number() over (partition by year order by day) as integer) as island
  from calendar
),
streaks as (
  select
    year,
    max(days) as days
  from (select year, count(*) as days from islands group by year, island) as runs
  group by year
),
firsts as (
  select
    extract(year from convert_timezone('UTC', rules.zone, artists.first_played_at)) as year,
    cast(count(*) as integer) as new_artists
  from "RAW_ANALYTICAL"."DIM_ARTISTS" as artists
  cross join "RAW_STAGING"."STG_SETTINGS" as rules
  where artists.first_played_at is not null
  group by 1
)
select
  cast(years.year as integer) as year,
  years.plays,
  years.ms_played,
  years.days,
  years.tracks,
  years.artists,
  years.albums,
  coalesce(firsts.new_artists, 0) as new_artists,
  tracks.track_id as top_track_id,
  tracks.name as top_track_name,
  cast(songs.plays as integer) as top_track_plays,
  artists.artist_id as top_artist_id,
  artists.name as top_artist_name,
  cast(singers.plays as integer) as top_artist_plays,
  albums.album_id as top_album_id,
  albums.name as top_album_name,
  cast(records.plays as integer) as top_album_plays,
  cast(streaks.days as integer) as longest_streak,
  busiest.day as busiest_day,
  cast(busiest.ms_played as bigint) as busiest_day_ms_played
from years
left join firsts on firsts.year = years.year
left join songs on songs.year = years.year
left join "RAW_ANALYTICAL"."DIM_TRACKS" as tracks on tracks.track_key = songs.track_key
left join singers on singers.year = years.year
left join "RAW_ANALYTICAL"."DIM_ARTISTS" as artists on artists.artist_key = singers.artist_key
left join records on records.year = years.year
left join "RAW_ANALYTICAL"."DIM_ALBUMS" as albums on albums.album_key = records.album_key
left join streaks on streaks.year = years.year
left join busiest on busiest.year = years.year;

COMMIT;
