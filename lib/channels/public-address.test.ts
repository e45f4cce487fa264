import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { channels } from './index.ts'
import { post } from './post.ts'
import { isPublicAddress } from './public-address.ts'

/** Hosts that this machine can reach, but listeners must not reach through it. */

let calls = 0
let server: Server
let port = 0
beforeAll(async () => {
  server = createServer((_, response) => {
    calls++
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

test.for([
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.8.9.10',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'not an address',
])('%s is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test.for(['1.1.1.1', '8.8.8.8', '172.15.0.1', '100.63.255.255', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true)
  },
)

test.for([
  ['localhost', 'https://localhost/hook', 'not on the public internet'],
  ['a number for 127.0.0.1', 'https://2130706433/', 'not on the public internet'],
  ['octal 127.0.0.1', 'https://0177.0.0.1/', 'not on the public internet'],
  ['short 127.0.0.1', 'https://127.1/', 'not on the public internet'],
  ['IPv6', 'https://[::1]:8443/', 'not on the public internet'],
  ['IPv4 in IPv6', 'https://[::ffff:169.254.169.254]/latest', 'not on the public internet'],
  ['http', 'http://1.1.1.1/hook', 'Only https'],
  ['a password', 'https://user:secret@1.1.1.1/hook', 'user name or password'],
  ['another protocol', 'file:///etc/passwd', "isn't a web address"],
  ['no address', 'hooks.example', "isn't a web address"],
] as const)('refuses a webhook to %s', async ([, address, problem]) => {
  expect(await channels.webhook.problemOf(address)).toContain(problem)
})

test('each kind checks what its addresses look like', async () => {
  expect(await channels.slack.problemOf('https://1.1.1.1/services/x')).toContain('https://hooks.slack.com/')
  expect(await channels.discord.problemOf('https://1.1.1.1/api/webhooks/x')).toContain('https://discord.com/')
  expect(await channels.ntfy.problemOf('https://1.1.1.1/')).toContain('topic')
  expect(await channels.ntfy.problemOf('https://1.1.1.1/my-topic')).toBeNull()
  expect(await channels.webhook.problemOf('https://1.1.1.1/hook')).toBeNull()
})

test('does not contact an address that has become private since it was saved', async () => {
  for (const host of ['localhost', '127.0.0.1', '[::ffff:127.0.0.1]'])
    await expect(post(`http://${host}:${port}/`, '{}', {})).rejects.toMatchObject({ recovery: 'stop' })
  expect(calls).toBe(0)
})

test('connects to the checked address, whatever the name resolves to now', async () => {
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
  // Names under .invalid never resolve.
  await post(`http://receiver.invalid:${port}/`, '{}', {}, { resolve })
  expect(calls).toBe(1)
})
