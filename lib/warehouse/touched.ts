/**
 * The ids of songs, albums and artists that loads into an embedded warehouse have written since its models were built. A
 * load adds to it in its own transaction, and the build that reads it empties it in its own.
 */
export const TOUCHED = 'tracklake.touched_music'

export const CREATE_TOUCHED = `create table if not exists ${TOUCHED} (table_name varchar not null, id varchar not null)`
