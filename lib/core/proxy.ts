import ipaddr from 'ipaddr.js'
import { type Settings, settings } from './config.ts'

/**
 * Proxies between this instance and the internet. Node's fetch uses them when the supervisor passes them on
 * (NODE_USE_ENV_PROXY); this file decides for which requests.
 */

/** Never reached through a proxy: the processes of this instance. */
const OWN_MACHINE = ['localhost', '127.0.0.1', '[::1]']

type ProxySettings = Pick<Settings, 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY' | 'HOST' | 'INNGEST_BASE_URL'>

/**
 * The variables that Node and the Snowflake driver read. This machine and an Inngest server on its network are
 * excepted.
 */
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

/** The hosts to reach directly, in the format of NO_PROXY. */
export function exceptions({ NO_PROXY = '', HOST, INNGEST_BASE_URL }: ProxySettings): string[] {
  const inngest = INNGEST_BASE_URL ? new URL(INNGEST_BASE_URL).hostname : undefined
  const nearby = [HOST, inngest].filter((host) => host !== undefined && isNearby(host))
  return [...new Set([...NO_PROXY.split(/[\s,]+/).filter(Boolean), ...OWN_MACHINE, ...nearby])] as string[]
}

/** Whether a host looks local: a name without a dot, as in a container network, or a private address. */
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

/**
 * Matches NO_PROXY as Node's fetch does: `*`, a host, `host:port`, and `.example.com` or `*.example.com` for
 * subdomains.
 */
function covers(exception: string, url: URL): boolean {
  if (exception === '*') return true
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(exception.toLowerCase()) ?? []
  if (port && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false
  return /^\*?\./.test(name) ? url.hostname.endsWith(name.replace(/^\*/, '')) : url.hostname === name
}
