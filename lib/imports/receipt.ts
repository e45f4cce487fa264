import { db } from '#lib/db.ts'
import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { importedPlays } from '#lib/streams/imported-plays.ts'
import { streamTable } from '#lib/streams/stream.ts'

/** What became of the plays of one file of an import. */
interface MemberReceipt {
  /** Its position in the import. */
  member: number
  /** Rows that the import brought; what an earlier import had brought is not among them. */
  stored: number
  /** Of these: together with a play that Spotify's API reported, they are one. */
  paired: number
  /** Of these: another play already stands for them, so they don't count. */
  duplicates: number
}

/** What became of an import, after its plays were loaded. A row that is in several of its files belongs to the first. */
export async function receiptOf({ userId, importId }: { userId: string; importId: string }): Promise<MemberReceipt[]> {
  const warehouse = await openEmbeddedCopy({ userId })
  const table = streamTable(importedPlays)
  const [row] = await warehouse.query(
    `select count(*) as stored from ${warehouse.table(table.schema, table.name)} where import_id = ?`,
    [importId],
    { limit: 1 },
  )
  let left = Number(row?.stored ?? 0)
  const members = await db().importMember.findMany({ where: { importId }, orderBy: { position: 'asc' } })
  return members.map(({ position, read }) => {
    const stored = Math.min(left, read)
    left -= stored
    return { member: position, stored, paired: 0, duplicates: 0 }
  })
}
