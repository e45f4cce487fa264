import type { Settings } from '#lib/core/config.ts'
import { isLoopback } from '#lib/core/loopback.ts'
import type { Secrets } from '#lib/core/secrets.ts'
import { keyRingOf, type Mode, usesEmbeddedEngine } from './mode.ts'

/** What the supervisor hands to its children: everything that lib/core/config.ts reads, and what next-auth and Inngest read. */

type Environment = Record<string, string | undefined>

export interface Handover {
  settings: Settings
  secrets: Secrets
  mode: Mode
  dataFolder: string
  databaseUrl: string
  bootId: string
  setupCode?: string
  development: boolean
  ports: Ports
}

export interface Ports {
  web: number
  engine: number
  simulator: number
}

/** The engine and the simulator take the ports beside the web app's, unless they are given. */
export function choosePorts(settings: Settings, environment: Environment): Ports {
  const beside = (distance: number) =>
    settings.PORT + distance <= 65_535 ? settings.PORT + distance : settings.PORT - distance
  return {
    web: settings.PORT,
    engine: environment.ENGINE_PORT ? settings.ENGINE_PORT : beside(1),
    simulator: settings.SIMULATOR_PORT ?? beside(2),
  }
}

/** The address of HOST that a socket listens on; the name localhost may mean either of two. */
export function listenAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host
}

/** Where processes of this machine reach the web app. */
export function localOrigin(host: string, port: number): string {
  const everywhere = host === '0.0.0.0' || host === '::'
  const address = everywhere || host === 'localhost' ? '127.0.0.1' : host
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** The environment of the web process. */
export function webEnvironment(handover: Handover, inherited: Environment): NodeJS.ProcessEnv {
  const { settings, secrets, mode, databaseUrl, setupCode } = handover
  return {
    ...shared(handover, inherited),
    ...engineKeys(handover, inherited),
    APP_URL: publicOrigin(settings),
    NEXTAUTH_URL: publicOrigin(settings),
    NEXTAUTH_SECRET: settings.NEXTAUTH_SECRET || secrets.sessionSecret,
    DATABASE_URL: databaseUrl,
    TRACKLAKE_KEY: keyRingOf(settings, secrets),
    SPOTIFY_CLIENT_ID: mode.app?.clientId,
    TRACKLAKE_APP_FROM_SETTINGS: settings.SPOTIFY_CLIENT_ID ? '1' : '0',
    SPOTIFY_CLIENT_SECRET: mode.app?.clientSecret,
    ...(mode.name === 'demo' ? simulatedSpotify(handover.ports) : {}),
    TRACKLAKE_SETUP_CODE: setupCode,
  }
}

/** The environment of the embedded engine: it opens nothing that is sealed and never talks to Spotify. */
export function engineEnvironment(handover: Handover, inherited: Environment): NodeJS.ProcessEnv {
  return {
    ...shared(handover, withoutSecrets(inherited)),
    ...engineKeys(handover, inherited),
    DATABASE_URL: handover.databaseUrl,
  }
}

/** The environment of the simulated Spotify: it knows its one app and nothing of ours. */
export function simulatorEnvironment(handover: Handover, inherited: Environment): NodeJS.ProcessEnv {
  const { demoApp } = handover.secrets
  return {
    ...shared(handover, withoutSecrets(inherited)),
    SPOTIFY_CLIENT_ID: demoApp.clientId,
    SPOTIFY_CLIENT_SECRET: demoApp.clientSecret,
  }
}

/** The origin that browsers use. */
export function publicOrigin({ APP_URL, PORT, HOST }: Settings): string {
  return APP_URL ?? localOrigin(isLoopback(HOST) ? '127.0.0.1' : HOST, PORT)
}

function shared(handover: Handover, inherited: Environment): NodeJS.ProcessEnv {
  const { settings, mode, dataFolder, bootId, development, ports } = handover
  return {
    ...inherited,
    NODE_ENV: development ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    PORT: String(ports.web),
    HOST: settings.HOST,
    DATA_DIR: dataFolder,
    ENGINE_PORT: String(ports.engine),
    SIMULATOR_PORT: String(ports.simulator),
    TRACKLAKE_MODE: mode.name,
    TRACKLAKE_BOOT_ID: bootId,
    TRACKLAKE_DEVELOPMENT: development ? '1' : '0',
    TRACKLAKE_SUPERVISED: '1',
    // 1 would switch the checks of signatures off. Left out would not do: Next reads .env again and sets what is missing.
    INNGEST_DEV: '0',
  }
}

function engineKeys({ settings, secrets, ports }: Handover, inherited: Environment): Environment {
  if (!usesEmbeddedEngine(settings)) {
    return {
      INNGEST_BASE_URL: settings.INNGEST_BASE_URL,
      // Inngest itself knows no NAME_FILE, so what those files hold is handed over.
      INNGEST_EVENT_KEY: settings.INNGEST_EVENT_KEY,
      INNGEST_SIGNING_KEY: settings.INNGEST_SIGNING_KEY,
      // In a network of containers it is another one than the browsers'.
      INNGEST_SERVE_ORIGIN: inherited.INNGEST_SERVE_ORIGIN ? settings.INNGEST_SERVE_ORIGIN : publicOrigin(settings),
      INNGEST_ENABLE_UNAUTHED_SYNC: 'false',
    }
  }
  return {
    INNGEST_BASE_URL: `http://127.0.0.1:${ports.engine}`,
    INNGEST_EVENT_KEY: secrets.eventKey,
    INNGEST_SIGNING_KEY: secrets.signingKey,
    INNGEST_SERVE_ORIGIN: localOrigin(settings.HOST, ports.web),
    INNGEST_ENABLE_UNAUTHED_SYNC: 'false',
  }
}

function simulatedSpotify({ simulator }: Ports): Record<string, string> {
  const origin = `http://127.0.0.1:${simulator}`
  return { SPOTIFY_ACCOUNTS_URL: origin, SPOTIFY_API_URL: `${origin}/v1` }
}

const SECRET_NAMES = [
  'DATABASE_URL',
  'TRACKLAKE_KEY',
  'SPOTIFY_CLIENT_SECRET',
  'NEXTAUTH_SECRET',
  'INNGEST_SIGNING_KEY',
  'SMTP_URL',
  // No secret, but it means nothing without the server.
  'SMTP_FROM',
  'METRICS_TOKEN',
]

function withoutSecrets(environment: Environment): Environment {
  const names = new Set(SECRET_NAMES.flatMap((name) => [name, `${name}_FILE`]))
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.has(name)))
}
