import { closeSync, openSync, readSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { AddressProblem, databaseAddress, mailAddress, proxyAddress, webAddress, withProtection } from './addresses.ts'
import { isNetwork } from './client-address.ts'
import { isS3Address, regionProblem, s3Location } from './s3-address.ts'
import { decodeText, TextProblem, trimText, valueProblem } from './text-file.ts'

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

/** A setting that is an address in its normal form. */
const address = (normalize: (text: string) => string) =>
  z.string().transform((text, context) => {
    try {
      return normalize(text)
    } catch (error) {
      if (!(error instanceof AddressProblem)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  })

const origin = (what: string) => address((text) => webAddress(text, what, 'origin'))
const base = (what: string) => address((text) => webAddress(text, what, 'path'))

/** The path of a folder, or `s3://bucket/prefix` without a slash at its end. */
function landingAddress(text: string): string {
  if (isS3Address(text)) return ['s3:/', ...Object.values(s3Location(text))].filter(Boolean).join('/')
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text
  throw new AddressProblem('must be the path of a folder, or s3://bucket/prefix')
}

const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((text) => text === '1')

/** In milliseconds. The planner runs by cron, which can only repeat by minutes that divide the hour. */
const planPause = z
  .string()
  .regex(/^([1-6]|10|12|15|20|30)m$/, 'must be 1m, 2m, 3m, 4m, 5m, 6m, 10m, 12m, 15m, 20m or 30m')
  .transform((text) => Number.parseInt(text, 10) * 60_000)

/** In milliseconds; null turns it off. */
const days = z
  .string()
  .regex(/^(off|[1-9]\d{0,2}d)$/, 'must be a number of days from 1d to 999d, or off')
  .transform((text) => (text === 'off' ? null : Number.parseInt(text, 10) * 86_400_000))

const nameList = z.string().transform((text) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean),
)

const networkList = nameList.refine((networks) => networks.every(isNetwork), {
  error: 'must be IP addresses or networks separated by commas, for example 127.0.0.1,10.0.0.0/8',
})

const KEY_RING = /^[A-Za-z0-9_-]+:[A-Za-z0-9+/]{43}=(,[A-Za-z0-9_-]+:[A-Za-z0-9+/]{43}=)*$/

function hasDistinctIds(ring: string): boolean {
  const ids = ring.split(',').map((entry) => entry.split(':')[0])
  return new Set(ids).size === ids.length
}

/** Ports, separated by commas or spaces. */
const portList = z
  .string()
  .transform((text) =>
    text
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number),
  )
  .refine((ports) => ports.length > 0 && ports.every((one) => Number.isInteger(one) && one > 0 && one <= 65_535), {
    error: 'must be ports separated by commas, for example 443,8443',
  })

/** Where settings can be read from: a name or ARN. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const isSecretAddress = (text: string): boolean => /^aws-secrets-manager:[\w/+=.@:!-]{1,2048}$/.test(text)

const Settings = z.object({
  /** A secret with more settings, which the supervisor has added to the environment. */
  SECRETS_FROM: z
    .string()
    .refine(isSecretAddress, 'must be aws-secrets-manager: and the name or ARN of a secret')
    .optional(),
  PORT: port(3000),
  HOST: z.string().default('127.0.0.1'),
  APP_URL: origin('the public address of this app').optional(),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: address(databaseAddress).optional(),
  SPOTIFY_CLIENT_ID: z.string().optional(),
  SPOTIFY_CLIENT_SECRET: z.string().optional(),
  SPOTIFY_ACCOUNTS_URL: base('the origin of the accounts service').optional(),
  SPOTIFY_API_URL: base('the origin of the Web API with /v1').optional(),
  DEMO: flag.optional(),
  SIMULATOR_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  TRACKLAKE_KEY: z
    .string()
    .regex(KEY_RING, 'must be a key ring: id:base64 of 32 bytes, several separated by commas')
    .refine(hasDistinctIds, 'must not have two keys with the same id')
    .optional(),
  /** Protects the cookies of sign-ins in progress; if unset, secrets.json has a generated one. */
  NEXTAUTH_SECRET: z.string().default(''),
  ADMINS: nameList.default([]),
  SIGN_UPS: z.enum(['open', 'invite', 'closed'], { error: 'must be open, invite or closed' }).optional(),
  INNGEST_BASE_URL: base('the address of the Inngest server').optional(),
  INNGEST_EVENT_KEY: z.string().optional(),
  INNGEST_SIGNING_KEY: z.string().optional(),
  PLAN_EVERY: planPause.default(300_000),
  POOL_SLOTS: z.coerce.number().int().min(1, 'at least one slot').max(64).default(2),
  LANDING_URL: address(landingAddress).optional(),
  AWS_REGION: z
    .string()
    .refine((region) => regionProblem(region, false) === undefined, 'must be a region, for example eu-central-1')
    .optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  /** Another store with the API of S3. */
  S3_ENDPOINT: base('the address of a store with the API of S3').optional(),
  /** When landed responses are packed. */
  LANDING_PACK_AFTER: days.default(86_400_000),
  SERVE_FROM: z.enum(['embedded', 'connected'], { error: 'must be embedded or connected' }).default('embedded'),
  /** How often pages may start a listener's Snowflake in a day, where they are served from it. */
  PAGE_STARTS_A_DAY: z.coerce.number().int().min(0).max(500).default(10),
  SNOWFLAKE_ENDPOINT: origin('protocol, host and port of a private link').optional(),
  SMTP_URL: address(mailAddress).optional(),
  SMTP_FROM: z
    .string()
    .regex(/\S+@\S+/, 'must be the sender of the emails, for example Tracklake <tracklake@example.com>')
    .optional(),
  /** Whether mail to another machine must be encrypted. Unset means required, except for older instances. */
  SMTP_TLS: z.enum(['required', 'off'], { error: 'must be "required" or "off"' }).optional(),
  /** The ports that new addresses of webhooks may have. */
  WEBHOOK_PORTS: portList.default([443, 8443]),
  /** Allows webhooks to this machine over http, to test receivers. */
  WEBHOOKS_TO_LOOPBACK: flag.default(false),
  /** Proxies for Spotify, Snowflake, Inngest and webhooks. As in curl, lower case and ALL_PROXY work too. */
  HTTP_PROXY: address(proxyAddress).optional(),
  HTTPS_PROXY: address(proxyAddress).optional(),
  NO_PROXY: z.string().optional(),
  /** If set, genres are fetched from MusicBrainz, with this in the User-Agent. */
  MUSICBRAINZ_CONTACT: z
    .string()
    .max(200, 'must have at most 200 characters')
    .regex(/^([^\s@()]+@[^\s@()]+|https?:\/\/[^\s()]+)$/, 'must be an email address or a web address')
    .optional(),
  MUSICBRAINZ: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  MUSICBRAINZ_URL: base('the address of MusicBrainz or a mirror, with /ws/2').default('https://musicbrainz.org/ws/2'),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  /** Proxies whose X-Forwarded-For is trusted. */
  TRUSTED_PROXIES: networkList.default([]),

  // Passed down by the supervisor.
  TRACKLAKE_MODE: z.enum(['demo', 'real']).default('demo'),
  TRACKLAKE_BOOT_ID: z.string().default('development'),
  TRACKLAKE_SETUP_CODE: z.string().optional(),
  /** SPOTIFY_CLIENT_ID comes from the settings, so /setup cannot change it. */
  TRACKLAKE_APP_FROM_SETTINGS: flag.default(false),
  TRACKLAKE_DEVELOPMENT: flag.default(false),
  /** Where the engine reaches the functions. */
  INNGEST_SERVE_ORIGIN: origin('where Inngest reaches this app').default('http://127.0.0.1:3000'),
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
  /** From the end of one request to MusicBrainz to the next. Shorter only for servers of our own, in tests and the demo. */
  MUSICBRAINZ_PACE_MS: z.coerce.number().int().min(0).default(1_000),
})

