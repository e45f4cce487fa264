import { describe, expect, test } from 'vitest'
import {
  connectionLimits,
  databaseAddress,
  describeDatabase,
  mailAddress,
  proxyAddress,
  webAddress,
  withProtection,
} from './addresses.ts'

const origin = (text: string) => webAddress(text, 'the public address', 'origin')

describe('web addresses', () => {
  test.for([
    ['https://music.example/', 'https://music.example'],
    ['HTTPS://Music.Example:443', 'https://music.example'],
    ['https://müsic.example', 'https://xn--msic-0ra.example'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
  ] as const)('%s is read as %s', ([text, read]) => {
    expect(origin(text)).toBe(read)
  })

  test('an address that may have a path keeps it', () => {
    expect(webAddress('https://api.example/v1/', 'an API', 'path')).toBe('https://api.example/v1')
  })

  test.for([
    ['music.example', 'starting with http:// or https://'],
    ['localhost:3000', 'starting with http:// or https://'],
    ['ftp://music.example', 'starting with http:// or https://'],
    ['https://', 'must be the public address, for example'],
    ['https://music.example/app', 'must end after the host and port'],
    ['https://music.example?x=1', "can't contain a question mark"],
    ['https://music.example/#x', "can't contain a question mark or a #"],
    ['https://ada:hidden@music.example', "can't contain a user name or password"],
    ['http://music.example:0', "can't have the port 0"],
    ['http://0.0.0.0:3000', 'must name one host'],
  ] as const)('%s is refused', ([text, message]) => {
    expect(() => origin(text)).toThrow(message)
    expect(() => origin(text)).not.toThrow('hidden')
  })
})

const HOST = 'db.example:5432/tracklake'

describe('database addresses', () => {
  test.for([
    [`postgres://u:p@${HOST}`, `postgresql://u:p@${HOST}`],
    ['postgresql://u:p@[::1]/x', 'postgresql://u:p@[::1]/x'],
    [`postgresql://u:pa%ss@${HOST}`, `postgresql://u:pa%25ss@${HOST}`],
    [`postgresql://u:p@ss@${HOST}`, `postgresql://u:p%40ss@${HOST}`],
    [`postgresql://u:p%23@${HOST}`, `postgresql://u:p%23@${HOST}`],
    [`postgresql://u:p@${HOST}?schema=public`, `postgresql://u:p@${HOST}`],
    [
      `postgresql://u:p@${HOST}?sslmode=require&connection_limit=5`,
      `postgresql://u:p@${HOST}?sslmode=require&connection_limit=5`,
    ],
    ['postgresql://u:p@/x?host=/run/postgresql', 'postgresql://u:p@localhost/x?host=%2Frun%2Fpostgresql'],
    ['postgresql:///x', 'postgresql://localhost/x'],
  ] as const)('%s is read as %s', ([text, read]) => {
    expect(databaseAddress(text)).toBe(read)
  })

  test.for([
    ['mysql://u:hidden@host/x', 'must be a Postgres address'],
    ['postgresql://u:hid#den@host/x', 'Write # as %23'],
    ['postgresql://u:hid/den@host/x', '/ as %2F'],
    ['postgresql://u:hid?den@host/x', '? as %3F'],
    ['postgresql://u:1234/hidden@host/x', '/ as %2F'],
    ['postgresql://u:12#hidden@host/x', 'Write # as %23'],
    ['postgresql://u:hid den@host/x', 'special character'],
    ['postgresql://u:%ff@host/x', 'special character'],
    ['postgresql://u:hidden@host:0/x', 'port between 1 and 65535'],
    ['postgresql://u:hidden@host:70000/x', 'port between 1 and 65535'],
    ['postgresql://u:hidden@a,b/x', 'must have one host'],
    ['postgresql://u:hidden@host/x?schema=music', "can't contain schema=music: Tracklake uses the schema public"],
    ['postgresql://u:hidden@host/x?pgbouncer=true', 'through a pooler in transaction mode'],
    ['postgresql://u:hidden@host/x?channel_binding=require', 'sslmode=verify-full'],
    ['postgresql://u:hidden@host/x?sslmod=require', 'contains the parameter sslmod'],
    ['postgresql://u:hidden@host/x?sslmode=on', 'must set sslmode to one of'],
    ['postgresql://u:hidden@host/x?connection_limit=0', 'must set connection_limit to a whole number of at least 5'],
  ] as const)('%s is refused', ([text, message]) => {
    expect(() => databaseAddress(text)).toThrow(message)
    expect(() => databaseAddress(text)).not.toThrow(/hid|den|1234/)
  })

  test('takes protection from PGSSL variables unless it says something itself', () => {
    const plain = `postgresql://u:p@${HOST}`
    const environment = { PGSSLMODE: 'require', PGSSLROOTCERT: '/ca.pem', PGHOST: 'elsewhere', PGOPTIONS: '-c x=y' }
    expect(withProtection(plain, environment)).toBe(`${plain}?sslmode=require&sslrootcert=%2Fca.pem`)
    expect(withProtection(`${plain}?sslmode=disable`, environment)).toBe(`${plain}?sslmode=disable`)
    expect(withProtection(plain, {})).toBe(plain)
  })

  test('limits connections and the time of connecting', () => {
    const address = `postgresql://u:p@${HOST}`
    expect(connectionLimits(address)).toEqual({ max: undefined, connectTimeoutMs: 10_000 })
    expect(connectionLimits(`${address}?connection_limit=7&connect_timeout=3`)).toEqual({
      max: 7,
      connectTimeoutMs: 3_000,
    })
  })

  test('is described without its login', () => {
    expect(describeDatabase('postgresql://u:p@localhost/x?host=%2Frun')).toEqual({ database: 'x', server: '/run' })
    expect(describeDatabase(`postgresql://u:p@${HOST}`)).toEqual({ database: 'tracklake', server: 'db.example:5432' })
  })
})

test.for([
  ['smtps://u:p@smtp.example.com:465', 'smtps://u:p@smtp.example.com:465'],
  ['smtp://u:p%ss@smtp.example.com', 'smtp://u:p%25ss@smtp.example.com'],
  ['SMTP://localhost:25?tls.rejectUnauthorized=false', 'smtp://localhost:25?tls.rejectUnauthorized=false'],
] as const)('the mail server %s is read as %s', ([text, read]) => {
  expect(mailAddress(text)).toBe(read)
})

test.for([
  ['https://u:hidden@smtp.example.com', 'must be a mail server'],
  ['smtps://u:hid/den@smtp.example.com', '/ as %2F'],
  ['smtps://u:hid#den@smtp.example.com', 'Write # as %23'],
  ['smtps://u:hidden@smtp.example.com:0', 'port between 1 and 65535'],
  ['smtps://u:hidden@smtp.example.com/inbox', 'must end after the host and port'],
] as const)('the mail server %s is refused', ([text, message]) => {
  expect(() => mailAddress(text)).toThrow(message)
  expect(() => mailAddress(text)).not.toThrow(/hid/)
})

test.for([
  ['proxy.example:3128', 'http://proxy.example:3128/'],
  ['https://u:p%23@proxy.example', 'https://u:p%23@proxy.example/'],
] as const)('the proxy %s is read as %s', ([text, read]) => {
  expect(proxyAddress(text)).toBe(read)
})

test.for([
  ['socks5://u:hidden@proxy.example', "can't be a SOCKS proxy"],
  ['ftp://u:hidden@proxy.example', 'must be an http proxy'],
  ['http://u:hid#den@proxy.example', 'Write # as %23'],
  ['http://proxy.example/x', 'must end after the host and port'],
] as const)('the proxy %s is refused', ([text, message]) => {
  expect(() => proxyAddress(text)).toThrow(message)
  expect(() => proxyAddress(text)).not.toThrow(/hid/)
})
