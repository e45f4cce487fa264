import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { Fault } from './faults.ts'
import { readJson, sendJson } from './protocol/http.ts'
import type { SnowflakeServer } from './snowflake-server.ts'
import { SnowflakeFailure } from './sql/failure.ts'

/** The same commands over HTTP, for tests whose server is another process. */
export async function handleAdmin(
  server: SnowflakeServer,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const command = /^\/admin\/([a-z-]+)$/.exec(url.pathname)?.[1]
  if (command === undefined) return false
  const body = request.method === 'POST' ? await readJson(request) : {}
  try {
    sendJson(response, { done: await runCommand(server, command, body) })
  } catch (error) {
    if (!(error instanceof SnowflakeFailure || error instanceof z.ZodError)) throw error
    sendJson(response, { problem: error.message }, 400)
  }
  return true
}

async function runCommand(server: SnowflakeServer, command: string, body: unknown): Promise<unknown> {
  if (command === 'script') return server.runScript(z.object({ sql: z.string() }).parse(body).sql)
  if (command === 'inject-fault') return server.injectFault(Fault.parse(body))
  if (command === 'clear-faults') return server.clearFaults()
  if (command === 'traffic') return server.traffic()
  if (command === 'clear-traffic') return server.clearTraffic()
  if (command === 'end-sessions') return server.endSessions()
  if (command === 'account') {
    const { unpaid, exhausted } = z
      .object({ unpaid: z.boolean().optional(), exhausted: z.boolean().optional() })
      .parse(body)
    if (unpaid !== undefined) server.account.unpaid = unpaid
    if (exhausted !== undefined) for (const monitor of server.account.monitors.values()) monitor.exhausted = exhausted
    return undefined
  }
  throw new SnowflakeFailure('404', `There is no command "${command}"`)
}
