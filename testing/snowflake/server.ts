import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { now as realNow } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { Account } from './account/account.ts'
import type { ServerContext } from './account/context.ts'
import { CredentialCheck } from './account/sign-in.ts'
import { runScript } from './account/worksheet.ts'
import { handleAdmin } from './admin.ts'
import { Engine } from './engine/engine.ts'
import { Faults } from './faults.ts'
import { listen, sendJson, stopListening } from './protocol/http.ts'
import { Protocol } from './protocol/protocol.ts'
import type { SnowflakeServer } from './snowflake-server.ts'
import { TrafficLog } from './traffic.ts'

interface ServerOptions {
  /** 0 means any free port. */
  port?: number
  /** Organization and account, separated by a hyphen. */
  account?: string
  now?: () => Date
}

export const ACCOUNT = 'TRACKLAKE-TEST'

/** Starts a test server that listens on the loopback interface only. */
export async function startSnowflakeServer(options: ServerOptions = {}): Promise<SnowflakeServer> {
  const { port = 0, account: name = ACCOUNT, now = realNow } = options
  const stages = await mkdtemp(join(tmpdir(), 'tracklake-stages-'))
  const account = new Account(name)
  const engine = await Engine.open()
  const http = createServer()
  const url = await listen(http, port)
  const context: ServerContext = { account, engine, stages, url, now: () => now().getTime() }
  const faults = new Faults()
  const traffic = new TrafficLog()
  const protocol = new Protocol({ context, faults, traffic, credentials: new CredentialCheck(account, context.now) })

  const server: SnowflakeServer = {
    url,
    accountName: name,
    account,
    runScript: (sql) => runScript(context, sql),
    injectFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    statements: () => traffic.report().statements,
    traffic: () => traffic.report(),
    clearTraffic: () => traffic.clear(),
    openSessions: () => protocol.openSessions(),
    endSessions: () => protocol.endSessions(),
    async stop() {
      protocol.endSessions()
      await stopListening(http)
      engine.close()
      await rm(stages, { recursive: true, force: true })
    },
  }

  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const requested = new URL(request.url ?? '/', url)
    route(request, response, requested).catch((error: unknown) => {
      log.error('the Snowflake test server failed to respond', { cause: messageOf(error), path: requested.pathname })
      sendJson(response, { success: false, code: '000603', message: messageOf(error), data: { sqlState: 'XX000' } })
    })
  })

  async function route(request: IncomingMessage, response: ServerResponse, requested: URL): Promise<void> {
    if (await protocol.handle(request, response, requested)) return
    if (await handleAdmin(server, request, response, requested)) return
    sendJson(
      response,
      { success: false, code: '404', message: `No such address: ${requested.pathname}`, data: null },
      404,
    )
  }

  return server
}
