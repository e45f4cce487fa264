import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Settings } from '#lib/core/config.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { readSecrets, type Secrets } from '#lib/core/secrets.ts'
import { claimFolder, isInUse } from '#scripts/data-folder.ts'
import { choosePorts, type Ports } from '#scripts/environment.ts'
import { decideMode, keyRingOf, type Mode } from '#scripts/mode.ts'
import { isServerRunning, runningServerUrl, startPostgres } from '#scripts/postgres.ts'
import { DATABASES } from '../app-database.ts'

/** What the checks share: the settings and the instance they inspect. */
export interface Situation {
  settings: Settings
  ports: Ports
  dataFolder: string
  /** Whether an instance runs on the folder. */
  isRunning: boolean
  /** @throws Stop when secrets.json is damaged */
  secrets(): Secrets | undefined
  /** @throws Stop when settings and secrets contradict each other */
  mode(): Mode
  /** @throws Stop */
  keyRing(): string | undefined
}

export function situationOf(settings: Settings, environment: NodeJS.ProcessEnv): Situation {
  const dataFolder = resolve(settings.DATA_DIR)
  const secrets = () => readSecrets(dataFolder)
  return {
    settings,
    ports: choosePorts(settings, environment),
    dataFolder,
    isRunning: isInUse(dataFolder),
    secrets,
    // Only a real instance loses data along with its secrets; the key ring check reports damaged ones.
    mode: () => decideMode(settings, readQuietly(secrets, { ...NO_SECRETS, mode: 'real' }) ?? NO_SECRETS),
    keyRing: () => keyRingOf(settings, secrets() ?? NO_SECRETS) || undefined,
  }
}

/** Before the first start there are none. */
const NO_SECRETS: Secrets = {
  mode: 'demo',
  keyRing: '',
  sessionSecret: '',
  eventKey: '',
  signingKey: '',
  demoApp: { clientId: '', clientSecret: '' },
}

const SECRET_SETTINGS = [
  'DATABASE_URL',
  'TRACKLAKE_KEY',
  'SPOTIFY_CLIENT_SECRET',
  'NEXTAUTH_SECRET',
  'INNGEST_EVENT_KEY',
  'INNGEST_SIGNING_KEY',
  'SMTP_URL',
  'METRICS_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
] as const satisfies (keyof Settings)[]

/** Everything that must not be printed. */
export function secretValues({ settings, secrets }: Situation): string[] {
  const stored = readQuietly(secrets, undefined)
  const values = [
    ...SECRET_SETTINGS.map((name) => settings[name]),
    ...passwordsIn(settings.DATABASE_URL),
    ...[settings.SMTP_URL, settings.HTTP_PROXY, settings.HTTPS_PROXY].flatMap(passwordsIn),
    stored?.keyRing,
    stored?.sessionSecret,
    stored?.eventKey,
    stored?.signingKey,
    stored?.demoApp.clientSecret,
    stored?.spotifyApp?.clientSecret,
  ]
  return values.filter((value): value is string => value !== undefined && value.length > 3)
}

function readQuietly(secrets: () => Secrets | undefined, damaged: Secrets | undefined): Secrets | undefined {
  try {
    return secrets()
  } catch {
    return damaged
  }
}

function passwordsIn(address: string | undefined): string[] {
  if (address === undefined || !URL.canParse(address)) return []
  const { password } = new URL(address)
  return [password, decodeURIComponent(password)]
}

export interface OpenedDatabase {
  url: string
  /** Whether it was started for these checks only. */
  isPrivate: boolean
  close(): Promise<void>
}

/**
 * Opens the app database. The embedded Postgres of a stopped instance is started privately: it recovers from a crash as
 * at any start, and no instance can start in the meantime.
 * @returns undefined when it doesn't exist yet
 * @throws Stop
 */
export async function openDatabase({ settings, dataFolder, mode }: Situation): Promise<OpenedDatabase | undefined> {
  const close = async () => undefined
  if (settings.DATABASE_URL) return { url: settings.DATABASE_URL, isPrivate: false, close }
  const folder = join(dataFolder, 'postgres')
  if (!existsSync(join(folder, 'data'))) return undefined
  const name = DATABASES[mode().name]
  if (isServerRunning(folder)) return { url: runningServerUrl(folder, name), isPrivate: false, close }
  const release = claimFolder(dataFolder)
  try {
    const server = await startPostgres({ folder })
    return { url: server.url(name), isPrivate: true, close: () => server.stop().finally(release) }
  } catch (cause) {
    release()
    throw new Stop(messageOf(cause), {
      cause,
      remedy: 'Run `npm start`, then see logs/postgres.log in DATA_DIR for the cause. Or restore a backup.',
    })
  }
}
