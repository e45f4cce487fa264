import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import { IMPORT_DUPLICATES, PLAY_PAIRS } from '#lib/streams/pairing.ts'
import { streamTable } from '#lib/streams/stream.ts'

/** What happened to the plays of one file of an import. */
export interface MemberReceipt {
  /** Its position in the import. */
  member: number
  /** Rows that the import brought; what an earlier import had brought is not among them. */
  stored: number
  /** Of these: matched with a play that Spotify's API reported. */
  paired: number
  /** Of these: another play already stands for them, so they don't count. */
  duplicates: number
}

const IMPORTED = streamTable(importedPlays)
const MAX_MEMBERS = 10_000

/**
 * The receipt of an import after its plays were loaded. Files of which nothing was stored are missing. Before the first
 * build of the models, nothing is paired.
 */
export async function receiptOf({ userId, importId }: { userId: string; importId: string }): Promise<MemberReceipt[]> {
  const warehouse = await openEmbeddedCopy({ userId })
  const tables = [IMPORTED, PLAY_PAIRS, IMPORT_DUPLICATES].map(({ name }) => name)
  const existing = await warehouse.existing('raw', tables)
  if (!existing.includes(IMPORTED.name)) return []
  const imports = warehouse.table('raw', IMPORTED.name)
  const columns =
    'null as import_played_at, null as import_uri, null as import_ms_played, null as played_at, null as ms_played'
  const [pairs, duplicates] = [PLAY_PAIRS, IMPORT_DUPLICATES].map(({ name }) =>
    existing.includes(name) ? warehouse.table('raw', name) : `(select null as uri, ${columns} where false)`,
  )
  const rows = await warehouse.query(
    `select coalesce(imports.import_member, 0) as member, count(*) as stored, count(pairs.uri) as paired,
       count(duplicates.uri) as duplicates
     from ${imports} as imports
     left join ${pairs} as pairs on pairs.import_played_at = imports.played_at and pairs.import_uri = imports.uri
       and pairs.import_ms_played = imports.ms_played
     left join ${duplicates} as duplicates on duplicates.played_at = imports.played_at and duplicates.uri = imports.uri
       and duplicates.ms_played = imports.ms_played
     where imports.import_id = ? group by 1 order by 1`,
    [importId],
    { limit: MAX_MEMBERS },
  )
  return rows.map((row) => ({
    member: Number(row.member),
    stored: Number(row.stored),
    paired: Number(row.paired),
    duplicates: Number(row.duplicates),
  }))
}
