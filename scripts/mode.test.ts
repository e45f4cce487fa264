import { expect, test } from 'vitest'
import { readSettings, type Settings } from '#lib/core/config.ts'
import { newSecrets } from '#lib/core/secrets.ts'
import { decideMode, keyRingOf, usesEmbeddedEngine } from './mode.ts'

const secrets = newSecrets()
const wasReal = { ...secrets, mode: 'real' as const }
const app = { clientId: 'id', clientSecret: 'secret' }

function given(values: Record<string, string> = {}): Settings {
  return readSettings({ NODE_ENV: 'test', ...values })
}

test('without a Spotify app an instance is the demo', () => {
  expect(decideMode(given(), secrets)).toEqual({ name: 'demo', app: secrets.demoApp })
})

test('with one it is real, whoever told it', () => {
  const real = { name: 'real', app }
  expect(decideMode(given({ SPOTIFY_CLIENT_ID: 'id', SPOTIFY_CLIENT_SECRET: 'secret' }), secrets)).toEqual(real)
  expect(decideMode(given(), { ...secrets, spotifyApp: app })).toEqual(real)
})

test('an instance that was real never shows the demo again', () => {
  expect(decideMode(given(), wasReal)).toEqual({ name: 'real' })
  expect(decideMode(given({ DEMO: '1' }), wasReal)).toEqual({ name: 'real' })
})

test('DEMO=0 waits for the app to be typed on /setup', () => {
  expect(decideMode(given({ DEMO: '0', HOST: '0.0.0.0' }), secrets)).toEqual({ name: 'real' })
})

test('the demo is shown to other machines only when asked for', () => {
  expect(() => decideMode(given({ HOST: '0.0.0.0' }), secrets)).toThrow('HOST=0.0.0.0 shows it to others')
  expect(() => decideMode(given({ APP_URL: 'https://music.example' }), secrets)).toThrow(
    'APP_URL=https://music.example shows it to others',
  )
  expect(decideMode(given({ HOST: '0.0.0.0', DEMO: '1' }), secrets).name).toBe('demo')
})

test('half a Spotify app is refused, naming the missing half', () => {
  expect(() => decideMode(given({ SPOTIFY_CLIENT_ID: 'id' }), secrets)).toThrow('SPOTIFY_CLIENT_SECRET is not')
  expect(() => decideMode(given({ SPOTIFY_CLIENT_SECRET: 'secret' }), secrets)).toThrow('SPOTIFY_CLIENT_ID is not')
})

test('an outside database needs a key that is kept outside too', () => {
  const outside = { DATABASE_URL: 'postgresql://user@host/tracklake' }
  const key = `k1:${'A'.repeat(43)}=`
  expect(keyRingOf(given(), secrets)).toBe(secrets.keyRing)
  expect(() => keyRingOf(given(outside), secrets)).toThrow('TRACKLAKE_KEY is not')
  expect(keyRingOf(given({ ...outside, TRACKLAKE_KEY: key }), secrets)).toBe(key)
})

test('the engine is embedded unless Inngest is configured, and it is configured whole', () => {
  const keys = { INNGEST_EVENT_KEY: 'e', INNGEST_SIGNING_KEY: 's' }
  expect(usesEmbeddedEngine(given())).toBe(true)
  expect(usesEmbeddedEngine(given(keys))).toBe(false)
  expect(usesEmbeddedEngine(given({ ...keys, INNGEST_BASE_URL: 'http://inngest:8288' }))).toBe(false)
  expect(() => usesEmbeddedEngine(given({ INNGEST_BASE_URL: 'http://inngest:8288' }))).toThrow('belong together')
})
