import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Stop } from './errors.ts'
import { decodeText, trimText } from './text-file.ts'

/** Secrets that an instance generates or gets once and must never lose: DATA_DIR/secrets.json, readable by its owner only. */

const SpotifyApp = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) })

const Secrets = z.object({
  /** `real` permanently once there is a Spotify app: such an instance never shows the demo again. */
  mode: z.enum(['demo', 'real']),
  /** As TRACKLAKE_KEY: `id:base64,…`; the first key encrypts. */
  keyRing: z.string().min(1),
  sessionSecret: z.string().min(1),
  eventKey: z.string().regex(/^[0-9a-f]{64}$/),
  signingKey: z.string().regex(/^[0-9a-f]{64}$/), // every Inngest server accepts plain hex of even length
  /** The app that the simulated Spotify knows. */
  demoApp: SpotifyApp,
  /** The operator's app, as entered on /setup. */
  spotifyApp: SpotifyApp.optional(),
})

export type Secrets = z.infer<typeof Secrets>
export type SpotifyApp = z.infer<typeof SpotifyApp>

/** No real client id starts like this, because Spotify's are hexadecimal. */
export const DEMO_CLIENT_PREFIX = 'demo-'

/** New secrets for a new instance, not stored yet. */
export function newSecrets(): Secrets {
  return {
    mode: 'demo',
    // A random id, so that a key generated after a loss is never mistaken for the lost one.
    keyRing: `k${hex(4)}:${randomBytes(32).toString('base64')}`,
    sessionSecret: hex(32),
    eventKey: hex(32),
    signingKey: hex(32),
    demoApp: { clientId: `${DEMO_CLIENT_PREFIX}${hex(14)}`, clientSecret: hex(16) },
  }
}

/**
 * The stored secrets; undefined on a new instance.
 * @throws Stop when the file exists but is not valid
 */
export function readSecrets(dataFolder: string): Secrets | undefined {
  const file = join(dataFolder, 'secrets.json')
  try {
    return Secrets.parse(JSON.parse(trimText(decodeText(readFileSync(file)))))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new Stop(`${file} cannot be read or is damaged.`, {
      cause,
      remedy: 'Restore it from a backup: without its key the stored Spotify consents cannot be decrypted.',
    })
  }
}

/** Stores the secrets so that a crash leaves either the complete old or the complete new file. */
export function saveSecrets(dataFolder: string, secrets: Secrets): void {
  const file = join(dataFolder, 'secrets.json')
  const draft = `${file}.new`
  const handle = openSync(draft, 'w', 0o600)
  try {
    chmodSync(draft, 0o600) // a draft left by a crash keeps its old mode
    writeSync(handle, `${JSON.stringify(secrets, undefined, 2)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(draft, file)
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
