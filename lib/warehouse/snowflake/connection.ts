import { z } from 'zod'
import type { Clock } from '#lib/core/clock.ts'
import type { WarehouseMemory } from '#lib/warehouse/warehouse.ts'
import type { SnowflakeAddress } from './setup/identifier.ts'

/** How the user signs in. PEM texts contain their line breaks. */
export const SnowflakeCredential = z.discriminatedUnion('method', [
  z.object({ method: z.literal('key pair'), privateKey: z.string(), passphrase: z.string().optional() }),
  z.object({ method: z.literal('token'), token: z.string() }),
  z.object({ method: z.literal('password'), password: z.string() }),
])
export type SnowflakeCredential = z.infer<typeof SnowflakeCredential>

/** Who owns a schema: it belongs to one instance and one Spotify account. */
export interface SchemaOwner {
  instanceId: string
  accountId: string
}

export interface SnowflakeOptions {
  address: SnowflakeAddress
  credential: SnowflakeCredential
  owner: SchemaOwner
  memory: WarehouseMemory
  /** QUERY_TAG of every statement, as JSON: run and trigger. Ids only. */
  tag: Record<string, string>
  /** The operator's SNOWFLAKE_ENDPOINT, `https://host:port`. Without it the account alone determines the host. */
  endpoint?: string | undefined
  /** The tables that loads will create. A check refuses a schema where someone else's table has one of these names. */
  tables?: readonly string[]
  now?: Clock
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

/**
 * `advice`: works, but could be better. `unconfirmed`: the account is too slow or paused right now, but can be saved.
 * `not reached`: an earlier check failed or did not finish.
 */
export interface ConnectionCheck {
  name: CheckName
  state: 'ok' | 'failed' | 'advice' | 'unconfirmed' | 'not reached'
  message: string
  remedy: string | null
  ms: number
}
