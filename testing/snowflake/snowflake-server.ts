import type { Account } from './account/account.ts'
import type { ResultSet } from './engine/results.ts'
import type { Fault } from './faults.ts'
import type { ReceivedStatement, Traffic } from './traffic.ts'

/** A Snowflake for tests: speaks the driver's protocol and runs the product's SQL on DuckDB. */
export interface SnowflakeServer {
  url: string
  /** The account name for clients. */
  accountName: string
  account: Account
  /** Runs an administrator's script, which is how everything in the account is created. */
  runScript(sql: string): Promise<ResultSet[]>
  injectFault(fault: Fault): void
  clearFaults(): void
  statements(): ReceivedStatement[]
  traffic(): Traffic
  /** Clears the recorded traffic. */
  clearTraffic(): void
  openSessions(): number
  /** Ends all sessions, as Snowflake does with idle ones. */
  endSessions(): void
  stop(): Promise<void>
}
