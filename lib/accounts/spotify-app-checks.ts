import type { AppCheck } from '#lib/api/shapes.ts'
import { AppCredentialRules } from '#lib/api/spotify-app.ts'
import { appUrl } from '#lib/core/config.ts'
import { Failure, Stop } from '#lib/core/errors.ts'
import { type AppCredentials, checkAuthorize, exchangeCode } from '#lib/spotify/accounts.ts'

/** Checks of a Spotify app that someone enters, each with a remedy. */

export type Check = AppCheck

const DASHBOARD = 'developer.spotify.com/dashboard, your app, Settings'

/** The redirect URI that must be registered with the Spotify app, exactly as returned. */
export function redirectUri(): string {
  return `${appUrl()}/api/auth/callback/spotify`
}

/** Checks the format of id and secret, and whether Spotify accepts our redirect URI at all. Sends no request. */
export function formChecks(app: AppCredentials): Check[] {
  const issues = AppCredentialRules.safeParse(app).error?.issues ?? []
  const form = (name: string, field: keyof AppCredentials): Check => {
    const message = issues.find(({ path }) => path[0] === field)?.message
    return {
      name,
      field,
      ok: !message,
      message: message ?? 'Has the right format',
      remedy: message ? `Copy it again from ${DASHBOARD}.` : null,
    }
  }
  return [form('Client ID', 'clientId'), form('Client secret', 'clientSecret'), address()]
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

/** Checks id and secret with Spotify, then whether our redirect URI is registered. */
export async function spotifyChecks(accounts: string, app: AppCredentials): Promise<Check[]> {
  const accepted = await checkCredentials(accounts, app)
  return accepted.ok ? [accepted, await checkRedirectUri(accounts, app)] : [accepted]
}

/** Spotify reveals whether id and secret match by how it refuses an invalid code. */
async function checkCredentials(accounts: string, app: AppCredentials): Promise<Check> {
  const name = 'Spotify accepts ID and secret'
  try {
    await exchangeCode(accounts, app, {
      code: 'not-a-valid-code',
      redirectUri: redirectUri(),
      verifier: 'v'.repeat(43),
    })
  } catch (error) {
    if (error instanceof Stop && error.context.kind === 'wrong-secret') return { name, ok: false, ...mistake(error) }
    // Any other failure, a rate limit for example, says nothing about the app.
    if (error instanceof Failure && error.recovery !== 'reconnect')
      return { name, ok: false, message: error.message, remedy: 'Wait a minute and check again.' }
  }
  return { name, ok: true, message: 'They match', remedy: null }
}

function mistake({ context }: Stop): Pick<Check, 'field' | 'message' | 'remedy'> {
  return /secret/i.test(String(context.spotifyMessage))
    ? {
        field: 'clientSecret',
        message: 'This is not the secret of that client ID',
        remedy: `Press "View client secret" under ${DASHBOARD}, and copy it again.`,
      }
    : {
        field: 'clientId',
        message: 'No Spotify app has this client ID and secret',
        remedy: `Copy both again from ${DASHBOARD}. A deleted app no longer works.`,
      }
}

async function checkRedirectUri(accounts: string, { clientId }: AppCredentials): Promise<Check> {
  const name = 'Redirect URI is registered'
  const uri = redirectUri()
  const reply = await checkAuthorize(accounts, { clientId, redirectUri: uri }).catch(() => null)
  if (reply === null)
    return { name, ok: false, message: 'Spotify did not respond', remedy: 'Wait a minute and check again.' }
  if (/redirect uri/i.test(reply)) {
    return {
      name,
      ok: false,
      message: `${uri} is not registered with the app`,
      remedy: `Open ${DASHBOARD}, Edit, add exactly this redirect URI, and save.`,
    }
  }
  return {
    name,
    ok: true,
    message: reply === '' ? 'Spotify redirects to this address' : 'Spotify accepts it',
    remedy: null,
  }
}
