import type { Account } from './account.ts'
import type { Engine } from './engine.ts'

/** What the worksheet of an administrator needs. */
export interface Desk {
  account: Account
  engine: Engine
  stages: string
  now: () => number
  /** Where the server answers. */
  url: string
}
