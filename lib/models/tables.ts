import type { Schema, TableName } from '#lib/core/table.ts'

/** The models that charts query, by handle. Their columns are described in dbt/models. */

/** All of them. */
export const MODEL_TABLES: TableName[] = []

function model(schema: Schema, name: string): TableName {
  const table = { schema, name }
  MODEL_TABLES.push(table)
  return table
}

export const STG_TRACKS = model('staging', 'stg_tracks')
export const STG_ALBUMS = model('staging', 'stg_albums')
export const STG_ARTISTS = model('staging', 'stg_artists')
export const STG_CHART_ENTRIES = model('staging', 'stg_chart_entries')
export const FCT_PLAYS = model('analytical', 'fct_plays')
export const DIM_TRACKS = model('analytical', 'dim_tracks')
export const DIM_ARTISTS = model('analytical', 'dim_artists')
export const DIM_ALBUMS = model('analytical', 'dim_albums')
export const DIM_GENRES = model('analytical', 'dim_genres')
export const AGG_DAYS = model('analytical', 'agg_days')
export const AGG_DAY_HOURS = model('analytical', 'agg_day_hours')
export const INT_IMPORTS = model('analytical', 'int_imports')
export const FCT_SESSIONS = model('analytical', 'fct_sessions')
