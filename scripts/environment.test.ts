import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '#lib/core/config.ts'
import { newSecrets } from '#lib/core/secrets.ts'
import {
  choosePorts,
  engineEnvironment,
  type Handover,
  localOrigin,
  publicOrigin,
  simulatorEnvironment,
  webEnvironment,
} from './environment.ts'

const secrets = newSecrets()

function handover(values: Record<string, string> = {}, change: Partial<Handover> = {}): Handover {
  const settings = readSettings({ NODE_ENV: 'test', ...values })
  return {
    settings,
    secrets,
    mode: { name: 'demo', app: secrets.demoApp },
    dataFolder: '/data',
    databaseUrl: 'postgresql://database',
    bootId: 'boot',
    development: false,
    ports: choosePorts(settings, values),
    ...change,
  }
}

test('the web process can read its environment as settings', () => {
  const read = readSettings(webEnvironment(handover({ PORT: '5000' }), {}))
  expect(read).toMatchObject({
    PORT: 5000,
    APP_URL: 'http://127.0.0.1:5000',
    DATA_DIR: '/data',
    DATABASE_URL: 'postgresql://database',
    ENGINE_PORT: 5001,
    SPOTIFY_CLIENT_ID: secrets.demoApp.clientId,
    SPOTIFY_ACCOUNTS_URL: 'http://127.0.0.1:5002',
    SPOTIFY_API_URL: 'http://127.0.0.1:5002/v1',
    MUSICBRAINZ_URL: 'http://127.0.0.1:5002/musicbrainz/ws/2',
    TRACKLAKE_KEY: secrets.keyRing,
    TRACKLAKE_MODE: 'demo',
    TRACKLAKE_BOOT_ID: 'boot',
  })
})

test('a real instance uses the Spotify in its settings', () => {
  const real = handover({}, { mode: { name: 'real', app: { clientId: 'id', clientSecret: 'secret' } } })
  const environment = webEnvironment(real, { SPOTIFY_API_URL: 'http://elsewhere/v1' })
  expect(environment).toMatchObject({ SPOTIFY_CLIENT_ID: 'id', SPOTIFY_API_URL: 'http://elsewhere/v1' })
  expect(environment.SPOTIFY_ACCOUNTS_URL).toBeUndefined()
  expect(environment.MUSICBRAINZ_CONTACT).toBeUndefined()
})

test('the web process knows whether the Spotify app comes from the settings', () => {
  const own = { SPOTIFY_CLIENT_ID: 'id', SPOTIFY_CLIENT_SECRET: 'secret' }
  expect(readSettings(webEnvironment(handover(own), {})).TRACKLAKE_APP_FROM_SETTINGS).toBe(true)
  expect(readSettings(webEnvironment(handover(), {})).TRACKLAKE_APP_FROM_SETTINGS).toBe(false)
})

test('signatures are always verified, whatever the settings say', () => {
  const environment = webEnvironment(handover(), { INNGEST_DEV: '1', INNGEST_ENABLE_UNAUTHED_SYNC: 'true' })
  expect(environment.INNGEST_DEV).toBe('0')
  expect(environment.INNGEST_ENABLE_UNAUTHED_SYNC).toBe('false')
})

test('Next does not read .env a second time, in its own way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-env-'))
  writeFileSync(join(folder, '.env'), 'INNGEST_DEV=1\nINNGEST_ENABLE_UNAUTHED_SYNC=true\nREAD_BY_NEXT=yes\n')
  const script = `
    const next = require.resolve('next/package.json')
    require(require.resolve('@next/env', { paths: [next] })).loadEnvConfig(${JSON.stringify(folder)})
    const { INNGEST_DEV, INNGEST_ENABLE_UNAUTHED_SYNC, READ_BY_NEXT } = process.env
    console.log(INNGEST_DEV, INNGEST_ENABLE_UNAUTHED_SYNC, READ_BY_NEXT)`
  const env = webEnvironment(handover(), { PATH: process.env.PATH, INNGEST_DEV: '1' })
  const output = execFileSync(process.execPath, ['--input-type=commonjs', '-e', script], { env, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect(output.trim().split('\n').at(-1)).toBe('0 false undefined')
})

