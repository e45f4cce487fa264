import type { Table } from '#lib/core/table.ts'
import { DECISIONS } from '#lib/streams/decisions.ts'
import { IMPORTED_MUSIC } from '#lib/streams/imported-music.ts'
import { landedKinds } from '#lib/streams/index.ts'
import { MUSIC_TABLES } from '#lib/streams/music.ts'
import { PAIRING_TABLES } from '#lib/streams/pairing.ts'
import { tablesOf } from '#lib/streams/stream.ts'
import { declaredSources } from './schema.ts'

const RAW_TABLES = [
  ...landedKinds.flatMap(tablesOf),
  ...MUSIC_TABLES,
  ...IMPORTED_MUSIC,
  ...PAIRING_TABLES,
  ...DECISIONS,
]

/**
 * The raw tables that models select from, as what fills them declares them. A build creates those that nothing has been
 * loaded into yet.
 */
export const SOURCES: readonly Table[] = declaredSources().map((name) => {
  const table = RAW_TABLES.find((known) => known.name === name)
  if (!table) throw new Error(`dbt/models/sources.yml has the table ${name}, which nothing fills`)
  return table
})
