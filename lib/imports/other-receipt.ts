import { openEmbeddedCopy } from '#lib/storage/places.ts'
import { OTHER_KINDS } from '#lib/streams/imported-kinds.ts'
import { streamTable } from '#lib/streams/stream.ts'

const MAX_MEMBERS = 10_000

/** What happened to the rows of each file of an import that are not plays. None of them can be paired. */
export async function otherReceiptOf({ userId, importId }: { userId: string; importId: string }) {
  const warehouse = await openEmbeddedCopy({ userId })
  const tables = OTHER_KINDS.map(streamTable)
  const existing = await warehouse.existing(
    'raw',
    tables.map(({ name }) => name),
  )
  const found = tables.filter(({ name }) => existing.includes(name))
  const receipts = await Promise.all(
    found.map(({ schema, name }) =>
      warehouse.query(
        `select import_member as member, count(*) as stored from ${warehouse.table(schema, name)}
         where import_id = ? group by import_member order by import_member`,
        [importId],
        { limit: MAX_MEMBERS },
      ),
    ),
  )
  return receipts
    .flat()
    .map(({ member, stored }) => ({ member: Number(member), stored: Number(stored), paired: 0, duplicates: 0 }))
}
