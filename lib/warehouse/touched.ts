/**
 * The ids of songs, albums and artists that loads into an embedded warehouse have written since its models were built. A
 * load adds to it in its own transaction, and the build that reads it empties it in its own.
 */
export const TOUCHED = 'tracklake.touched_music'

export const CREATE_TOUCHED = `create table if not exists ${TOUCHED} (table_name varchar not null, id varchar not null)`

/**
 * What pairing has seen: one row. `revision` increases when models have to be built from the start. `version` is when one
 * of the tables that it computes last changed, and `music` when the names that imports brought did, in milliseconds since
 * 1970: unlike counts, they differ from those of a file that was lost.
 */
export const PAIRING_STATE = 'tracklake.pairing'

export const CREATE_PAIRING = `create table if not exists ${PAIRING_STATE} (
  rule integer not null, imports varchar not null, plays_until timestamp, plays_before bigint not null,
  revision bigint not null, version bigint not null, music bigint not null)`
