import { now as present, SECOND } from '#lib/core/clock.ts'
import { type Failure, Stop } from '#lib/core/errors.ts'
import { bareAccount, normaliseAccount } from './account.ts'
import type { SnowflakeOptions, SnowflakeUsage } from './connection.ts'
import { type Answer, type DriverSession, NoAnswer, signIn } from './driver.ts'
import { checkOf, endsSession, toFailure } from './failures.ts'
import type { RoundTrips } from './round-trips.ts'
import type { Sql } from './sql.ts'

export interface RunOptions {
  deadlineMs?: number
  /** At most so many rows are read; those of a question are not even made. */
  limit?: number
  question?: boolean
  /** False for what Snowflake answers without a warehouse: names, definitions, the session. */
  warehouse?: boolean
  /** Bytes that travel beside the statement. */
  bytes?: number
}

/** Runs statements, signing in with the first one; what it throws are failures of lib/errors. */
export interface Session {
  run(statement: Sql, options?: RunOptions): Promise<Answer>
  usage(): SnowflakeUsage
  close(): Promise<void>
}

export interface Patience {
  signInMs: number
  statementMs: number
  retries: number
}

/** Of loads and questions. A person who tests a connection does not wait so long. */
const PATIENT: Patience = { signInMs: 60 * SECOND, statementMs: 300 * SECOND, retries: 2 }

const MOST_ROWS = 10_000

/**
 * A session with one account. When it ends before its time, the next statement signs in anew; but a sign-in that was
 * refused is not tried again, since repeated ones lock the user.
 */
export function openSession(options: SnowflakeOptions, patience: Patience = PATIENT): Session {
  const now = options.now ?? present
  const used = new Usage()
  let current: Promise<DriverSession> | undefined
  let refused: Failure | undefined

  const connect = async (): Promise<DriverSession> => {
    if (refused) throw refused
    try {
      return await signIn(signInOptions(options, patience), used.trips)
    } catch (thrown) {
      const failure = toFailure(thrown, now, 'sign-in')
      if (failure.recovery === 'stop' || checkOf(failure) !== 'address') refused = failure
      current = undefined
      throw failure
    }
  }

  return {
    async run(statement, options = {}) {
      const { deadlineMs = patience.statementMs, limit = MOST_ROWS, question, warehouse = true, bytes = 0 } = options
      current ??= connect()
      const opened = current
      const session = await opened
      const measured = used.begin(statement, warehouse, bytes)
      try {
        const parameters = {
          STATEMENT_TIMEOUT_IN_SECONDS: Math.max(1, Math.ceil(deadlineMs / SECOND)),
          ...(question && { ROWS_PER_RESULTSET: limit }),
        }
        return await session.execute(statement, { deadlineMs, limit, parameters })
      } catch (thrown) {
        const failure = toFailure(thrown, now)
        // What does not answer may be lost for good: the next statement gets a session that works.
        const lost = thrown instanceof NoAnswer && !thrown.stopped
        if ((endsSession(failure) || lost) && current === opened) {
          current = undefined
          void session.destroy()
        }
        throw failure
      } finally {
        measured()
      }
    },
    usage: () => used.total(),
    async close() {
      const session = await current?.catch(() => undefined)
      current = undefined
      await session?.destroy()
    },
  }
}

/** The host follows from the account alone, or is the operator's; nothing that was typed names one. */
function signInOptions({ address, credential, tag, endpoint }: SnowflakeOptions, patience: Patience) {
  const account = normaliseAccount(address.account)
  if (!account.ok)
    throw new Stop('The account identifier is not valid', {
      remedy: account.problem,
      context: { kind: 'needs you', check: 'address' },
    })
  const { user, role, warehouse, database, schema } = address
  return {
    account: bareAccount(account.account),
    origin: endpoint ?? `https://${account.host}`,
    user,
    role,
    warehouse,
    database,
    schema,
    credential,
    tag: JSON.stringify(tag),
    retries: patience.retries,
    deadlineMs: patience.signInMs,
  }
}

/** Adds up what a session costs. */
class Usage {
  readonly trips: RoundTrips = { count: 0 }
  #statements = 0
  #bytes = 0
  #firstAt: number | undefined
  #lastAt = 0

  /** @returns what to call when the statement has ended */
  begin({ text, values }: Sql, warehouse: boolean, bytes: number): () => void {
    this.#statements += 1
    this.#bytes += bytes + Buffer.byteLength(text)
    for (const value of values) this.#bytes += Buffer.byteLength(String(value))
    if (warehouse) this.#firstAt ??= performance.now()
    return () => {
      if (warehouse) this.#lastAt = performance.now()
    }
  }

  total(): SnowflakeUsage {
    const warehouseMs = this.#firstAt === undefined ? 0 : Math.max(0, this.#lastAt - this.#firstAt)
    return { statements: this.#statements, roundTrips: this.trips.count, bytes: this.#bytes, warehouseMs }
  }
}
