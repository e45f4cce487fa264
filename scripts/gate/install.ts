import http, { type RequestListener, type ServerOptions } from 'node:http'
import { installGate } from '#lib/core/request-gate.ts'
import { bodyRules } from '#lib/ops/body-rules.ts'
import { Gate } from './gate.ts'

/** Loaded before Next (node --import): guards every HTTP server that the web process creates. */

const gate = new Gate()
// Until the app has set all rules: after a restart, the engine may call before.
gate.setRules(bodyRules([]))
installGate(gate)

const { createServer } = http

type CreateServer = (...args: [RequestListener?] | [ServerOptions, RequestListener?]) => http.Server

http.createServer = ((...args) => {
  const [options, listener] = typeof args[0] === 'object' ? [args[0], args[1]] : [{}, args[0]]
  if (typeof listener !== 'function') return createServer(options)
  const server = createServer(gate.options(options))
  gate.guard(server, listener)
  if (process.env.TRACKLAKE_DEVELOPMENT !== '1') ignoreUpgrades(server)
  return server
}) as CreateServer as typeof createServer

/**
 * Only development uses WebSockets (hot reload). Otherwise Next keeps them open forever for a custom server. Without a
 * listener, Node treats them as ordinary requests.
 */
function ignoreUpgrades(server: http.Server): void {
  const on = server.on.bind(server)
  server.on = (event: string, listener: (...args: never[]) => void) =>
    event === 'upgrade' ? server : on(event, listener as (...args: unknown[]) => void)
}
