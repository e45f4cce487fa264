import { expect, test } from 'vitest'
import { readSettings, type Settings } from '#lib/core/config.ts'
import { newSecrets } from '#lib/core/secrets.ts'
import { decideMode, keyRingOf, usesEmbeddedEngine } from './mode.ts'

const secrets = newSecrets()
const wasReal = { ...secrets, mode: 'real' as const }
const app = { clientId: 'id', clientSecret: 'secret' }

function settings(values: Record<string, string> = {}): Settings {
  return readSettings({ NODE_ENV: 'test', ...values })
}

test('without a Spotify app an instance is the demo', () => {
  expect(decideMode(settings(), secrets)).toEqual({ name: 'demo', app: secrets.demoApp })
})

test('with a Spotify app from settings or secrets an instance is real', () => {
  const real = { name: 'real', app }
  expect(decideMode(settings({ SPOTIFY_CLIENT_ID: 'id', SPOTIFY_CLIENT_SECRET: 'secret' }), secrets)).toEqual(real)
  expect(decideMode(settings(), { ...secrets, spotifyApp: app })).toEqual(real)
})

test('an instance that was real never becomes the demo again', () => {
  expect(decideMode(settings(), wasReal)).toEqual({ name: 'real' })
  expect(decideMode(settings({ DEMO: '1' }), wasReal)).toEqual({ name: 'real' })
})

test('DEMO=0 waits for the app to be entered on /setup', () => {
  expect(decideMode(settings({ DEMO: '0', HOST: '0.0.0.0' }), secrets)).toEqual({ name: 'real' })
})

test('the demo is visible to other machines only with DEMO=1', () => {
  expect(() => decideMode(settings({ HOST: '0.0.0.0' }), secrets)).toThrow('HOST=0.0.0.0 shows it to others')
  expect(() => decideMode(settings({ APP_URL: 'https://music.example' }), secrets)).toThrow(
    'APP_URL=https://music.example shows it to others',
  )
  expect(decideMode(settings({ HOST: '0.0.0.0', DEMO: '1' }), secrets).name).toBe('demo')
})

test('half of a Spotify app is refused, and the message names the missing half', () => {
  expect(() => decideMode(settings({ SPOTIFY_CLIENT_ID: 'id' }), secrets)).toThrow("SPOTIFY_CLIENT_SECRET isn't")
  expect(() => decideMode(settings({ SPOTIFY_CLIENT_SECRET: 'secret' }), secrets)).toThrow("SPOTIFY_CLIENT_ID isn't")
})

test('an external database needs a key in the settings', () => {
  const external = { DATABASE_URL: 'postgresql://user@host/tracklake' }
  const key = `k1:${'A'.repeat(43)}=`
  expect(keyRingOf(settings(), secrets)).toBe(secrets.keyRing)
  expect(() => keyRingOf(settings(external), secrets)).toThrow("TRACKLAKE_KEY isn't")
  expect(keyRingOf(settings({ ...external, TRACKLAKE_KEY: key }), secrets)).toBe(key)
})

test('the engine is embedded unless Inngest is completely configured', () => {
  const keys = { INNGEST_EVENT_KEY: 'e', INNGEST_SIGNING_KEY: 's' }
  expect(usesEmbeddedEngine(settings())).toBe(true)
  expect(usesEmbeddedEngine(settings(keys))).toBe(false)
  expect(usesEmbeddedEngine(settings({ ...keys, INNGEST_BASE_URL: 'http://inngest:8288' }))).toBe(false)
  expect(() => usesEmbeddedEngine(settings({ INNGEST_BASE_URL: 'http://inngest:8288' }))).toThrow('belong together')
})
