import { db } from '#lib/db.ts'
import { requestOf, takeStartable } from '#lib/runs/runs.ts'
import { loadAll, runJobs } from './run-jobs.ts'

// Continues a run as the engine does after a crash: started steps are repeated, in the same jobs.
const [runId = ''] = process.argv.slice(2)
const { userId } = await db().run.findUniqueOrThrow({ where: { id: runId } })
const started = await db().streamRun.findMany({
  where: { runId, state: { in: ['queued', 'running'] }, sentAt: { not: null } },
})
const { id } = await db().warehouseConnection.findFirstOrThrow({ where: { userId } })
await loadAll(id, 'the loader')
await runJobs([...started.map(requestOf), ...(await takeStartable(runId))], 'the loader')
// What followed a stream that ended before the crash is sent by the plan.
const left = await db().streamRun.findMany({ where: { runId, state: { in: ['queued', 'running'] } } })
await runJobs(left.map(requestOf), 'the loader')
process.exit(0)
