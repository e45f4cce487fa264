import type { Settings } from '#lib/core/config.ts'
import { isLoopback } from '#lib/core/loopback.ts'
import type { Secrets } from '#lib/core/secrets.ts'
import { keyRingOf, type Mode, usesEmbeddedEngine } from './mode.ts'

/** The environment variables for the supervisor's children: the settings, and what next-auth and Inngest read. */

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

/** The engine and the simulator use the ports next to the web app's unless they are set. */
export function choosePorts(settings: Settings, environment: Environment): Ports {
  const neighbor = (distance: number) =>
    settings.PORT + distance <= 65_535 ? settings.PORT + distance : settings.PORT - distance
  return {
    web: settings.PORT,
    engine: environment.ENGINE_PORT ? settings.ENGINE_PORT : neighbor(1),
    simulator: settings.SIMULATOR_PORT ?? neighbor(2),
  }
}

/** The address to listen on. The name localhost could mean IPv4 or IPv6. */
export function listenAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host
}

/** The origin of the web app for processes on this machine. */
export function localOrigin(host: string, port: number): string {
  const allAddresses = host === '0.0.0.0' || host === '::'
  const address = allAddresses || host === 'localhost' ? '127.0.0.1' : host
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

/** The environment of the embedded engine, without secrets: it reads no sealed data and never talks to Spotify. */
export function engineEnvironment(handover: Handover, inherited: Environment): NodeJS.ProcessEnv {
  return {
    ...shared(handover, withoutSecrets(inherited)),
    ...engineKeys(handover, inherited),
    DATABASE_URL: handover.databaseUrl,
  }
}

/** The environment of the simulated Spotify, without secrets except for its own app. */
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
    // 1 would turn off the verification of signatures. Set explicitly, because Next reads .env for missing variables.
    INNGEST_DEV: '0',
  }
}

function engineKeys({ settings, secrets, ports }: Handover, inherited: Environment): Environment {
  if (!usesEmbeddedEngine(settings)) {
    return {
      INNGEST_BASE_URL: settings.INNGEST_BASE_URL,
      // Inngest doesn't support NAME_FILE, so the contents of those files are passed on.
      INNGEST_EVENT_KEY: settings.INNGEST_EVENT_KEY,
      INNGEST_SIGNING_KEY: settings.INNGEST_SIGNING_KEY,
      // In a network of containers, it differs from the browsers' origin.
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
  // Not a secret, but useless without SMTP_URL.
  'SMTP_FROM',
  'METRICS_TOKEN',
]

function withoutSecrets(environment: Environment): Environment {
  const names = new Set(SECRET_NAMES.flatMap((name) => [name, `${name}_FILE`]))
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.has(name)))
}
