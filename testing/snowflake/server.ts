import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { now as realNow } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { Account } from './account.ts'
import { answerAdmin } from './admin.ts'
import type { Desk } from './desk.ts'
import { Engine } from './engine.ts'
import { Faults } from './faults.ts'
import { listen, sendJson, stopListening } from './http.ts'
import { Protocol } from './protocol.ts'
import { Seen } from './seen.ts'
import { Door } from './sign-in.ts'
import type { SnowflakeServer } from './snowflake-server.ts'
import { runScript } from './worksheet.ts'

interface ServerOptions {
  /** 0 takes a free one. */
  port?: number
  /** Organization and account, parted by a hyphen. */
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
  const desk: Desk = { account, engine, stages, url, now: () => now().getTime() }
  const faults = new Faults()
  const seen = new Seen()
  const protocol = new Protocol({ desk, faults, seen, door: new Door(account, desk.now) })

  const server: SnowflakeServer = {
    url,
    accountName: name,
    account,
    runScript: (sql) => runScript(desk, sql),
    order: (fault) => faults.order(fault),
    clearFaults: () => faults.clear(),
    statements: () => seen.report().statements,
    seen: () => seen.report(),
    forget: () => seen.forget(),
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
    const asked = new URL(request.url ?? '/', url)
    route(request, response, asked).catch((thrown: unknown) => {
      log.error('The Snowflake for tests failed to answer', { cause: messageOf(thrown), path: asked.pathname })
      sendJson(response, { success: false, code: '000603', message: messageOf(thrown), data: { sqlState: 'XX000' } })
    })
  })

  async function route(request: IncomingMessage, response: ServerResponse, asked: URL): Promise<void> {
    if (await protocol.answer(request, response, asked)) return
    if (await answerAdmin(server, request, response, asked)) return
    sendJson(response, { success: false, code: '404', message: `No such address: ${asked.pathname}`, data: null }, 404)
  }

  return server
}
