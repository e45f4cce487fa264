import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newSecrets, readSecrets, saveSecrets } from './secrets.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracklake-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('reads what was saved, which only its owner can read', () => {
  expect(readSecrets(folder)).toBeUndefined()
  const secrets = newSecrets()
  saveSecrets(folder, secrets)
  expect(readSecrets(folder)).toEqual(secrets)
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
})

test('saving replaces the whole file, even after an interrupted save', () => {
  writeFileSync(join(folder, 'secrets.json.new'), 'half', { mode: 0o644 })
  saveSecrets(folder, newSecrets())
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
  const real = { ...newSecrets(), mode: 'real' as const, spotifyApp: { clientId: 'app', clientSecret: 'secret' } }
  saveSecrets(folder, real)
  expect(readSecrets(folder)).toEqual(real)
  expect(readdirSync(folder)).toEqual(['secrets.json'])
})

test.for([
  ['a byte order mark', (text: string) => `\uFEFF${text}`],
  ['the line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['UTF-16', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
] as const)('reads a file that an editor saved with %s', ([, write]) => {
  const secrets = newSecrets()
  saveSecrets(folder, secrets)
  const file = join(folder, 'secrets.json')
  writeFileSync(file, write(readFileSync(file, 'utf8')))
  expect(readSecrets(folder)).toEqual(secrets)
})

test.for(['', '{', '{"mode":"demo"}'])('refuses a damaged file and leaves it alone: %j', (text) => {
  const file = join(folder, 'secrets.json')
  writeFileSync(file, text)
  expect(() => readSecrets(folder)).toThrow(`${file} cannot be read or is damaged`)
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('two instances share nothing, not even the key id', () => {
  const [one, other] = [newSecrets(), newSecrets()]
  expect(one.keyRing.split(':')[0]).not.toBe(other.keyRing.split(':')[0])
  expect(one.signingKey).not.toBe(other.signingKey)
})
