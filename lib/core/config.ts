import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * The settings of an instance. Only this file reads the environment. The first half and .env.example contain what people
 * can set; the supervisor passes the second half to its children.
 */

/** In development and tests, responses are checked against their contract at run time too. */
export const CHECKS_CONTRACTS = process.env.NODE_ENV !== 'production'

const port = (fallback: number) =>
  z.coerce
    .number({ error: 'must be a port number, for example 3000' })
    .int()
    .min(1)
    .max(65_535, 'ports end at 65535')
    .default(fallback)

const address = (what: string) =>
  z
    .url({ protocol: /^https?$/, error: `must be ${what}, starting with http:// or https://` })
    .transform((text) => text.replace(/\/+$/, ''))

const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((text) => text === '1')

/** In milliseconds. The planner runs by cron, which can only repeat by minutes that divide the hour. */
const planPause = z
  .string()
  .regex(/^([1-6]|10|12|15|20|30)m$/, 'must be 1m, 2m, 3m, 4m, 5m, 6m, 10m, 12m, 15m, 20m or 30m')
  .transform((text) => Number.parseInt(text, 10) * 60_000)

const nameList = z.string().transform((text) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean),
)

const KEY_RING = /^[A-Za-z0-9_-]+:[A-Za-z0-9+/]{43}=(,[A-Za-z0-9_-]+:[A-Za-z0-9+/]{43}=)*$/

const Settings = z.object({
  PORT: port(3000),
  HOST: z.string().default('127.0.0.1'),
  APP_URL: address('the public address of this app').optional(),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\//,
      'must be a Postgres address, for example postgresql://user:password@host:5432/tracklake',
    )
    .optional(),
  SPOTIFY_CLIENT_ID: z.string().optional(),
  SPOTIFY_CLIENT_SECRET: z.string().optional(),
  SPOTIFY_ACCOUNTS_URL: address('the origin of the accounts service').optional(),
  SPOTIFY_API_URL: address('the origin of the Web API with /v1').optional(),
  DEMO: flag.optional(),
  SIMULATOR_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  TRACKLAKE_KEY: z
    .string()
    .regex(KEY_RING, 'must be a key ring: id:base64 of 32 bytes, several separated by commas')
    .optional(),
  /** Signs sessions; if unset, secrets.json has a generated one. */
  NEXTAUTH_SECRET: z.string().default(''),
  ADMINS: nameList.default([]),
  SIGN_UPS: z.enum(['open', 'invite', 'closed'], { error: 'must be open, invite or closed' }).optional(),
  INNGEST_BASE_URL: address('the address of the Inngest server').optional(),
  INNGEST_EVENT_KEY: z.string().optional(),
  INNGEST_SIGNING_KEY: z.string().optional(),
  PLAN_EVERY: planPause.default(300_000),
  POOL_SLOTS: z.coerce.number().int().min(1, 'at least one slot').max(64).default(2),
  LANDING_URL: z
    .string()
    .regex(/^(?![a-z][a-z0-9+.-]*:\/\/)/i, 'must be the path of a folder; other locations are not supported')
    .optional(),
  SERVE_FROM: z.enum(['embedded', 'connected'], { error: 'must be embedded or connected' }).default('embedded'),
  SNOWFLAKE_ENDPOINT: address('protocol, host and port of a private link')
    .refine(
      (text) => new URL(text).origin === text,
      'must be protocol, host and port alone, for example https://host:443',
    )
    .optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/\S+$/, 'must be a mail server, for example smtps://user:password@smtp.example.com:465')
    .optional(),
  SMTP_FROM: z
    .string()
    .regex(/\S+@\S+/, 'must be the sender of the emails, for example Tracklake <tracklake@example.com>')
    .optional(),
  /** Allows webhooks to this machine over http, to test receivers. */
  WEBHOOKS_TO_LOOPBACK: flag.default(false),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),

  // Passed down by the supervisor.
  TRACKLAKE_MODE: z.enum(['demo', 'real']).default('demo'),
  TRACKLAKE_BOOT_ID: z.string().default('development'),
  TRACKLAKE_SETUP_CODE: z.string().optional(),
  /** SPOTIFY_CLIENT_ID comes from the settings, so /setup cannot change it. */
  TRACKLAKE_APP_FROM_SETTINGS: flag.default(false),
  TRACKLAKE_DEVELOPMENT: flag.default(false),
  /** Where the engine reaches the functions. */
  INNGEST_SERVE_ORIGIN: address('where Inngest reaches this app').default('http://127.0.0.1:3000'),
  ENGINE_PORT: port(3001),
  /** Tests shorten the engine's backoff; milliseconds. */
  ENGINE_BACKOFF_MS: z.coerce.number().int().min(0).optional(),
  /** Slices that one job reads before it passes the stream on by an event, because Inngest allows 1,000 steps per run. */
  SLICES_PER_JOB: z.coerce.number().int().min(1).max(300).default(100),
  /** Caps the requests in flight of every Spotify app. The benchmark compares with 1. */
  REQUESTS_IN_FLIGHT: z.coerce.number().int().min(1).optional(),
  /** Tests shorten the rolling window in which Spotify counts requests; milliseconds. */
  REQUEST_WINDOW_MS: z.coerce.number().int().min(100).optional(),
  /** Tests shorten the deadline for a response of Spotify; milliseconds. */
  SPOTIFY_DEADLINE_MS: z.coerce.number().int().min(100).optional(),
})

