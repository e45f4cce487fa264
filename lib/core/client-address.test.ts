import { expect, test } from 'vitest'
import { clientAddress, isNetwork } from './client-address.ts'

const PROXIES = ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']

const visitor = (address: string, forwardedFor = '') => ({ address, forwardedFor, isForwarded: forwardedFor !== '' })

test.for([
  ['the connection without proxies', '203.0.113.5', '', '203.0.113.5'],
  ['the connection of a stranger, whatever it claims', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
  ['the hop before our proxy', '127.0.0.1', '203.0.113.5', '203.0.113.5'],
  ['the right-most hop that is not ours', '10.1.2.3', '198.51.100.1, 203.0.113.5, 10.9.9.9', '203.0.113.5'],
  ['our proxy if it sends nothing', '10.1.2.3', '', '10.1.2.3'],
  ['the last hop if all are ours', '127.0.0.1', '10.0.0.1', '10.0.0.1'],
  ['the hop before one that is no address', '127.0.0.1', '203.0.113.5, unknown', '127.0.0.1'],
  ['a hop with a port', '127.0.0.1', '203.0.113.5:4711', '203.0.113.5'],
  ['an IPv6 hop with a port, by its network', '::1', '[2001:db8:1:2:3::4]:443', '2001:db8:1:2::/64'],
  ['IPv4 in IPv6', '127.0.0.1', '::ffff:203.0.113.5', '203.0.113.5'],
  ['the network of an IPv6 address', '2001:db8:1:2:ffff::1', '', '2001:db8:1:2::/64'],
] as const)('%s', ([, address, forwardedFor, expected]) => {
  expect(clientAddress(visitor(address, forwardedFor), PROXIES)).toBe(expected)
})

test('without trusted proxies only the connection counts', () => {
  expect(clientAddress(visitor('127.0.0.1', '203.0.113.5'), [])).toBe('127.0.0.1')
})

test('a long list of hops is not followed without end', () => {
  const hops = Array.from({ length: 10_000 }, () => '10.0.0.1').join(',')
  expect(clientAddress(visitor('127.0.0.1', `203.0.113.5,${hops}`), PROXIES)).toBe('10.0.0.1')
})

test.for([
  ['10.0.0.0/8', true],
  ['::1', true],
  ['fd00::/8', true],
  ['10.0.0.0/99', false],
  ['localhost', false],
  ['', false],
] as const)('%s is a network: %s', ([text, expected]) => {
  expect(isNetwork(text)).toBe(expected)
})
