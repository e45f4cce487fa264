import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { settings } from './config.ts'
import { Stop } from './errors.ts'
import type { SealedPlace } from './sealed-columns.ts'

const IV_BYTES = 12
const TAG_BYTES = 16

/** Keys by their id; the first one seals. */
export type KeyRing = ReadonlyMap<string, Buffer>

/** @param ring as in TRACKLAKE_KEY: `id:base64,…` */
export function parseKeyRing(ring: string): KeyRing {
  return new Map(
    ring
      .split(',')
      .filter(Boolean)
      .map((entry) => {
        const [id = '', key = ''] = entry.split(/:(.*)/s)
        return [id, Buffer.from(key, 'base64')]
      }),
  )
}

/** The ring of this process. */
export function ownKeyRing(): KeyRing {
  return parseKeyRing(settings().TRACKLAKE_KEY ?? '')
}

function additionalData({ table, row, column }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([table, row, column]))
}

/** Seals a secret with AES-256-GCM under the first key of the ring: `seal.<key id>.<base64url of iv, tag, text>`. */
export function seal(secret: string, place: SealedPlace, ring: KeyRing = ownKeyRing()): string {
  const [first] = ring
  if (!first)
    throw new Stop('There is no key to encrypt secrets with', { remedy: 'Set TRACKLAKE_KEY or start with npm start.' })
  const [id, key] = first
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(additionalData(place))
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return `seal.${id}.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`
}

/** @throws Stop when the key is unknown or the text was sealed for another place */
export function unseal(sealed: string, place: SealedPlace, ring: KeyRing = ownKeyRing()): string {
  const [, id = '', body = ''] = sealed.split('.')
  const key = ring.get(id)
  if (!key) {
    throw new Stop(`A secret is encrypted with the key "${id}", which this instance doesn't have`, {
      remedy: 'Put the key back into TRACKLAKE_KEY or secrets.json.',
      context: { ...place },
    })
  }
  const bytes = Buffer.from(body, 'base64url')
  const opener = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
    .setAAD(additionalData(place))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    return Buffer.concat([opener.update(bytes.subarray(IV_BYTES + TAG_BYTES)), opener.final()]).toString('utf8')
  } catch (cause) {
    throw new Stop('An encrypted secret was tampered with or belongs to another row', {
      remedy: 'Reconnect Spotify, which stores the secret again.',
      cause,
      context: { ...place },
    })
  }
}
