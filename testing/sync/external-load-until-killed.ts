import { db } from '#lib/db.ts'
import { loadAll } from './run-jobs.ts'

// A process of its own that loads what waits for a connection, until it is killed. Arguments: connection id, job name.
const [, , connectionId = '', job = ''] = process.argv
await loadAll(connectionId, job)
await db().$disconnect()
