import { createHash, timingSafeEqual } from 'node:crypto'
import type { SetupResponse, SetupResult } from '#lib/api/spotify-app.ts'
import { audit } from '#lib/audit.ts'
import { SPOTIFY_ACCOUNTS, settings, spotifyUrls } from '#lib/core/config.ts'
import { Refused } from '#lib/core/errors.ts'
import { readSecrets, saveSecrets } from '#lib/core/secrets.ts'
import { hasListeners } from './admins.ts'
import { type Check, formChecks, redirectUri, spotifyChecks } from './spotify-app-checks.ts'

/** Who asks for /setup, as far as the request tells. */
export interface SetupVisitor {
  /** Nobody but this machine reaches the instance. */
  loopback: boolean
  /** Signed in as an admin. */
  admin: { id: string } | null
  code: string | null
}

/**
 * Lets in: whoever sits at this machine or holds the code printed at start, while nobody has signed up for real;
 * afterwards admins only.
 * @throws Refused 404, so that a stranger learns nothing
 */
export async function admitToSetup({ loopback, admin, code }: SetupVisitor): Promise<void> {
  const { TRACKLAKE_SETUP_CODE } = settings()
  if ((await isSettled()) ? admin : admin || loopback || matches(code, TRACKLAKE_SETUP_CODE)) return
  throw new Refused(404, 'not-found', 'There is nothing here', 'Check the address.')
}

/** Whether the visitor sees the form: while nothing is settled everybody does, and whoever needs the code types it there. */
export async function seesSetup({ admin }: SetupVisitor): Promise<boolean> {
  return admin !== null || !(await isSettled())
}

async function isSettled(): Promise<boolean> {
  return settings().TRACKLAKE_MODE === 'real' && (await hasListeners())
}

function matches(given: string | null, wanted: string | undefined): boolean {
  if (!given || !wanted) return false
  // Digests have one length, whatever was typed.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

/** What the page shows before anything is typed; never the secret. */
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

/** Checks id and secret with Spotify; with `save` they are kept, and the instance becomes real for good. */
export async function setUp({
  clientId,
  clientSecret,
  save,
}: {
  clientId: string
  clientSecret: string
  save: boolean
}): Promise<SetupResult> {
  const app = { clientId, clientSecret }
  const checks = [...changeable(), ...formChecks(app)]
  if (checks.every(({ ok }) => ok)) checks.push(...(await spotifyChecks(realAccounts(), app)))
  const saved = save && checks.every(({ ok }) => ok)
  if (saved) await keep(app)
  return { checks, saved }
}

/** The settings win over what is stored, so that storing another app would change nothing. */
function changeable(): Check[] {
  if (!settings().TRACKLAKE_APP_FROM_SETTINGS) return []
  const remedy = 'Change it there, in the settings, and start again; or leave it out.'
  return [{ name: 'Place of the app', ok: false, message: 'SPOTIFY_CLIENT_ID is set', remedy }]
}

/** The demo's own accounts service knows nothing of real apps. */
function realAccounts(): string {
  const { SPOTIFY_ACCOUNTS_URL, TRACKLAKE_MODE } = settings()
  return TRACKLAKE_MODE === 'demo' ? SPOTIFY_ACCOUNTS : (SPOTIFY_ACCOUNTS_URL ?? spotifyUrls().accounts)
}

async function keep(app: { clientId: string; clientSecret: string }): Promise<void> {
  const { DATA_DIR } = settings()
  const secrets = readSecrets(DATA_DIR)
  if (!secrets) {
    throw new Refused(
      409,
      'not-supervised',
      'This instance keeps no secrets of its own',
      'Set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET and start again.',
    )
  }
  saveSecrets(DATA_DIR, { ...secrets, mode: 'real', spotifyApp: app })
  await audit(null, 'set the Spotify app', app.clientId)
}
