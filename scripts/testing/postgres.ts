import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../migrate.ts'
import { createDatabase, startPostgres } from '../postgres.ts'

/** Vitest calls this once before the integration tests: one server for all of them, and a migrated template. */

const TEMPLATE = 'template_migrated'

/** @returns what ends the server and removes its files */
export async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-test-'))
  const server = await startPostgres({ folder, durable: false })
  await createDatabase(server.url('postgres'), TEMPLATE)
  await migrate(server.url(TEMPLATE))
  // Test files run in processes that inherit this environment.
  process.env.TEST_POSTGRES_URL = server.url('postgres')
  process.env.TEST_TEMPLATE = TEMPLATE
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
