import { unsupported } from '#testing/snowflake/sql/failure.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'
import type { Execution } from './execution.ts'
import { type ResultSet, status } from './results.ts'

const DONE = 'Statement executed successfully.'

/** BEGIN TRANSACTION. In an open transaction it does nothing. */
export async function beginTransaction({ session }: Execution, cursor: Cursor): Promise<ResultSet> {
  cursor.end()
  if (session.inTransaction && session.transaction === 'none') throw unsupported('BEGIN without AUTOCOMMIT')
  if (session.transaction !== 'none') return status(DONE)
  await session.connection.run('BEGIN')
  session.inTransaction = true
  session.transaction = 'open'
  return status(DONE)
}

/** COMMIT or ROLLBACK. Without a transaction, they do nothing. */
export async function endTransaction(
  { session }: Execution,
  cursor: Cursor,
  how: 'COMMIT' | 'ROLLBACK',
): Promise<ResultSet> {
  cursor.end()
  // What failed was rolled back by its statement.
  if (session.inTransaction) await session.connection.run(how)
  session.inTransaction = false
  session.transaction = 'none'
  return status(DONE)
}
