import { now as present, SECOND } from '#lib/core/clock.ts'
import { type Failure, Stop, Transient } from '#lib/core/errors.ts'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { bareAccount, normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import type { Sql } from '#lib/warehouse/snowflake/sql.ts'
import type { WarehouseUsage } from '#lib/warehouse/warehouse.ts'
import { type DriverSession, NoResponse, type Result, signIn } from './driver.ts'
import { checkOf, endsSession, isMissing, toFailure } from './failures.ts'
import type { RoundTrips } from './round-trips.ts'
import { setParameters } from './session-parameters.ts'

export interface RunOptions {
  deadlineMs?: number
  /** Maximum number of rows to read. For a query Snowflake doesn't produce more either. */
  limit?: number
  query?: boolean
  /** Bytes that are sent beside the statement. */
  bytes?: number
}

/** Runs statements and signs in with the first one. It throws the failures of lib/core/errors. */
export interface Session {
  run(statement: Sql, options?: RunOptions): Promise<Result>
  /**
   * Runs statements in one transaction: all are committed, or none. They must write rows only, because DDL commits.
   * @throws Transient if the session ends meanwhile, because a new one would not be in the transaction
   */
  transaction(work: (run: Session['run']) => Promise<void>): Promise<void>
  usage(): WarehouseUsage
  close(): Promise<void>
}

export interface Timeouts {
  signInMs: number
  statementMs: number
  retries: number
}

/** For loads and queries. A person who tests a connection should not wait that long. */
const DEFAULT_TIMEOUTS: Timeouts = { signInMs: 60 * SECOND, statementMs: 300 * SECOND, retries: 2 }

const MAX_ROWS = 10_000

/**
 * A session with one account. If it ends early, the next statement signs in again. A refused sign-in is not repeated,
 * because repeated failures lock the user.
 */
export function openSession(options: SnowflakeOptions, timeouts: Timeouts = DEFAULT_TIMEOUTS): Session {
  const now = options.now ?? present
  const usage = new Usage()
  let current: Promise<DriverSession> | undefined
  let refused: Failure | undefined

  const enter = async (): Promise<DriverSession> => {
    if (refused) throw refused
    try {
      return await signIn(signInOptions(options, timeouts), usage.trips)
    } catch (error) {
      const failure = toFailure(error, now, 'sign-in')
      if (failure.recovery === 'stop' || checkOf(failure) !== 'address') refused = failure
      throw failure
    }
  }

  const connect = async (): Promise<DriverSession> => {
    let session: DriverSession | undefined
    const until = performance.now() + timeouts.signInMs
    try {
      const opened = await enter()
      session = opened
      await setParameters(options.address.user, async (statement) => {
        const measured = usage.start(statement, 0)
        try {
          return await opened.execute(statement, {
            deadlineMs: Math.max(SECOND, until - performance.now()),
            limit: MAX_ROWS,
          })
        } catch (error) {
          throw toFailure(error, now)
        } finally {
          measured.stop()
        }
      })
      return opened
    } catch (error) {
      current = undefined
      void session?.destroy()
      throw toFailure(error, now)
    }
  }

  const session: Session = {
    async transaction(work) {
      await session.run(BEGIN)
      const opened = current
      const runInside: Session['run'] = (statement, options) => {
        if (current !== opened || !opened) throw sessionLost()
        return session.run(statement, options)
      }
      try {
        await work(runInside)
        await runInside(COMMIT)
      } catch (error) {
        // Snowflake rolls back what a session leaves open when it ends.
        if (current === opened && opened) await session.run(ROLLBACK).catch(() => undefined)
        throw error
      }
    },
    async run(statement, options = {}) {
      const { deadlineMs = timeouts.statementMs, limit = MAX_ROWS, query: question, bytes = 0 } = options
      current ??= connect()
      const opened = current
      const driver = await opened
      const measured = usage.start(statement, bytes)
      try {
        const parameters = {
          STATEMENT_TIMEOUT_IN_SECONDS: Math.max(1, Math.ceil(deadlineMs / SECOND)),
          ...(question && { ROWS_PER_RESULTSET: limit }),
        }
        return await driver.execute(statement, { deadlineMs, limit, parameters })
      } catch (error) {
        const failure = toFailure(error, now)
        if (isMissing(failure)) measured.wasRefused()
        // A session that doesn't respond may be lost, so give the next statement a new one.
        const lost = error instanceof NoResponse && !error.stopped
        if ((endsSession(failure) || lost) && current === opened) {
          current = undefined
          void driver.destroy()
        }
        throw failure
      } finally {
        measured.stop()
      }
    },
    usage: () => usage.total(),
    async close() {
      const driver = await current?.catch(() => undefined)
      current = undefined
      await driver?.destroy()
    },
  }
  return session
}

const BEGIN: Sql = { text: 'BEGIN TRANSACTION', values: [] }
const COMMIT: Sql = { text: 'COMMIT', values: [] }
const ROLLBACK: Sql = { text: 'ROLLBACK', values: [] }

function sessionLost(): Transient {
  return new Transient('The session with Snowflake ended before everything was written', {
    remedy: 'Nothing to do. Nothing was changed, and the next load writes it again.',
  })
}

/** The host follows from the account or is the operator's; users cannot enter one. */
function signInOptions({ address, credential, tag, endpoint }: SnowflakeOptions, timeouts: Timeouts) {
  const account = normalizeAccount(address.account)
  if (!account.ok)
    throw new Stop('The account identifier is not valid', {
      remedy: account.problem,
      context: { kind: 'needs you', check: 'address' },
    })
  return {
    ...address,
    account: bareAccount(account.account),
    origin: endpoint ?? `https://${account.host}`,
    credential,
    tag: JSON.stringify(tag),
    retries: timeouts.retries,
    deadlineMs: timeouts.signInMs,
  }
}

// Cloud services run these, as well as a SELECT from nothing
// (https://docs.snowflake.com/en/user-guide/warehouses-overview).
const FREE = /^(?:SHOW|DESC|USE|CREATE|ALTER|DROP|PUT|REMOVE|BEGIN|COMMIT|ROLLBACK)\b/i

/** Whether a statement starts the virtual warehouse. */
export function needsWarehouse(text: string): boolean {
  return !FREE.test(text) && !(/^SELECT\b/i.test(text) && !/\bFROM\b/i.test(text))
}

/** Adds up what a session costs. */
class Usage {
  readonly trips: RoundTrips = { count: 0 }
  #statements = 0
  #bytes = 0
  #firstAt: number | undefined
  #lastAt = 0

  start({ text, values }: Sql, bytes: number): { stop(): void; wasRefused(): void } {
    this.#statements += 1
    this.#bytes += bytes + Buffer.byteLength(text)
    for (const value of values) this.#bytes += Buffer.byteLength(String(value))
    let working = needsWarehouse(text)
    const startedAt = performance.now()
    return {
      stop: () => {
        if (!working) return
        this.#firstAt = Math.min(this.#firstAt ?? startedAt, startedAt)
        this.#lastAt = performance.now()
      },
      /** A statement that names a missing object never reaches the warehouse. */
      wasRefused: () => {
        working = false
      },
    }
  }

  total(): WarehouseUsage {
    const warehouseMs = this.#firstAt === undefined ? 0 : Math.max(0, this.#lastAt - this.#firstAt)
    return { statements: this.#statements, roundTrips: this.trips.count, bytes: this.#bytes, warehouseMs }
  }
}
