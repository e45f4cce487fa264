import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const LEAST_BITS = 2048

/** A key pair as Snowflake wants it. */
export interface KeyPair {
  /** PEM, PKCS#8, without a passphrase. */
  privateKey: string
  /** Base64 of the public half in one line, without BEGIN and END. */
  publicKey: string
  /** As DESC USER shows it. */
  fingerprint: string
}

/** A pasted private key, put in order; or what is wrong with which field. */
export type ReadKey =
  | { ok: true; privateKey: string; fingerprint: string }
  | { ok: false; field: 'privateKey' | 'passphrase'; problem: string }

/** Makes an RSA key of 2048 bits; longer ones only make every sign-in slower. */
export async function makeKeyPair(): Promise<KeyPair> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: LEAST_BITS })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicHalf(privateKey).toString('base64'),
    fingerprint: fingerprintOf(privateKey),
  }
}

/**
 * Reads a private key as people paste it: with line breaks lost or of another system, in PKCS#8 or PKCS#1, with or
 * without a passphrase.
 */
export function readPrivateKey(pem: string, passphrase?: string): ReadKey {
  const repaired = repair(pem)
  if (!repaired) return wrong('privateKey', problemOf(pem))
  const encrypted = /ENCRYPTED/.test(repaired)
  if (encrypted && !passphrase) return wrong('passphrase', 'This key is encrypted. Type its passphrase too.')
  let key: KeyObject
  try {
    key = createPrivateKey({ key: repaired, ...(encrypted && { passphrase }) })
  } catch {
    // One wrong passphrase in 256 seems to fit at first, and then opens rubbish: the error does not tell which it was.
    return encrypted
      ? wrong('passphrase', 'The passphrase does not open this key, or the key was not copied whole.')
      : wrong('privateKey', 'The key cannot be read: a part of it is missing or changed. Copy the whole file again.')
  }
  if (key.asymmetricKeyType !== 'rsa')
    return wrong('privateKey', 'This is no RSA key. Snowflake takes RSA keys only: openssl genrsa 2048')
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < LEAST_BITS)
    return wrong('privateKey', `This key has ${bits} bits. Snowflake wants at least ${LEAST_BITS}: openssl genrsa 2048`)
  return { ok: true, privateKey: repaired, fingerprint: fingerprintOf(key) }
}

const PEM = /-----BEGIN ((?:ENCRYPTED |RSA )?PRIVATE KEY)-----([\s\S]+?)-----END \1-----/

/** Line breaks where the format wants them: a form field, a shell or a chat loses or doubles them. */
function repair(pasted: string): string | undefined {
  const pem = PEM.exec(pasted.replaceAll('\\n', '\n').replaceAll('\r', '\n'))
  if (!pem) return undefined
  const [, kind = '', inside = ''] = pem
  // PKCS#1 keys with a passphrase carry two header lines, parted by an empty one from the base64.
  const headers = inside.match(/^\s*((?:[A-Za-z-]+: [^\n]+\n)+)/)?.[1] ?? ''
  const base64 = inside.slice(inside.indexOf(headers) + headers.length).replaceAll(/\s+/g, '')
  const lines = base64.match(/.{1,64}/g) ?? []
  return `-----BEGIN ${kind}-----\n${headers && `${headers.trim()}\n\n`}${lines.join('\n')}\n-----END ${kind}-----\n`
}

function problemOf(pasted: string): string {
  if (pasted.trim() === '') return 'Paste the private key.'
  if (/BEGIN (RSA )?PUBLIC KEY|^ssh-/m.test(pasted))
    return 'This is the public half, which belongs into Snowflake. Paste the private key (rsa_key.p8).'
  if (/BEGIN CERTIFICATE/.test(pasted)) return 'This is a certificate. Paste the private key (rsa_key.p8).'
  if (/OPENSSH PRIVATE KEY/.test(pasted))
    return 'This key is in the format of OpenSSH. Turn it into PEM: ssh-keygen -p -m PEM -f <file>'
  if (/EC PRIVATE KEY/.test(pasted)) return 'This is no RSA key. Snowflake takes RSA keys only: openssl genrsa 2048'
  if (/BEGIN [A-Z ]*PRIVATE KEY/.test(pasted)) return 'The end of the key is missing. Copy it with its END line.'
  return 'This is no private key in PEM: it starts with -----BEGIN PRIVATE KEY----- or -----BEGIN ENCRYPTED PRIVATE KEY-----'
}

function wrong(field: 'privateKey' | 'passphrase', problem: string): ReadKey {
  return { ok: false, field, problem }
}

function publicHalf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

function fingerprintOf(key: KeyObject): string {
  return `SHA256:${createHash('sha256').update(publicHalf(key)).digest('base64')}`
}
