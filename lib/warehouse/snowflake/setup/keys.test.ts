import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { type KeyPair, makeKeyPair, readPrivateKey } from './keys.ts'

let pair: KeyPair
beforeAll(async () => {
  pair = await makeKeyPair()
})

const pem = (format: 'pkcs1' | 'pkcs8', passphrase?: string) =>
  createPrivateKey(pair.privateKey)
    .export({ type: format, format: 'pem', ...(passphrase && { cipher: 'aes-256-cbc', passphrase }) })
    .toString()

test('a generated pair is RSA with 2048 bits, its public key one line of base64', () => {
  expect(createPrivateKey(pair.privateKey).asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(pair.publicKey).toMatch(/^[A-Za-z0-9+/]+={0,2}$/)
  expect(pair.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}=$/)
})

describe('a pasted key', () => {
  test.for<[string, () => string, string?]>([
    ['in PKCS#8', () => pem('pkcs8')],
    ['in PKCS#1', () => pem('pkcs1')],
    ['with a passphrase', () => pem('pkcs8', 'secret'), 'secret'],
    ['in PKCS#1 with a passphrase, which has header lines', () => pem('pkcs1', 'secret'), 'secret'],
    ['in one line', () => pem('pkcs8').replaceAll('\n', ' ')],
    ['without any space', () => pem('pkcs8').replaceAll('\n', '')],
    ['with Windows line breaks', () => pem('pkcs8').replaceAll('\n', '\r\n')],
    ['with escaped line breaks', () => pem('pkcs8').replaceAll('\n', '\\n')],
    ['with text around it', () => `Bag Attributes\n  x: y\n${pem('pkcs8')}\nthanks`],
    ['with a passphrase that it does not need', () => pem('pkcs8'), 'unused'],
  ])('%s is read', ([, text, passphrase]) => {
    const read = readPrivateKey(text(), passphrase)
    expect(read).toMatchObject({ ok: true, fingerprint: pair.fingerprint })
    // The saved key can be opened in the way the driver does it.
    if (read.ok) expect(() => createPrivateKey({ key: read.privateKey, passphrase })).not.toThrow()
  })

  const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const short = () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
  test.for<[string, () => string, string | undefined, string, RegExp]>([
    ['nothing', () => '  ', undefined, 'privateKey', /Paste/],
    [
      'the public key',
      () => `-----BEGIN PUBLIC KEY-----\n${pair.publicKey}\n-----END PUBLIC KEY-----`,
      undefined,
      'privateKey',
      /public key/,
    ],
    ['an ssh line', () => 'ssh-rsa AAAA me@host', undefined, 'privateKey', /public key/],
    [
      'an OpenSSH key',
      () => '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----',
      undefined,
      'privateKey',
      /ssh-keygen/,
    ],
    [
      'a certificate',
      () => '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----',
      undefined,
      'privateKey',
      /certificate/,
    ],
    ['an elliptic curve key', () => ec().export(pkcs8).toString(), undefined, 'privateKey', /isn't an RSA key/],
    [
      'an older elliptic curve key',
      () => ec().export({ type: 'sec1', format: 'pem' }).toString(),
      undefined,
      'privateKey',
      /isn't an RSA key/,
    ],
    ['a short key', () => short().export(pkcs8).toString(), undefined, 'privateKey', /1024 bits/],
    ['a key without its end', () => pem('pkcs8').slice(0, 800), undefined, 'privateKey', /END line/],
    [
      'a key with a gap',
      () => pem('pkcs8').slice(0, 400) + pem('pkcs8').slice(500),
      undefined,
      'privateKey',
      /can't be read|END line|isn't a private key/,
    ],
    ['any other text', () => 'hello', undefined, 'privateKey', /BEGIN PRIVATE KEY/],
    ['an encrypted key alone', () => pem('pkcs8', 'secret'), undefined, 'passphrase', /Enter its passphrase/],
    ['a wrong passphrase', () => pem('pkcs8', 'secret'), 'wrong', 'passphrase', /does not open/],
    ['an older encrypted key alone', () => pem('pkcs1', 'secret'), undefined, 'passphrase', /Enter its passphrase/],
    ['a wrong passphrase of an older key', () => pem('pkcs1', 'secret'), 'wrong', 'passphrase', /does not open/],
  ])('%s is refused at its field', ([, text, passphrase, field, problem]) => {
    expect(readPrivateKey(text(), passphrase)).toEqual({ ok: false, field, problem: expect.stringMatching(problem) })
  })
})
