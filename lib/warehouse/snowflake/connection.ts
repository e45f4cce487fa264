import type { Clock } from '#lib/core/clock.ts'

/** Where a listener's tables go, as saved: every name as Snowflake holds it, without quotes. */
export interface SnowflakeAddress {
  /** Normalised, for example `MYORG-MY_ACCOUNT` or `XY12345.EU-WEST-1.AWS`. */
  account: string
  user: string
  role: string
  warehouse: string
  database: string
  /** The logical schema raw; staging, analytical and reporting carry it as a prefix: S_STAGING … */
  schema: string
}

/** How the user signs in. PEM texts have their line breaks. */
export type SnowflakeCredential =
  | { method: 'key pair'; privateKey: string; passphrase?: string }
  | { method: 'token'; token: string }
  | { method: 'password'; password: string }

/** Whose schema it is: one schema belongs to one instance and one Spotify account. */
export interface SchemaOwner {
  instanceId: string
  accountId: string
}

/**
 * What the door remembers of a schema from one session to the next, so that nothing is looked up or declared twice:
 * the columns of each table it made or checked, by the table's name. Plain JSON; kept by the caller, changed by the door.
 */
export type SchemaMemory = Record<string, string>

export interface SnowflakeOptions {
  address: SnowflakeAddress
  credential: SnowflakeCredential
  owner: SchemaOwner
  memory: SchemaMemory
  /** QUERY_TAG of every statement, as JSON: the run, the trigger. Ids only. */
  tag: Record<string, string>
  /** SNOWFLAKE_ENDPOINT, the operator's: `https://host:port`. Without it the host follows from the account alone. */
  endpoint?: string | undefined
  /** The tables that will be made in the schema: a check refuses a schema that holds another's by one of these names. */
  tables?: readonly string[]
  now?: Clock
}

/** What a session cost so far. */
export interface SnowflakeUsage {
  statements: number
  /** HTTP requests of the driver: sign-in, statements, polls, sign-out. */
  roundTrips: number
  /** Bytes of bound values and uploaded files. */
  bytes: number
  /** From the first statement that needs the warehouse to the end of the last one, milliseconds. */
  warehouseMs: number
}

export const CHECKS = [
  'address',
  'sign-in',
  'role',
  'warehouse',
  'database',
  'schema',
  'create table',
  'write and read back',
  'clean up',
  'other schemas',
  'cost guards',
  'reader role',
] as const

export type CheckName = (typeof CHECKS)[number]

/** `advice`: works, and could be better; `not reached`: an earlier check failed. */
export interface ConnectionCheck {
  name: CheckName
  state: 'ok' | 'failed' | 'advice' | 'not reached'
  message: string
  remedy: string | null
  ms: number
}
