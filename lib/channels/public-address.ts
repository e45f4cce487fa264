import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import ipaddr from 'ipaddr.js'
import { SECOND } from '#lib/core/clock.ts'
import { settings } from '#lib/core/config.ts'
import { Stop, Transient } from '#lib/core/errors.ts'
import { isLoopback } from '#lib/core/loopback.ts'

/**
 * Webhooks may go to the public internet only: otherwise whoever types an address could make this machine talk to its
 * own network, to the cloud's metadata service for example.
 */

const DEADLINE_MS = 5 * SECOND

/** Public by its number only: through it Azure answers every machine in it, with the machine's own configuration. */
const AZURE_HOST = '168.63.129.16'

/** Where ordinary hosts of the internet are: everything else is somebody's own network or an address for a purpose. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // ::ffff:10.0.0.1 is 10.0.0.1.
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast' && parsed.toString() !== AZURE_HOST
  // Of IPv6 only 2000::/3 is given out; what embeds an IPv4 address in it (6to4, Teredo) is no unicast for ipaddr.js.
  return parsed.range() === 'unicast' && (parsed.toByteArray()[0] ?? 0) >> 5 === 0b001
}

export interface ResolvedAddress {
  address: string
  family: number
}

/**
 * The addresses of a host, each of them public. The caller has to connect to one of these and to ask no second time: a
 * name may answer otherwise a moment later.
 * @throws Stop when one of them is not public, Transient when the name cannot be resolved
 */
export async function publicAddresses(hostname: string): Promise<ResolvedAddress[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const late = AbortSignal.timeout(DEADLINE_MS)
  const deadline = once(late, 'abort').then(() => Promise.reject(new Error('no answer in time')))
  const found = await Promise.race([lookup(host, { all: true }), deadline]).catch((cause: unknown) => {
    throw new Transient('The name of the receiver cannot be resolved', { cause, remedy: 'Check the address.' })
  })
  const loopback = settings().WEBHOOKS_TO_LOOPBACK
  const refused = found.find(({ address }) => !isPublicAddress(address) && !(loopback && isLoopback(address)))
  if (found.length === 0 || refused)
    throw new Stop('The receiver is not on the public internet', {
      remedy: 'Messages are sent to public addresses only; take one that everybody can reach.',
    })
  return found
}

/**
 * What is wrong with a webhook's address, or null. Only https, no name and password in it, a public host.
 * @param hosts that the kind of channel knows; any public one when left out
 */
export async function addressProblem(text: string, hosts?: { names: string[]; like: string }): Promise<string | null> {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    return `This is no web address${hosts ? `: it looks like ${hosts.like}` : ', it begins with https://'}`
  const toMyself = settings().WEBHOOKS_TO_LOOPBACK && isLoopback(url.hostname)
  if (url.protocol !== 'https:' && !toMyself) return 'Only https is possible, so that nobody reads along'
  if (url.username || url.password) return 'A name or password in the address is not possible'
  if (hosts && !toMyself && !hosts.names.includes(url.hostname)) return `It looks like ${hosts.like}`
  return publicAddresses(url.hostname).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : 'The address cannot be used'),
  )
}