export type Settings = z.infer<typeof Settings>

/** Problems with the settings: one sentence each, with the setting and the remedy. */
export class SettingsProblem extends Error {
  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.name = 'SettingsProblem'
  }
}

/** `NAME_FILE` names a file with the value of NAME. An empty value counts as not set. */
function resolveFiles(environment: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {}
  for (const name of Object.keys(Settings.shape)) {
    const file = environment[`${name}_FILE`]
    const value = environment[name]
    if (value) values[name] = value
    else if (file) {
      try {
        values[name] = readFileSync(file, 'utf8').trim()
      } catch {
        throw new SettingsProblem([
          `${name}_FILE names ${file}, which cannot be read. Correct the path or its permissions.`,
        ])
      }
    }
  }
  return values
}

/** @throws SettingsProblem if only one of two settings that belong together is set */
function complete(settings: Settings): Settings {
  const { SMTP_URL, SMTP_FROM } = settings
  if ((SMTP_URL === undefined) === (SMTP_FROM === undefined)) return settings
  const [present, missing] = SMTP_URL ? ['SMTP_URL', 'SMTP_FROM'] : ['SMTP_FROM', 'SMTP_URL']
  throw new SettingsProblem([`${present} is set and ${missing} is not. Set both, or neither.`])
}

/** @throws SettingsProblem that names every bad setting with its remedy */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const values = resolveFiles(environment)
  const parsed = Settings.safeParse(values)
  if (parsed.success) return complete(parsed.data)
  throw new SettingsProblem(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      const secret = /KEY|SECRET|TOKEN|DATABASE_URL|SMTP_URL/.test(name)
      return `${name}${secret ? '' : ` is "${values[name]}" and`} ${issue.message}. Correct it or leave it out.`
    }),
  )
}

let current: Settings | undefined

/** The settings of this process, read once. */
export function settings(): Settings {
  current ??= readSettings(process.env)
  return current
}

/** The public origin of the app, without a slash at the end. */
export function appUrl(): string {
  const { APP_URL, PORT } = settings()
  return APP_URL ?? `http://127.0.0.1:${PORT}`
}

export const SPOTIFY_ACCOUNTS = 'https://accounts.spotify.com'
const SPOTIFY_API = 'https://api.spotify.com/v1'

/** Spotify's addresses: the real ones unless the settings name another server with the same API. */
export function spotifyUrls(): { accounts: string; api: string } {
  const { SPOTIFY_ACCOUNTS_URL, SPOTIFY_API_URL } = settings()
  return { accounts: SPOTIFY_ACCOUNTS_URL ?? SPOTIFY_ACCOUNTS, api: SPOTIFY_API_URL ?? SPOTIFY_API }
}

/** The web process exits with this code to be restarted in real mode after /setup has saved the Spotify app. */
export const SWITCH_TO_REAL = 64

/** Exit codes: a new process can try again, or a person has to act first. */
export const TRY_AGAIN = 75
export const PERSON_HAS_TO_ACT = 78

/**
 * Options of the Snowflake driver that it reads only from the environment, before it is loaded: no requests to cloud
 * metadata services, no telemetry about the account name, no native part that collects such data. Values that the
 * operator has set stay.
 */
export function quietSnowflakeDriver(): void {
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= 'true'
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE ??= '1'
  process.env.SNOWFLAKE_DISABLE_MINICORE ??= 'true'
  // Otherwise the driver caches certificate states in the home folder, which a service may not have.
  process.env.SF_OCSP_RESPONSE_CACHE_DIR ??= join(tmpdir(), 'tracklake-certificates')
}