export type Settings = z.infer<typeof Settings>

/** The names of all settings. */
export const settingNames = (): string[] => Object.keys(Settings.shape)

/** Problems with the settings: one sentence each, with the setting and the remedy. */
export class SettingsProblem extends Error {
  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.name = 'SettingsProblem'
  }
}

/** Other common names of the proxy settings. */
const PROXY_NAMES: Record<string, string[]> = {
  HTTP_PROXY: ['http_proxy', 'ALL_PROXY', 'all_proxy'],
  HTTPS_PROXY: ['https_proxy', 'ALL_PROXY', 'all_proxy'],
  NO_PROXY: ['no_proxy'],
}

/** The largest file that can hold one value. */
const MAX_FILE_BYTES = 64 * 1024

/**
 * The settings in an environment, as text. `NAME_FILE` names a file with the value of NAME. An empty value counts as not set.
 *
 * @throws SettingsProblem for a value or file that can't be read
 */
export function settingValues(environment: Record<string, string | undefined>): Record<string, string> {
  const values: Record<string, string> = {}
  for (const name of settingNames()) {
    const file = environment[`${name}_FILE`]
    const value = environment[name] || PROXY_NAMES[name]?.map((other) => environment[other]).find(Boolean)
    if (value) values[name] = cleanValue(name, value)
    else if (file) values[name] = cleanValue(`The content of ${file} (${name}_FILE)`, readValue(`${name}_FILE`, file))
    if (values[name] === '') delete values[name]
  }
  return values
}

