// Loaded before Next (node --import): adds security headers to every response of the web process, including Next's own.
// `headers()` in next.config.js can't: it is evaluated at build time, before APP_URL is known, and Next omits it from
// its own redirects. Other preloads respond before Next.
import { ServerResponse } from 'node:http'

/** A year. After that long without a visit, browsers may try http again. */
const HSTS_SECONDS = 365 * 24 * 60 * 60

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
  // For data and files. Pages have a policy of their own, with a nonce (proxy.ts).
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  ...(process.env.APP_URL?.startsWith('https://') ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}` } : {}),
}

const { writeHead } = ServerResponse.prototype

ServerResponse.prototype.writeHead = function writeSecureHead(...head) {
  for (const [name, value] of Object.entries(this.headersSent ? {} : HEADERS)) {
    if (!this.hasHeader(name)) this.setHeader(name, value)
  }
  return writeHead.apply(this, head)
}
