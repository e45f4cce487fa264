import type { Account } from './account/account.ts'
import type { Fault } from './faults.ts'
import type { ResultSet } from './engine/results.ts'
import type { Traffic, ReceivedStatement } from './traffic.ts'

/** A Snowflake for tests: speaks the driver's protocol and runs the door's SQL on DuckDB. */
export interface SnowflakeServer {
  url: string
  /** The name that a client has to give. */
  accountName: string
  account: Account
  /** Runs an administrator's script; everything an account holds is made this way. */
  runScript(sql: string): Promise<ResultSet[]>
  injectFault(fault: Fault): void
  clearFaults(): void
  statements(): ReceivedStatement[]
  traffic(): Traffic
  /** Forgets what was seen. */
  clearTraffic(): void
  openSessions(): number
  /** Ends all sessions, as Snowflake does with idle ones. */
  endSessions(): void
  stop(): Promise<void>
}
