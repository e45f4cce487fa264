import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from './config.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-config-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (values: Record<string, string>) => readSettings({ NODE_ENV: 'test', ...values })

test.for([
  ['1m', 60_000],
  ['30m', 1_800_000],
] as const)('PLAN_EVERY=%s is %i ms', ([text, milliseconds]) => {
  expect(read({ PLAN_EVERY: text }).PLAN_EVERY).toBe(milliseconds)
})

test.for(['30s', '0m', '7m', '45m', '1h', '5'])('PLAN_EVERY=%s is refused with the valid values', (text) => {
  expect(() => read({ PLAN_EVERY: text })).toThrow(`PLAN_EVERY is "${text}" and must be 1m, 2m`)
})

test('the landing zone is a folder or a place in S3', () => {
  expect(read({ LANDING_URL: '/srv/landing' }).LANDING_URL).toBe('/srv/landing')
  expect(read({ LANDING_URL: 's3://lake' }).LANDING_URL).toBe('s3://lake')
  expect(read({ LANDING_URL: 's3://my-lake.2026/music/landing/' }).LANDING_URL).toBe('s3://my-lake.2026/music/landing')
  expect(() => read({ LANDING_URL: 'gs://bucket/landing' })).toThrow('must be the path of a folder, or s3://bucket')
  for (const bucket of ['', 'Lake', 'ab', 'a/b', '127.0.0.1', 'user:pass@lake', 'lake--x-s3', 'a..b'])
    expect(() => read({ LANDING_URL: `s3://${bucket}` })).toThrow(
      /^LANDING_URL must (be the name of a bucket|have a prefix)|^$/,
    )
  expect(() => read({ LANDING_URL: 's3://lake/../other' })).toThrow('LANDING_URL must have a prefix')
})

test('an access key for S3 is complete, and messages never repeat it', () => {
  const AWS_ACCESS_KEY_ID = 'AKIATEST'
  expect(read({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: 'secret' })).toMatchObject({ AWS_ACCESS_KEY_ID })
  const half = () => read({ AWS_ACCESS_KEY_ID })
  expect(half).toThrow('AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not. Set both, or neither.')
  expect(half).not.toThrow('AKIATEST')
  expect(() => read({ AWS_REGION: 'eu.example/' })).toThrow('AWS_REGION is "eu.example/" and must be a region')
})

test('email needs a server and a sender, and messages never repeat the password', () => {
  const SMTP_URL = 'smtps://ada:hidden@smtp.example.com:465'
  expect(read({ SMTP_URL, SMTP_FROM: 'Tracklake <tracklake@example.com>' }).SMTP_URL).toBe(SMTP_URL)
  expect(() => read({ SMTP_URL })).toThrow('SMTP_URL is set and SMTP_FROM is not. Set both, or neither.')
  expect(() => read({ SMTP_FROM: 'ada@example.com' })).toThrow('SMTP_FROM is set and SMTP_URL is not')
  const wrong = () => read({ SMTP_URL: 'https://ada:hidden@smtp.example.com', SMTP_FROM: 'ada@example.com' })
  expect(wrong).toThrow('SMTP_URL must be a mail server')
  expect(wrong).not.toThrow('hidden')
})

test('refuses a metrics token that is easy to guess', () => {
  expect(() => read({ MUSICBRAINZ_CONTACT: 'me' })).toThrow('MUSICBRAINZ_CONTACT is "me" and must be an email address')
  expect(() => read({ MUSICBRAINZ_CONTACT: 'a@b.example (c)\r\nx: y' })).toThrow('MUSICBRAINZ_CONTACT')
  expect(() => read({ METRICS_TOKEN: 'short' })).toThrow('METRICS_TOKEN must have at least 16 characters')
})

test('a key ring has each id once, and messages never repeat a key', () => {
  const [one, other] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'))
  expect(read({ TRACKLAKE_KEY: `k2:${other},k1:${one}` }).TRACKLAKE_KEY).toContain('k2:')
  const twice = () => read({ TRACKLAKE_KEY: `k1:${other},k1:${one}` })
  expect(twice).toThrow('must not have two keys with the same id')
  expect(twice).not.toThrow(one)
})

test('reads values as docker and editors leave them', () => {
  expect(read({ ADMINS: '"ada"', PORT: " '4000'\r" })).toMatchObject({ ADMINS: ['ada'], PORT: 4000 })
  expect(() => read({ ADMINS: '“ada”' })).toThrow('ADMINS has a typographic quote (“) around it')
  expect(() => read({ SPOTIFY_CLIENT_ID: 'a\u200Bb' })).toThrow(
    'SPOTIFY_CLIENT_ID contains the invisible character U+200B',
  )
})

test.for([
  ['a line end', 'value-of-the-token\n'],
  ['the line end of Windows', 'value-of-the-token\r\n'],
  ['a byte order mark', '\uFEFFvalue-of-the-token'],
  ['UTF-16', Buffer.from('\uFEFFvalue-of-the-token', 'utf16le')],
  ['quotes', '"value-of-the-token"\n'],
] as const)('reads a value from a file with %s', ([, content]) => {
  const file = join(folder, 'token')
  writeFileSync(file, content)
  expect(read({ METRICS_TOKEN_FILE: file }).METRICS_TOKEN).toBe('value-of-the-token')
})

test.for([
  ['several lines', 'one-line-of-the-token\nanother-line\n', 'has several lines. Put it on one line.'],
  ['nothing', ' \n', 'is empty. Write the value into it.'],
  ['something else', Buffer.from([0xff, 0xd8, 0xff]), 'which is not UTF-8 text. Save it as UTF-8.'],
] as const)('a file with %s is refused', ([, content, message]) => {
  const file = join(folder, 'token')
  writeFileSync(file, content)
  expect(() => read({ METRICS_TOKEN_FILE: file })).toThrow(message)
})

test('refuses a folder or a missing file and explains why', () => {
  expect(() => read({ METRICS_TOKEN_FILE: folder })).toThrow("Docker creates one when the file to mount doesn't exist")
  expect(() => read({ METRICS_TOKEN_FILE: join(folder, 'none') })).toThrow('which cannot be read')
})

test('the only proxy is used for https, too, as Node does', () => {
  const only = { HTTP_PROXY: 'http://proxy.example:3128' }
  expect(read(only)).toMatchObject({ HTTPS_PROXY: 'http://proxy.example:3128/' })
  expect(read({ ...only, https_proxy: 'other.example:80' })).toMatchObject({ HTTPS_PROXY: 'http://other.example/' })
  expect(read({}).HTTPS_PROXY).toBeUndefined()
})

test('never repeats an address in a message, because it may contain a password', () => {
  for (const name of [
    'APP_URL',
    'DATABASE_URL',
    'SPOTIFY_API_URL',
    'INNGEST_BASE_URL',
    'SNOWFLAKE_ENDPOINT',
    'HTTPS_PROXY',
  ]) {
    const wrong = () => read({ [name]: 'foo://ada:hidden@host/x#y' })
    expect(wrong).toThrow(`${name} `)
    expect(wrong).not.toThrow('hidden')
  }
})

test('trusted proxies are addresses and networks', () => {
  expect(read({ TRUSTED_PROXIES: '127.0.0.1, fd00::/8' }).TRUSTED_PROXIES).toEqual(['127.0.0.1', 'fd00::/8'])
  expect(() => read({ TRUSTED_PROXIES: 'proxy.example' })).toThrow(
    'TRUSTED_PROXIES is "proxy.example" and must be IP addresses or networks',
  )
})
