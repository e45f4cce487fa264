import type { TestedFault } from './tested-fault.ts'

/** Snowflake accounts as their admins have configured them, and objects there that are not ours. */
export const SNOWFLAKE_ACCOUNTS: TestedFault[] = []
