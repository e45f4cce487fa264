import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const MIN_BITS = 2048

/** A key pair in the form that Snowflake expects. */
export interface KeyPair {
  /** PEM, PKCS#8, without a passphrase. */
  privateKey: string
  /** Base64 of the public key in one line, without BEGIN and END. */
  publicKey: string
  /** As DESC USER shows it. */
  fingerprint: string
}

/** A pasted private key in canonical form, or what is wrong with which field. */
export type ReadKey =
  | { ok: true; privateKey: string; fingerprint: string }
  | { ok: false; field: 'privateKey' | 'passphrase'; problem: string }

/** Generates an RSA key of 2048 bits; longer ones only make every sign-in slower. */
export async function makeKeyPair(): Promise<KeyPair> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MIN_BITS })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKeyOf(privateKey).toString('base64'),
    fingerprint: fingerprintOf(privateKey),
  }
}

/**
 * Reads a private key as people paste it: with missing or foreign line breaks, in PKCS#8 or PKCS#1, with or without a
 * passphrase.
 */
export function readPrivateKey(pem: string, passphrase?: string): ReadKey {
  const repaired = repair(pem)
  if (!repaired) return invalid('privateKey', problemOf(pem))
  const encrypted = /ENCRYPTED/.test(repaired)
  if (encrypted && !passphrase) return invalid('passphrase', 'This key is encrypted. Enter its passphrase too.')
  let key: KeyObject
  try {
    key = createPrivateKey({ key: repaired, ...(encrypted && { passphrase }) })
  } catch {
    // One wrong passphrase in 256 seems to fit and then decrypts to garbage, so the error doesn't show which it was.
    return encrypted
      ? invalid('passphrase', 'The passphrase does not open this key, or the key was not copied completely.')
      : invalid('privateKey', "The key can't be read: part of it is missing or changed. Copy the whole file again.")
  }
  if (key.asymmetricKeyType !== 'rsa')
    return invalid('privateKey', "This isn't an RSA key. Snowflake only accepts RSA keys: openssl genrsa 2048")
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < MIN_BITS)
    return invalid(
      'privateKey',
      `This key has ${bits} bits. Snowflake requires at least ${MIN_BITS}: openssl genrsa 2048`,
    )
  return { ok: true, privateKey: repaired, fingerprint: fingerprintOf(key) }
}

const PEM = /-----BEGIN ((?:ENCRYPTED |RSA )?PRIVATE KEY)-----([\s\S]+?)-----END \1-----/

/** Restores the line breaks of the format, which form fields, shells and chats lose or double. */
function repair(pasted: string): string | undefined {
  const pem = PEM.exec(pasted.replaceAll('\\n', '\n').replaceAll('\r', '\n'))
  if (!pem) return undefined
  const [, kind = '', inside = ''] = pem
  // PKCS#1 keys with a passphrase have two header lines and an empty line before the base64.
  const headers = inside.match(/^\s*((?:[A-Za-z-]+: [^\n]+\n)+)/)?.[1] ?? ''
  const base64 = inside.slice(inside.indexOf(headers) + headers.length).replaceAll(/\s+/g, '')
  const lines = base64.match(/.{1,64}/g) ?? []
  return `-----BEGIN ${kind}-----\n${headers && `${headers.trim()}\n\n`}${lines.join('\n')}\n-----END ${kind}-----\n`
}

function problemOf(pasted: string): string {
  if (pasted.trim() === '') return 'Paste the private key.'
  if (/BEGIN (RSA )?PUBLIC KEY|^ssh-/m.test(pasted))
    return 'This is the public key, which belongs in Snowflake. Paste the private key (rsa_key.p8).'
  if (/BEGIN CERTIFICATE/.test(pasted)) return 'This is a certificate. Paste the private key (rsa_key.p8).'
  if (/OPENSSH PRIVATE KEY/.test(pasted))
    return 'This key is in OpenSSH format. Convert it to PEM: ssh-keygen -p -m PEM -f <file>'
  if (/EC PRIVATE KEY/.test(pasted))
    return "This isn't an RSA key. Snowflake only accepts RSA keys: openssl genrsa 2048"
  if (/BEGIN [A-Z ]*PRIVATE KEY/.test(pasted)) return 'The end of the key is missing. Copy it including its END line.'
  return "This isn't a private key in PEM format, which starts with -----BEGIN PRIVATE KEY----- or -----BEGIN ENCRYPTED PRIVATE KEY-----"
}

function invalid(field: 'privateKey' | 'passphrase', problem: string): ReadKey {
  return { ok: false, field, problem }
}

function publicKeyOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

function fingerprintOf(key: KeyObject): string {
  return `SHA256:${createHash('sha256').update(publicKeyOf(key)).digest('base64')}`
}
