import type { Account } from './account.ts'
import type { Engine } from '#testing/snowflake/engine/engine.ts'

/** What the worksheet of an administrator needs. */
export interface ServerContext {
  account: Account
  engine: Engine
  stages: string
  now: () => number
  /** Where the server answers. */
  url: string
}
