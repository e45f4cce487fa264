import type { Engine } from '#testing/snowflake/engine/engine.ts'
import type { Account } from './account.ts'

/** The parts of the server that statements and scripts use. */
export interface ServerContext {
  account: Account
  engine: Engine
  stages: string
  now: () => number
  /** The address of the server. */
  url: string
}
