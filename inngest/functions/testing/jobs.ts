import http from 'node:http'
import { serve } from 'inngest/node'
import type pg from 'pg'
import { createEngine } from '#inngest/engine/engine.ts'
import { freePorts, KEYS, type Ports, serveUrl } from '#inngest/engine/testing/app.ts'
import { settings } from '#lib/core/config.ts'
import { test as base } from '#testing/sync/fixture.ts'
import type { startHarness } from '#testing/sync/harness.ts'

/** Without plan, which uses the real clock and would touch the runs of the tests. */
export const SERVED = ['extract-stream', 'load-destination', 'load-connected', 'end-run', 'run-import']

/**
 * Tests with a harness and the real background functions on the real engine, which the file shares. A file adds
 * environment variables by overriding `settings`.
 */
export const test = base
  .extend('ports', { scope: 'file' }, () => freePorts())
  .extend('settings', { scope: 'file' }, {} as Record<string, string>)
  .extend(
    'options',
    { scope: 'file' },
    ({ ports, settings }): Parameters<typeof startHarness> => [
      {
        INNGEST_BASE_URL: `http://127.0.0.1:${ports.engine}`,
        INNGEST_EVENT_KEY: KEYS.eventKey,
        INNGEST_SIGNING_KEY: KEYS.signingKey,
        INNGEST_ENABLE_UNAUTHED_SYNC: 'false',
        ...settings,
      },
    ],
  )
  // The harness sets the environment that the jobs read.
  .extend('jobs', { scope: 'file', auto: true }, async ({ harness: _, ports }, { onCleanup }) => {
    const jobs = await startJobs(ports)
    onCleanup(jobs.stop)
    return jobs
  })

interface Jobs {
  stop(): Promise<void>
}

async function startJobs(ports: Ports): Promise<Jobs> {
  // Imported late because the client reads the settings when it is loaded.
  const { functions, inngest } = await import('#inngest/index.ts')
  const served = functions.filter((one) => SERVED.includes(one.id()))
  const server = http.createServer(serve({ client: inngest, functions: served }))
  await new Promise<void>((resolve) => server.listen(ports.app, '127.0.0.1', resolve))
  const engine = createEngine({
    databaseUrl: settings().DATABASE_URL ?? '',
    port: ports.engine,
    appUrl: serveUrl(ports),
    backoffMs: () => 20,
    pollMs: 20,
    ...KEYS,
  })
  await engine.start()
  return {
    stop: async () => {
      await engine.stop()
      server.close()
      server.closeAllConnections()
    },
  }
}

export interface Executions {
  runs: number
  steps: number
}

/** What Inngest would bill, by function: "one function run or one step execution". */
export async function executions(client: pg.ClientBase): Promise<Record<string, Executions>> {
  const { rows } = await client.query<{ id: string } & Executions>(`
    select replace(run.function_id, 'tracklake-', '') as id, count(distinct run.id)::int as runs, count(step.id)::int as steps
    from engine.runs run left join engine.steps step on step.run_id = run.id group by run.function_id`)
  return Object.fromEntries(rows.map(({ id, runs, steps }) => [id, { runs, steps }]))
}

/** The largest run: its steps, and the bytes of its event and results. */
export async function largestRun(client: pg.ClientBase): Promise<{ steps: number; bytes: number }> {
  const { rows } = await client.query<{ steps: number; bytes: number }>(`
    select max(steps)::int as steps, max(bytes)::int as bytes from (
      select count(*) as steps, sum(octet_length(step.value)) + max(octet_length(run.event)) as bytes
      from engine.runs run join engine.steps step on step.run_id = run.id group by run.id) as one`)
  return rows[0] ?? { steps: 0, bytes: 0 }
}
