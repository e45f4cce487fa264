import { createHash, timingSafeEqual } from 'node:crypto'
import type { SetupResponse, SetupResult } from '#lib/api/spotify-app.ts'
import { recordAudit } from '#lib/audit.ts'
import { SPOTIFY_ACCOUNTS, settings, spotifyUrls } from '#lib/core/config.ts'
import { notFound, Refused } from '#lib/core/errors.ts'
import { readSecrets, saveSecrets } from '#lib/core/secrets.ts'
import type { AppCredentials } from '#lib/spotify/accounts.ts'
import { hasListeners } from './admins.ts'
import { type Check, formChecks, redirectUri, spotifyChecks } from './spotify-app-checks.ts'

/** What the request shows about who is opening /setup. */
export interface SetupVisitor {
  /** Only this machine can reach the instance. */
  loopback: boolean
  /** Signed in as an admin. */
  admin: { id: string } | null
  code: string | null
}

/**
 * Until someone signs up in real mode, /setup is open to visitors on this machine and to holders of the code printed at
 * start; afterwards to admins only.
 * @throws Refused 404, so that strangers learn nothing
 */
export async function requireSetupAccess({ loopback, admin, code }: SetupVisitor): Promise<void> {
  const { TRACKLAKE_SETUP_CODE } = settings()
  if ((await isSetUp()) ? admin : admin || loopback || matches(code, TRACKLAKE_SETUP_CODE)) return
  throw notFound()
}

/** Whether the visitor sees the form. Before the first real sign-up everyone does, and enters the code if one is required. */
export async function canSeeSetup({ admin }: SetupVisitor): Promise<boolean> {
  return admin !== null || !(await isSetUp())
}

async function isSetUp(): Promise<boolean> {
  return settings().TRACKLAKE_MODE === 'real' && (await hasListeners())
}

function matches(typed: string | null, expected: string | undefined): boolean {
  if (!typed || !expected) return false
  // timingSafeEqual needs equal lengths, and digests have them.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(typed), digest(expected))
}

/** What the page shows at first; never the secret. */
export function setupState(needsCode: boolean): SetupResponse {
  const { TRACKLAKE_MODE, SPOTIFY_CLIENT_ID } = settings()
  const real = TRACKLAKE_MODE === 'real'
  return {
    mode: TRACKLAKE_MODE,
    redirectUri: redirectUri(),
    clientId: real ? (SPOTIFY_CLIENT_ID ?? null) : null,
    secretSavedAt: null,
    needsCode,
  }
}

/** Checks id and secret with Spotify. With `save` they are stored, and the instance stays in real mode from then on. */
export async function setUp({ save, ...app }: AppCredentials & { save: boolean }): Promise<SetupResult> {
  const checks = [...settingConflicts(), ...formChecks(app)]
  if (checks.every(({ ok }) => ok)) checks.push(...(await spotifyChecks(realAccounts(), app)))
  const saved = save && checks.every(({ ok }) => ok)
  if (saved) await keep(app)
  return { checks, saved }
}

/** Settings win over the stored app, so storing another one would have no effect. */
function settingConflicts(): Check[] {
  if (!settings().TRACKLAKE_APP_FROM_SETTINGS) return []
  const remedy = 'Change the setting and restart, or remove it.'
  return [{ name: 'Where the app is set', ok: false, message: 'SPOTIFY_CLIENT_ID is set', remedy }]
}

/** The demo's simulated accounts service does not know real apps. */
function realAccounts(): string {
  const { SPOTIFY_ACCOUNTS_URL, TRACKLAKE_MODE } = settings()
  return TRACKLAKE_MODE === 'demo' ? SPOTIFY_ACCOUNTS : (SPOTIFY_ACCOUNTS_URL ?? spotifyUrls().accounts)
}

async function keep({ clientId, clientSecret }: AppCredentials): Promise<void> {
  const { DATA_DIR } = settings()
  const secrets = readSecrets(DATA_DIR)
  if (!secrets) {
    throw new Refused(
      409,
      'not-supervised',
      'This instance does not store secrets',
      'Set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET and restart.',
    )
  }
  saveSecrets(DATA_DIR, { ...secrets, mode: 'real', spotifyApp: { clientId, clientSecret } })
  await recordAudit(null, 'set the Spotify app', clientId)
}
