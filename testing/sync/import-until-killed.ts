import { db } from '#lib/db.ts'
import { importDemoHistory } from '#lib/imports/demo-history.ts'

/** Imports a listener's history in a process of its own, and prints a line once some pages have landed. */

const [, , userId = ''] = process.argv

const imported = importDemoHistory(userId)
for (let landed = 0; landed < 3; )
  landed = await db().landedObject.count({ where: { read: { userId, stream: 'imported_plays' } } })
process.stdout.write('landed\n')
await imported
