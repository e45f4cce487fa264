import { isIPv4 } from 'node:net'

/** Whether a host name means this machine: 127.0.0.0/8, ::1 (with or without brackets) or localhost. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
}

/**
 * Whether only this machine can reach the app. HOST alone is not enough: behind a proxy the app listens on loopback, and
 * APP_URL shows that it is public.
 */
export function isLocalOnly({ HOST, APP_URL }: { HOST: string; APP_URL?: string | undefined }): boolean {
  return isLoopback(HOST) && (APP_URL === undefined || isLoopback(new URL(APP_URL).hostname))
}
