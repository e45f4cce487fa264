import { createHash, timingSafeEqual } from 'node:crypto'
import type { SetupAnswer, SetupCheckAnswer } from '../answers.ts'
import { appUrl, SPOTIFY_ACCOUNTS, settings, spotifyUrls } from '../config.ts'
import { Failure, Refused, Stop } from '../errors.ts'
import { readSecrets, saveSecrets } from '../secrets.ts'
import { exchangeCode } from '../sources/spotify/accounts.ts'
import { audit } from './audit.ts'
import { hasListeners } from './first-admin.ts'

/** Who asks for /setup, as far as the request tells. */
export interface SetupVisitor {
  /** Nobody but this machine reaches the instance. */
  loopback: boolean
  /** Signed in as an admin. */
  admin: { id: string } | null
  code: string | null
}

/** Spotify's client ids and secrets are 32 hexadecimal digits. */
const CREDENTIAL = /^[0-9a-f]{32}$/i

/** The address that has to be registered with the Spotify app, to the letter. */
function redirectUri(): string {
  return `${appUrl()}/api/auth/callback/spotify`
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
export function setupState(needsCode: boolean): SetupAnswer {
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
}): Promise<SetupCheckAnswer> {
  const checks = [...changeable(), form('Client ID', clientId), form('Client secret', clientSecret), address()]
  if (checks.every(({ ok }) => ok)) checks.push(await askSpotify({ clientId, clientSecret }))
  const saved = save && checks.every(({ ok }) => ok)
  if (saved) await keep({ clientId, clientSecret })
  return { checks, saved }
}

type Check = SetupCheckAnswer['checks'][number]

/** The settings win over what is stored, so that storing another app would change nothing. */
function changeable(): Check[] {
  if (!settings().TRACKLAKE_APP_FROM_SETTINGS) return []
  const remedy = 'Change it there, in the settings, and start again; or leave it out.'
  return [{ name: 'Place of the app', ok: false, message: 'SPOTIFY_CLIENT_ID is set', remedy }]
}

function form(name: string, value: string): Check {
  const ok = CREDENTIAL.test(value)
  return {
    name,
    ok,
    message: ok ? 'Has the right form' : 'Is not 32 characters of 0-9 and a-f',
    remedy: ok ? null : 'Copy it again from developer.spotify.com/dashboard, your app, Settings.',
  }
}

function address(): Check {
  const uri = redirectUri()
  const { protocol, hostname } = new URL(uri)
  const ok = protocol === 'https:' || hostname === '127.0.0.1' || hostname === '[::1]'
  return {
    name: 'Redirect URI',
    ok,
    message: ok ? `Register exactly ${uri}` : `Spotify refuses ${uri}`,
    remedy: ok ? null : 'Set APP_URL to an https address, or use http://127.0.0.1.',
  }
}

/** Spotify tells whether id and secret belong together by how it refuses a code that nobody has. */
async function askSpotify(app: { clientId: string; clientSecret: string }): Promise<Check> {
  const name = 'Spotify accepts id and secret'
  const { SPOTIFY_ACCOUNTS_URL, TRACKLAKE_MODE } = settings()
  // The demo's own accounts service knows nothing of real apps.
  const accounts = TRACKLAKE_MODE === 'demo' ? SPOTIFY_ACCOUNTS : (SPOTIFY_ACCOUNTS_URL ?? spotifyUrls().accounts)
  try {
    await exchangeCode(accounts, app, {
      code: 'a-code-that-nobody-has',
      redirectUri: redirectUri(),
      verifier: 'v'.repeat(43),
    })
  } catch (thrown) {
    if (thrown instanceof Stop && thrown.context.kind === 'wrong-secret')
      return { name, ok: false, message: thrown.message, remedy: thrown.remedy }
    if (thrown instanceof Failure && thrown.recovery === 'retry')
      return { name, ok: false, message: thrown.message, remedy: thrown.remedy }
  }
  return { name, ok: true, message: 'They belong together', remedy: null }
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
