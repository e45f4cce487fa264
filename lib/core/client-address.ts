import ipaddr from 'ipaddr.js'
import type { Visitor } from './request-gate.ts'

/** Longer lists of hops are forged. */
const MAX_HOPS = 20
/** A network of this size belongs to one customer, so its addresses count as one. */
const IPV6_CUSTOMER_BITS = 64

/** Whether a text is an IP address or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text)
}

/**
 * The address of the person or program behind a request: the right-most hop that isn't one of our proxies. Anyone can
 * forge the hops to its left.
 * @param trustedProxies addresses and networks (CIDR) whose X-Forwarded-For is believed
 */
export function clientAddress({ address, forwardedFor }: Visitor, trustedProxies: readonly string[]): string {
  let client = address
  const hops = forwardedFor.split(',').slice(-MAX_HOPS)
  while (isIn(client, trustedProxies)) {
    const hop = addressIn(hops.pop() ?? '')
    if (hop === null) break
    client = hop
  }
  return customerOf(client)
}

function isIn(address: string, networks: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return networks.some((network) => {
    const [base, bits] = ipaddr.isValidCIDR(network) ? ipaddr.parseCIDR(network) : withAllBits(network)
    return parsed.kind() === base.kind() && parsed.match(base, bits)
  })
}

function withAllBits(network: string): [base: ipaddr.IPv4 | ipaddr.IPv6, bits: number] {
  const base = ipaddr.process(network)
  return [base, base.kind() === 'ipv4' ? 32 : 128]
}

/** The address in a hop, without the port that some proxies add. */
function addressIn(hop: string): string | null {
  const text = hop.trim()
  const host = /^\[(.+)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  return ipaddr.isValid(host) ? ipaddr.process(host).toString() : null
}

function customerOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${IPV6_CUSTOMER_BITS}`)}/${IPV6_CUSTOMER_BITS}`
}
