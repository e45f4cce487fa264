import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import ipaddr from 'ipaddr.js'
import { SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Stop, Transient } from '#lib/core/errors.ts'
import { isLoopback } from '#lib/core/loopback.ts'
import { proxyFor } from '#lib/core/proxy.ts'

/**
 * Webhooks may only go to the public internet. Otherwise a listener could make this machine send requests to its own
 * network, for example to the cloud's metadata service.
 */

const DEADLINE_MS = 5 * SECOND

/** Looks public, but Azure serves each of its machines the machine's own configuration at this address. */
const AZURE_HOST = '168.63.129.16'

/** Whether an IP address belongs to an ordinary internet host, not to a private network or a special range. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // ::ffff:10.0.0.1 is 10.0.0.1.
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast' && parsed.toString() !== AZURE_HOST
  // Only 2000::/3 of IPv6 is allocated. For ipaddr.js, addresses in it that embed IPv4 (6to4, Teredo) are not unicast.
  return parsed.range() === 'unicast' && (parsed.toByteArray()[0] ?? 0) >> 5 === 0b001
}

export interface ResolvedAddress {
  address: string
  family: number
}

/**
 * The IP addresses of a host, all of them public. The caller must connect to one of these and not resolve again, because
 * the name may resolve differently a moment later.
 * @throws Stop when one of them is not public, Transient when the name cannot be resolved
 */
export async function publicAddresses(hostname: string): Promise<ResolvedAddress[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const timeout = AbortSignal.timeout(DEADLINE_MS)
  const deadline = once(timeout, 'abort').then(() => Promise.reject(new Error('no response in time')))
  const found = await Promise.race([lookup(host, { all: true }), deadline]).catch((cause: unknown) => {
    throw new Transient('The receiver’s host name cannot be resolved', { cause, remedy: 'Check the address.' })
  })
  const loopback = settings().WEBHOOKS_TO_LOOPBACK
  const refused = found.find(({ address }) => !isPublicAddress(address) && !(loopback && isLoopback(address)))
  if (found.length === 0 || refused)
    throw new Stop('The receiver is not on the public internet', {
      remedy: 'Messages are only sent to public addresses. Use one that is reachable from the internet.',
    })
  return found
}

const HTTPS_PORT = 443

function allowedPort({ port }: URL): boolean {
  return settings().WEBHOOK_PORTS.includes(Number(port || HTTPS_PORT))
}

function portProblem({ port }: URL): string {
  const allowed = new Intl.ListFormat('en', { type: 'disjunction' }).format(settings().WEBHOOK_PORTS.map(String))
  return `Port ${port || HTTPS_PORT} isn't allowed, only ${allowed}. The operator can allow more with WEBHOOK_PORTS`
}

/**
 * What is wrong with the port of an address saved before ports were restricted, or null. Messages are still sent to it.
 */
export function portWarning(address: string): string | null {
  const url = URL.parse(address)
  const isOwnMachine = settings().WEBHOOKS_TO_LOOPBACK && isLoopback(url?.hostname ?? '')
  return url && !isOwnMachine && !allowedPort(url) ? portProblem(url) : null
}

/**
 * What is wrong with a webhook's address, or null. It must use https and an allowed port, contain no user name or
 * password, and have a public host.
 * @param hosts the allowed hosts of this kind of channel; any public host by default
 */
export async function addressProblem(text: string, hosts?: { names: string[]; like: string }): Promise<string | null> {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    return `This isn't a web address. It ${hosts ? `looks like ${hosts.like}` : 'starts with https://'}`
  const isOwnMachine = settings().WEBHOOKS_TO_LOOPBACK && isLoopback(url.hostname)
  if (url.protocol !== 'https:' && !isOwnMachine)
    return 'Only https addresses are allowed, so that messages stay private'
  if (url.username || url.password) return "The address can't contain a user name or password"
  if (!isOwnMachine && !allowedPort(url)) return portProblem(url)
  if (hosts && !isOwnMachine && !hosts.names.includes(url.hostname)) return `The address looks like ${hosts.like}`
  // The proxy resolves the name; this machine may be unable to.
  if (hosts && proxyFor(url)) return null
  return publicAddresses(url.hostname).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : 'The address cannot be used'),
  )
}
