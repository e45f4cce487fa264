import { db } from '../../../db.ts'
import { loadAll } from '../../testing/drive.ts'

// A process of its own that loads what waits for a connection, until it is killed: its id, and the name of the job.
const [, , connectionId = '', job = ''] = process.argv
await loadAll(connectionId, job)
await db().$disconnect()
