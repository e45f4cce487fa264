import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { loadAll, runJobs, runOf } from './run-jobs.ts'

/**
 * Works with a full disk under one folder: mounts a small file system there that only this process sees (`unshare` lets an
 * ordinary user mount). Prints the stream runs while the disk is full as one line, enlarges the disk, continues the run, and
 * copies the folder to where the test sees it.
 */
const [runId = '', folder = '', room = '', copy = ''] = process.argv.slice(2)

execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${room}`, 'tmpfs', folder])
await runJobs(await takeStartable(runId))
const { streams } = await runOf(runId)
process.stdout.write(`streams ${JSON.stringify(streams)}\n`)

execFileSync('mount', ['-o', 'remount,size=100m', folder])
// As the plan does an hour later.
const { requests, connections } = await plan(new Date(Date.now() + HOUR))
await runJobs(requests)
for (const id of connections) await loadAll(id)
if (copy) cpSync(folder, copy, { recursive: true })
await db().$disconnect()
process.exit(0)
