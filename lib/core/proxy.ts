import ipaddr from 'ipaddr.js'
import { type Settings, settings } from './config.ts'

/**
 * Proxies between this instance and the internet. Node's fetch uses them by itself when the supervisor passes them on
 * (NODE_USE_ENV_PROXY); this file says which requests that are.
 */

/** Never reached through a proxy: the processes of this instance. */
const OWN_MACHINE = ['localhost', '127.0.0.1', '[::1]']

type ProxySettings = Pick<Settings, 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY' | 'HOST' | 'INNGEST_BASE_URL'>

/** What Node and the Snowflake driver read, with this machine and an Inngest server nearby as exceptions. */
export function proxyVariables(settings: ProxySettings): Record<string, string> {
  const { HTTP_PROXY, HTTPS_PROXY } = settings
  if (!HTTP_PROXY && !HTTPS_PROXY) return {}
  return {
    ...(HTTP_PROXY ? { HTTP_PROXY } : {}),
    ...(HTTPS_PROXY ? { HTTPS_PROXY } : {}),
    NO_PROXY: exceptions(settings).join(','),
    NODE_USE_ENV_PROXY: '1',
  }
}

/** Hosts that are reached directly, in the form of NO_PROXY. */
export function exceptions({ NO_PROXY = '', HOST, INNGEST_BASE_URL }: ProxySettings): string[] {
  const inngest = INNGEST_BASE_URL ? new URL(INNGEST_BASE_URL).hostname : undefined
  const nearby = [HOST, inngest].filter((host) => host !== undefined && isNearby(host))
  return [...new Set([...NO_PROXY.split(/[\s,]+/).filter(Boolean), ...OWN_MACHINE, ...nearby])] as string[]
}

/** Whether a host is in this network by its form: a name without a dot, as in a network of containers, or a private address. */
function isNearby(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1')
  return ipaddr.isValid(name) ? ipaddr.process(name).range() !== 'unicast' : !name.includes('.')
}

/** The proxy that a request goes through, and the setting that names it; undefined if it goes directly. */
export function proxyFor(url: URL): { proxy: URL; setting: 'HTTP_PROXY' | 'HTTPS_PROXY' } | undefined {
  const setting = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const address = settings()[setting]
  if (!address || exceptions(settings()).some((exception) => covers(exception, url))) return undefined
  return { proxy: new URL(address), setting }
}

/** As Node's fetch reads NO_PROXY: `*`, a host, `host:port`, and `.example.com` or `*.example.com` for what is below it. */
function covers(exception: string, url: URL): boolean {
  if (exception === '*') return true
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(exception.toLowerCase()) ?? []
  if (port && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false
  return /^\*?\./.test(name) ? url.hostname.endsWith(name.replace(/^\*/, '')) : url.hostname === name
}
