import type { Account } from './account.ts'
import type { Fault } from './faults.ts'
import type { Answer } from './results.ts'
import type { SeenReport, SeenStatement } from './seen.ts'

/** A Snowflake for tests: speaks the driver's protocol and runs the door's SQL on DuckDB. */
export interface SnowflakeServer {
  url: string
  /** The name that a client has to give. */
  accountName: string
  account: Account
  /** Runs an administrator's script; everything an account holds is made this way. */
  runScript(sql: string): Promise<Answer[]>
  order(fault: Fault): void
  clearFaults(): void
  statements(): SeenStatement[]
  seen(): SeenReport
  /** Forgets what was seen. */
  forget(): void
  openSessions(): number
  /** Ends all sessions, as Snowflake does with idle ones. */
  endSessions(): void
  stop(): Promise<void>
}
