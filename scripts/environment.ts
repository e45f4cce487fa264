import { join } from 'node:path'
import { type Settings, settingValues } from '#lib/core/config.ts'
import { isLoopback } from '#lib/core/loopback.ts'
import { proxyVariables } from '#lib/core/proxy.ts'
import type { Secrets } from '#lib/core/secrets.ts'
import { nodeEnvironment, pick, systemEnvironment } from './inherited.mjs'
import { keyRingOf, type Mode, usesEmbeddedEngine } from './mode.ts'

/**
 * The environment of the supervisor's children. Each only gets what any program needs (inherited.mjs), its own
 * settings, and the variables that its packages read.
 */

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
    ...settingValues(inherited),
    ...shared(handover, inherited),
    ...pick(inherited, [...READ_BY_PACKAGES, ...READ_BY_AWS]),
    ...proxyVariables(settings),
    ...where(handover),
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

/** The environment of the embedded engine, without other secrets: it reads no sealed data and never talks to Spotify. */
export function engineEnvironment(handover: Handover, inherited: Environment): NodeJS.ProcessEnv {
  return {
    ...shared(handover, inherited),
    ...pick(settingValues(inherited), READ_BY_ENGINE),
    ...where(handover),
    ...engineKeys(handover, inherited),
    DATABASE_URL: handover.databaseUrl,
  }
}

/** The environment of the simulated Spotify, without secrets except for its own app. */
export function simulatorEnvironment(handover: Handover, inherited: Environment): NodeJS.ProcessEnv {
  const { demoApp } = handover.secrets
  return {
    ...shared(handover, inherited),
    ...pick(inherited, READ_BY_SIMULATOR),
    ...where(handover),
    SPOTIFY_CLIENT_ID: demoApp.clientId,
    SPOTIFY_CLIENT_SECRET: demoApp.clientSecret,
  }
}

/** The origin that browsers use. */
export function publicOrigin({ APP_URL, PORT, HOST }: Settings): string {
  return APP_URL ?? localOrigin(isLoopback(HOST) ? '127.0.0.1' : HOST, PORT)
}

/** The environment of Postgres' programs. They must not see PG… variables, which change how they start. */
export function postgresEnvironment(inherited: Environment): NodeJS.ProcessEnv {
  return { ...systemEnvironment(inherited), LC_ALL: 'C', NODE_ENV: 'production' } // required by Next's types
}

/** Read by the Snowflake driver, which has no other way to set them. */
const READ_BY_PACKAGES = [
  'SNOWFLAKE_DISABLE_PLATFORM_DETECTION',
  'SNOWFLAKE_DISABLE_MINICORE',
  'SNOWFLAKE_CRL_ON_DISK_CACHE_DIR',
  'SF_TELEMETRY_DISABLE_CONNECTION_SHAPE',
  'SF_OCSP_RESPONSE_CACHE_DIR',
  'SF_OCSP_RESPONSE_CACHE_SERVER_ENABLED',
  'SF_OCSP_RESPONSE_CACHE_SERVER_URL',
  'SF_OCSP_RESPONDER_URL',
]

/** Read by the AWS SDK, to find the access key or role of this server. */
const READ_BY_AWS = [
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_EC2_METADATA_DISABLED',
]

/** Read by the Inngest SDK: the branch environment, and the previous key while one is replaced. */
const READ_BY_INNGEST = ['INNGEST_ENV', 'INNGEST_SIGNING_KEY_FALLBACK']

const READ_BY_ENGINE = ['ENGINE_BACKOFF_MS', 'POOL_SLOTS']

const READ_BY_SIMULATOR = [
  'SIMULATOR_SEED',
  'SIMULATOR_LATENCY_MS',
  'SIMULATOR_WINDOW_SECONDS',
  'SIMULATOR_WINDOW_REQUESTS',
  'SIMULATOR_ADMIN',
]

function shared({ mode, dataFolder, bootId, development }: Handover, inherited: Environment): NodeJS.ProcessEnv {
  return {
    ...nodeEnvironment(inherited, join(dataFolder, 'tmp')),
    NODE_ENV: development ? 'development' : 'production',
    TRACKLAKE_MODE: mode.name,
    TRACKLAKE_BOOT_ID: bootId,
    TRACKLAKE_DEVELOPMENT: development ? '1' : '0',
    TRACKLAKE_SUPERVISED: '1',
  }
}

/** Addresses, folders, and variables that turn off unwanted behavior of packages. */
function where({ settings, dataFolder, ports }: Handover): Environment {
  return {
    PORT: String(ports.web),
    HOST: settings.HOST,
    DATA_DIR: dataFolder,
    ENGINE_PORT: String(ports.engine),
    SIMULATOR_PORT: String(ports.simulator),
    NEXT_TELEMETRY_DISABLED: '1',
    // With glibc's default of eight arenas per core, unused memory stays in threads' arenas: 25 MB in an idle web
    // process.
    MALLOC_ARENA_MAX: '2',
    // glibc raises these two with the largest block freed so far, up to 32 and 64 MB, and then returns hardly any memory:
    // 40 MB in an idle web process.
    MALLOC_MMAP_THRESHOLD_: '65536',
    MALLOC_TRIM_THRESHOLD_: '65536',
    // Next would read .env itself, in its own way.
    __NEXT_PROCESSED_ENV: 'true',
    // 1 would turn off the verification of signatures.
    INNGEST_DEV: '0',
  }
}

function engineKeys({ settings, secrets, ports }: Handover, inherited: Environment): Environment {
  if (!usesEmbeddedEngine(settings)) {
    return {
      ...pick(inherited, READ_BY_INNGEST),
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
  return {
    SPOTIFY_ACCOUNTS_URL: origin,
    SPOTIFY_API_URL: `${origin}/v1`,
    // Also simulated: nothing of the demo leaves this machine.
    MUSICBRAINZ_URL: `${origin}/musicbrainz/ws/2`,
    MUSICBRAINZ_CONTACT: 'demo@example.com',
    MUSICBRAINZ_PACE_MS: '20',
  }
}
