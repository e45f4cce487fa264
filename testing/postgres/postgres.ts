import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { MINUTE } from '#lib/core/clock.ts'
import { migrate } from '#scripts/migrate.ts'
import { createDatabase } from '#scripts/postgres.ts'

/** Vitest calls this once before the integration tests to start one server and create a migrated template. */

const TEMPLATE = 'template_migrated'

/** @returns a function that stops the server and deletes its files */
export async function setup(): Promise<() => Promise<void>> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'postgres-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  const url = await Promise.race([firstLine(server.stdout), ended.then(failToStart)])
  const template = new URL(url)
  template.pathname = `/${TEMPLATE}`
  await createDatabase(url, TEMPLATE)
  await migrate(template.href)
  // The processes of the test files inherit this environment.
  process.env.TEST_POSTGRES_URL = url
  process.env.TEST_TEMPLATE = TEMPLATE
  return async () => {
    server.stdin.end()
    await ended
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  const [line] = await once(createInterface({ input: stream }), 'line', { signal: AbortSignal.timeout(MINUTE) })
  return String(line)
}

function failToStart(): never {
  throw new Error('The Postgres of the test run exited while it was starting. See its message above.')
}
