import type { Cell, TableName } from '#lib/core/table.ts'
import { DIM_ALBUMS, DIM_ARTISTS, DIM_TRACKS } from '#lib/models/tables.ts'
import type { QueryContext, Subject } from './chart.ts'

/** What plays are counted for. */
export const MUSIC = ['track', 'artist', 'album'] as const satisfies Subject[]

const DIMS: Record<(typeof MUSIC)[number], TableName> = { track: DIM_TRACKS, artist: DIM_ARTISTS, album: DIM_ALBUMS }

/** A condition on rows with the keys of plays: those of what the chart is about. All if it is about everything. */
export function isAbout({ subject, about, table }: QueryContext): { text: string; values: Cell[] } {
  const one = MUSIC.find((name) => name === subject)
  if (!one) return { text: '', values: [] }
  return { text: `and ${one}_key in (${keysOf(one, table(DIMS[one]))})`, values: [about] }
}

/** A query of the keys that plays of an id have. Songs count as their recording. */
function keysOf(one: (typeof MUSIC)[number], dim: string): string {
  return `select ${one === 'track' ? 'recording' : one}_key from ${dim} where ${one}_id = ?`
}

/** The tables of `isAbout`. */
export const ABOUT_TABLES = Object.values(DIMS)
