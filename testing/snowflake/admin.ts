import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { SnowflakeFailure } from './failure.ts'
import { Fault } from './faults.ts'
import { readJson, sendJson } from './http.ts'
import type { SnowflakeServer } from './snowflake-server.ts'

/** The same orders over HTTP, for tests whose server is another process. */
export async function answerAdmin(
  server: SnowflakeServer,
  request: IncomingMessage,
  response: ServerResponse,
  asked: URL,
): Promise<boolean> {
  const deed = /^\/admin\/([a-z-]+)$/.exec(asked.pathname)?.[1]
  if (deed === undefined) return false
  const body = request.method === 'POST' ? await readJson(request) : {}
  try {
    sendJson(response, { done: await obey(server, deed, body) })
  } catch (thrown) {
    if (!(thrown instanceof SnowflakeFailure || thrown instanceof z.ZodError)) throw thrown
    sendJson(response, { problem: thrown.message }, 400)
  }
  return true
}

async function obey(server: SnowflakeServer, deed: string, body: unknown): Promise<unknown> {
  if (deed === 'script') return server.runScript(z.object({ sql: z.string() }).parse(body).sql)
  if (deed === 'order') return server.order(Fault.parse(body))
  if (deed === 'clear') return server.clearFaults()
  if (deed === 'seen') return server.seen()
  if (deed === 'forget') return server.forget()
  if (deed === 'end-sessions') return server.endSessions()
  if (deed === 'account') {
    const { unpaid, exhausted } = z
      .object({ unpaid: z.boolean().optional(), exhausted: z.boolean().optional() })
      .parse(body)
    if (unpaid !== undefined) server.account.unpaid = unpaid
    if (exhausted !== undefined) for (const monitor of server.account.monitors.values()) monitor.exhausted = exhausted
    return undefined
  }
  throw new SnowflakeFailure('404', `There is no order "${deed}"`)
}
