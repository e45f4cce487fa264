import type { ConnectionCheck, SnowflakeOptions } from './connection.ts'
import type { Session } from './session.ts'

/** What the checks of one connection share. */
export interface Checking {
  session: Session
  options: SnowflakeOptions
  /** The name of the table that is made and dropped again. */
  probe: string
  /** Whether it is there now. */
  probeMade: boolean
  /** What the session says of itself: names in lower case. */
  context: Record<string, string | null>
}

export type Finding = Pick<ConnectionCheck, 'state' | 'message' | 'remedy'>

export function ok(message: string): Finding {
  return { state: 'ok', message, remedy: null }
}

export function advice(message: string, remedy: string): Finding {
  return { state: 'advice', message, remedy }
}