/** Strips what other programs leave around a value: `docker --env-file` keeps quotes and Windows line ends. */
function cleanValue(what: string, text: string): string {
  const trimmed = trimText(text)
  const value = /^(["'])(.*)\1$/s.exec(trimmed)?.[2] ?? trimmed
  const problem = valueProblem(value)
  if (problem) throw new SettingsProblem([`${what} ${problem}.`])
  return value
}

function readValue(name: string, file: string): string {
  try {
    const value = trimText(decodeText(readBeginning(file)))
    if (value !== '') return value
  } catch (error) {
    if (error instanceof TextProblem) throw new SettingsProblem([`${name} names ${file}, which ${error.message}.`])
    const isFolder = error instanceof Error && 'code' in error && error.code === 'EISDIR'
    throw new SettingsProblem([
      isFolder
        ? `${name} names ${file}, which is a folder. Docker creates one when the file to mount doesn't exist.`
        : `${name} names ${file}, which cannot be read. Correct the path or its permissions.`,
    ])
  }
  throw new SettingsProblem([`${name} names ${file}, which is empty. Write the value into it.`])
}

function readBeginning(file: string): Uint8Array {
  const handle = openSync(file, 'r')
  try {
    const bytes = new Uint8Array(MAX_FILE_BYTES)
    let size = 0
    for (let read = -1; read !== 0 && size < bytes.length; size += read) {
      read = readSync(handle, bytes, size, bytes.length - size, null)
    }
    return bytes.subarray(0, size)
  } finally {
    closeSync(handle)
  }
}

/** Settings that belong together. */
const PAIRS = [
  ['SMTP_URL', 'SMTP_FROM'],
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
] as const satisfies [keyof Settings, keyof Settings][]

/** @throws SettingsProblem if only one of two settings that belong together is set */
function complete(settings: Settings): Settings {
  for (const pair of PAIRS) {
    const present = pair.find((name) => settings[name] !== undefined)
    const missing = pair.find((name) => settings[name] === undefined)
    if (present && missing)
      throw new SettingsProblem([`${present} is set and ${missing} is not. Set both, or neither.`])
  }
  return settings
}

/** @throws SettingsProblem that names every bad setting with its remedy */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const values = settingValues(environment)
  const parsed = Settings.safeParse(values)
  if (parsed.success) {
    const { DATABASE_URL } = parsed.data
    if (DATABASE_URL) parsed.data.DATABASE_URL = withProtection(DATABASE_URL, environment)
    // Node's fetch also uses HTTP_PROXY for https if it is the only proxy. So must everything else.
    parsed.data.HTTPS_PROXY ??= parsed.data.HTTP_PROXY
    return complete(parsed.data)
  }
  throw new SettingsProblem(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      // An address may contain a login.
      const secret = /KEY|SECRET|TOKEN|URL|ORIGIN|ENDPOINT|PROXY/.test(name)
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

/** MusicBrainz as this instance may use it; null while it is off, which it is until the operator has set a contact. */
export function musicBrainz(): { url: string; contact: string; paceMs: number } | null {
  const { MUSICBRAINZ, MUSICBRAINZ_CONTACT, MUSICBRAINZ_URL, MUSICBRAINZ_PACE_MS } = settings()
  if (MUSICBRAINZ === 'off' || !MUSICBRAINZ_CONTACT) return null
  return { url: MUSICBRAINZ_URL, contact: MUSICBRAINZ_CONTACT, paceMs: MUSICBRAINZ_PACE_MS }
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
