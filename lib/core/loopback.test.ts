import { expect, test } from 'vitest'
import { isLocalOnly, isLoopback } from './loopback.ts'

test.for(['127.0.0.1', '127.0.0.2', 'localhost', '::1', '[::1]'])('%s is a loopback host', (host) => {
  expect(isLoopback(host)).toBe(true)
})

test.for(['0.0.0.0', '192.168.1.5', '::', '127.example.org', '127.0.0.1.example.org'])(
  '%s is not a loopback host',
  (host) => {
    expect(isLoopback(host)).toBe(false)
  },
)

test.for([
  ['127.0.0.1', undefined, true],
  ['127.0.0.1', 'http://127.0.0.1:3000', true],
  ['::1', 'http://[::1]:3000', true],
  ['localhost', 'http://localhost:3000', true],
  ['127.0.0.1', 'https://music.example', false],
  ['0.0.0.0', 'http://127.0.0.1:3000', false],
  ['0.0.0.0', undefined, false],
] as const)('HOST=%s with APP_URL=%s is local only: %s', ([HOST, APP_URL, localOnly]) => {
  expect(isLocalOnly({ HOST, APP_URL })).toBe(localOnly)
})
