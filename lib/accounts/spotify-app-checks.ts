import type { AppCheck } from '#lib/api/shapes.ts'
import { AppCredentialRules } from '#lib/api/spotify-app.ts'
import { appUrl } from '#lib/core/config.ts'
import { Failure, Stop } from '#lib/core/errors.ts'
import { type AppCredentials, askAuthorize, exchangeCode } from '#lib/spotify/accounts.ts'

/** What may be wrong with a Spotify app that somebody enters, each with its remedy. */

export type Check = AppCheck

const DASHBOARD = 'developer.spotify.com/dashboard, your app, Settings'

/** The address that has to be registered with the Spotify app, to the letter. */
export function redirectUri(): string {
  return `${appUrl()}/api/auth/callback/spotify`
}

/** The form of id and secret, and whether Spotify takes our address at all; nobody is asked. */
export function formChecks(app: AppCredentials): Check[] {
  const issues = AppCredentialRules.safeParse(app).error?.issues ?? []
  const form = (name: string, field: keyof AppCredentials): Check => {
    const message = issues.find(({ path }) => path[0] === field)?.message
    return {
      name,
      field,
      ok: !message,
      message: message ?? 'Has the right form',
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

/** Asks Spotify about id and secret, and then whether our address is registered. */
export async function spotifyChecks(accounts: string, app: AppCredentials): Promise<Check[]> {
  const accepted = await askForTokens(accounts, app)
  return accepted.ok ? [accepted, await askForConsent(accounts, app)] : [accepted]
}

/** Spotify tells whether id and secret belong together by how it refuses a code that nobody has. */
async function askForTokens(accounts: string, app: AppCredentials): Promise<Check> {
  const name = 'Spotify accepts id and secret'
  try {
    await exchangeCode(accounts, app, {
      code: 'a-code-that-nobody-has',
      redirectUri: redirectUri(),
      verifier: 'v'.repeat(43),
    })
  } catch (thrown) {
    if (thrown instanceof Stop && thrown.context.kind === 'wrong-secret') return { name, ok: false, ...mistake(thrown) }
    // Anything but a word on the code, a pause that is asked for included, says nothing of the app.
    if (thrown instanceof Failure && thrown.recovery !== 'reconnect')
      return { name, ok: false, message: thrown.message, remedy: 'Wait a minute and check again.' }
  }
  return { name, ok: true, message: 'They belong together', remedy: null }
}

function mistake({ context }: Stop): Pick<Check, 'field' | 'message' | 'remedy'> {
  return /secret/i.test(String(context.said))
    ? {
        field: 'clientSecret',
        message: 'Spotify knows the client ID, and this is not its secret',
        remedy: `Press "View client secret" under ${DASHBOARD}, and copy it again.`,
      }
    : {
        field: 'clientId',
        message: 'Spotify knows no app with this client ID and secret',
        remedy: `Copy both again from ${DASHBOARD}; an app that was deleted there is gone.`,
      }
}

async function askForConsent(accounts: string, { clientId }: AppCredentials): Promise<Check> {
  const name = 'The redirect URI is registered'
  const uri = redirectUri()
  const said = await askAuthorize(accounts, { clientId, redirectUri: uri }).catch(() => null)
  if (said === null)
    return { name, ok: false, message: 'Spotify did not answer', remedy: 'Wait a minute and check again.' }
  if (/redirect uri/i.test(said)) {
    return {
      name,
      ok: false,
      message: `Spotify says that ${uri} is not registered with the app`,
      remedy: `Under ${DASHBOARD}, Edit, add it as a redirect URI to the letter, and save.`,
    }
  }
  return {
    name,
    ok: true,
    message: said === '' ? 'Spotify sends you back to this address' : 'Spotify says nothing against it',
    remedy: null,
  }
}
