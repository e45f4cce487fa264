import type { ConnectionCheck, SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'

/** What the checks of one connection share. */
export interface CheckContext {
  session: Session
  options: SnowflakeOptions
  /** The name of the table that the checks create and drop. */
  probe: string
  /** Whether that table exists now. */
  probeMade: boolean
  /** What the session reports about itself; names in lower case. */
  context: Record<string, string | null>
}

export type Finding = Pick<ConnectionCheck, 'state' | 'message' | 'remedy'>

export function ok(message: string): Finding {
  return { state: 'ok', message, remedy: null }
}

export function advice(message: string, remedy: string): Finding {
  return { state: 'advice', message, remedy }
}
