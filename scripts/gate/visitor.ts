import type { IncomingMessage } from 'node:http'
import type { Visitor } from '#lib/core/request-gate.ts'

/** Headers that proxies, load balancers and tunnels add to what they pass on. */
const PROXY_HEADERS =
  /^(forwarded|via|(x|true|cf|fastly|fly)-(real|client|connecting|cluster-client|originating|proxyuser)-(ip|host)|client-ip|x-(forwarded|original|envoy|amzn?|arr|azure|vercel|scheme|appengine)(-.*)?|(cf|cdn|fly|fastly|tailscale|ngrok|akamai)-.*)$/

/** Who sent a request. Must be called before Next sees it, because Next adds forwarding headers. */
export function visitorOf({ headers, httpVersion, socket }: IncomingMessage): Visitor {
  const forwardedFor = headers['x-forwarded-for'] ?? ''
  return {
    address: (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d)/, ''),
    forwardedFor: Array.isArray(forwardedFor) ? forwardedFor.join(', ') : forwardedFor,
    // No browser uses HTTP/1.0, but nginx does by default for the servers behind it.
    isForwarded: httpVersion === '1.0' || Object.keys(headers).some((name) => PROXY_HEADERS.test(name)),
  }
}