test('engine and simulator get no secret they do not need', () => {
  const inherited = {
    TRACKLAKE_KEY: 'key of the operator',
    TRACKLAKE_KEY_FILE: '/secret/file',
    SPOTIFY_CLIENT_SECRET: 'secret of the operator',
    DATABASE_URL: 'postgresql://operator:password@host/db',
  }
  const all = JSON.stringify([engineEnvironment(handover(), inherited), simulatorEnvironment(handover(), inherited)])
  for (const secret of [...Object.values(inherited), secrets.keyRing, secrets.sessionSecret]) {
    expect(all).not.toContain(secret)
  }
  expect(simulatorEnvironment(handover(), inherited).DATABASE_URL).toBeUndefined()
})

test('engine and simulator can read their environment as settings, without those for email', () => {
  const mail = { SMTP_URL: 'smtps://ada:hidden@smtp.example.com', SMTP_FROM: 'ada@example.com' }
  for (const environment of [engineEnvironment(handover(mail), mail), simulatorEnvironment(handover(mail), mail)])
    expect(readSettings(environment).SMTP_URL).toBeUndefined()
  expect(readSettings(webEnvironment(handover(mail), mail)).SMTP_FROM).toBe('ada@example.com')
})

test('a previous signing key of an external Inngest does not open the embedded engine', () => {
  const previous = { INNGEST_SIGNING_KEY_FALLBACK: 'previous', INNGEST_ENV: 'branch' }
  const keys = { INNGEST_EVENT_KEY: 'event', INNGEST_SIGNING_KEY: 'signing' }
  expect(webEnvironment(handover(keys), { ...keys, ...previous })).toMatchObject(previous)
  expect(Object.keys(webEnvironment(handover(), previous))).not.toContain('INNGEST_SIGNING_KEY_FALLBACK')
})

test('an external Inngest calls the public address, with the keys in the settings', () => {
  const keys = { INNGEST_EVENT_KEY: 'event', INNGEST_SIGNING_KEY: 'signing' }
  const environment = webEnvironment(handover({ ...keys, APP_URL: 'https://music.example' }), keys)
  expect(environment).toMatchObject({ ...keys, INNGEST_SERVE_ORIGIN: 'https://music.example' })
  expect(environment.INNGEST_BASE_URL).toBeUndefined()
  // Inside a network of containers.
  const within = { ...keys, APP_URL: 'https://music.example', INNGEST_SERVE_ORIGIN: 'http://app:3000' }
  expect(webEnvironment(handover(within), within).INNGEST_SERVE_ORIGIN).toBe('http://app:3000')
})

test('the ports next to the highest one are below it', () => {
  const { settings } = handover({ PORT: '65535' })
  expect(choosePorts(settings, {})).toEqual({ web: 65_535, engine: 65_534, simulator: 65_533 })
})

test.for([
  ['127.0.0.1', 'http://127.0.0.1:3000'],
  ['localhost', 'http://127.0.0.1:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['192.168.1.5', 'http://192.168.1.5:3000'],
  ['::1', 'http://[::1]:3000'],
] as const)('a web app on %s is reached at %s', ([host, origin]) => {
  expect(localOrigin(host, 3000)).toBe(origin)
})

test('the public address is APP_URL, or else this machine', () => {
  expect(publicOrigin(handover({ APP_URL: 'https://music.example/' }).settings)).toBe('https://music.example')
  expect(publicOrigin(handover({ HOST: 'localhost' }).settings)).toBe('http://127.0.0.1:3000')
})

test('only the web process gets what reaches S3', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret', AWS_PROFILE: 'music', AWS_OTHER: 'x' }
  const settings = handover({ ...keys, LANDING_URL: 's3://lake/zone/' })
  const { AWS_OTHER: _, ...passed } = keys
  const environment = webEnvironment(settings, { ...keys, LANDING_URL: 's3://lake/zone/' })
  expect(environment).toMatchObject(passed)
  expect(environment).not.toHaveProperty('AWS_OTHER')
  expect(readSettings(environment)).toMatchObject({ LANDING_URL: 's3://lake/zone', AWS_ACCESS_KEY_ID: 'AKIATEST' })
  for (const other of [engineEnvironment(settings, keys), simulatorEnvironment(settings, keys)])
    expect(JSON.stringify(other)).not.toMatch(/AKIATEST|secret"/)
})
