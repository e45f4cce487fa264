import type { Settings } from '#lib/core/config.ts'
import { Stop } from '#lib/core/errors.ts'
import { isLocalOnly, isLoopback } from '#lib/core/loopback.ts'
import type { Secrets, SpotifyApp } from '#lib/core/secrets.ts'

/** Decides from settings and secrets whether an instance is the demo or real. */

export interface Mode {
  name: 'demo' | 'real'
  /** The Spotify app of the web process; undefined in a real instance until it is entered on /setup. */
  app?: SpotifyApp
}

/** @throws Stop when the settings contradict each other */
export function decideMode(settings: Settings, secrets: Secrets): Mode {
  const app = appOfSettings(settings) ?? secrets.spotifyApp
  if (app) return { name: 'real', app }
  if (secrets.mode === 'real' || settings.DEMO === false) return { name: 'real' }
  if (!isLocalOnly(settings) && settings.DEMO !== true) {
    const { HOST, APP_URL } = settings
    throw new Stop(
      `No Spotify app is set, so this would be the demo, and ${isLoopback(HOST) ? `APP_URL=${APP_URL}` : `HOST=${HOST}`} shows it to others.`,
      {
        remedy:
          'Set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET, or DEMO=0 to enter them on /setup, or DEMO=1 to show the demo.',
      },
    )
  }
  return { name: 'demo', app: secrets.demoApp }
}

function appOfSettings({ SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET }: Settings): SpotifyApp | undefined {
  if (!SPOTIFY_CLIENT_ID && !SPOTIFY_CLIENT_SECRET) return undefined
  if (!SPOTIFY_CLIENT_ID || !SPOTIFY_CLIENT_SECRET) {
    const [present, missing] = SPOTIFY_CLIENT_ID ? ['ID', 'SECRET'] : ['SECRET', 'ID']
    throw new Stop(`SPOTIFY_CLIENT_${present} is set but SPOTIFY_CLIENT_${missing} isn't.`, {
      remedy: 'Set both (see developer.spotify.com/dashboard) or neither.',
    })
  }
  return { clientId: SPOTIFY_CLIENT_ID, clientSecret: SPOTIFY_CLIENT_SECRET }
}

/** The key ring of an instance. An external database outlives DATA_DIR, so its key must not exist only there. */
export function keyRingOf(settings: Settings, secrets: Secrets): string {
  if (settings.TRACKLAKE_KEY) return settings.TRACKLAKE_KEY
  if (!settings.DATABASE_URL) return secrets.keyRing
  throw new Stop("DATABASE_URL is set but TRACKLAKE_KEY isn't.", {
    remedy: `Set TRACKLAKE_KEY to the key of this database or, for a new database, to the output of: node -p "'k1:' + require('crypto').randomBytes(32).toString('base64')"`,
  })
}

/** Whether the embedded engine runs. Inngest Cloud needs only its keys; a self-hosted Inngest also needs its address. */
export function usesEmbeddedEngine(settings: Settings): boolean {
  const { INNGEST_BASE_URL, INNGEST_EVENT_KEY, INNGEST_SIGNING_KEY } = settings
  if (!INNGEST_BASE_URL && !INNGEST_EVENT_KEY && !INNGEST_SIGNING_KEY) return true
  if (INNGEST_EVENT_KEY && INNGEST_SIGNING_KEY) return false
  throw new Stop('Inngest is only partly configured: INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY belong together.', {
    remedy: 'Set both (and INNGEST_BASE_URL for your own server), or none of the three for the embedded engine.',
  })
}
