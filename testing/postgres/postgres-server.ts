import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '#scripts/postgres.ts'

// A Postgres for one test run, in its own process. It exits when its parent does, even after kill -9, because then its
// standard input ends. Prints the URL of the server as one line.

const folder = mkdtempSync(join(tmpdir(), 'tracklake-test-'))
const server = await startPostgres({ folder, durable: false })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined) // the test run decides when it exits
process.stdout.write(`${server.url('postgres')}\n`)

process.stdin.resume().on('close', async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
