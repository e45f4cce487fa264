import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { HOUR } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { plan } from '#lib/schedule/plan.ts'
import { drive, loadAll, runOf } from './run-jobs.ts'

/**
 * Works where the disk of one folder is full: a small file system of its own is mounted there, which nobody outside of
 * this process sees. It is started by `unshare`, which lets an ordinary user mount. Writes what the run said while the disk
 * was full as one line, gives the disk room, lets the run go on, and copies what lies there to where others see it.
 */
const [runId = '', folder = '', room = '', copy = ''] = process.argv.slice(2)

execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${room}`, 'tmpfs', folder])
await drive(await takeStartable(runId))
const { streams } = await runOf(runId)
process.stdout.write(`said ${JSON.stringify(streams)}\n`)

execFileSync('mount', ['-o', 'remount,size=100m', folder])
// As the plan does a while later.
const { requests, connections } = await plan(new Date(Date.now() + HOUR))
await drive(requests)
for (const id of connections) await loadAll(id)
if (copy) cpSync(folder, copy, { recursive: true })
await db().$disconnect()
process.exit(0)
