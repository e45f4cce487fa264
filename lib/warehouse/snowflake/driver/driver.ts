import type { Connection, ConnectionOptions, RowStatement } from 'snowflake-sdk'
import { pause } from '#lib/core/clock.ts'
import { quietSnowflakeDriver } from '#lib/core/config.ts'
import type { Cell, ColumnType } from '#lib/core/table.ts'
import { quote } from '#lib/warehouse/identifiers.ts'
import type { SnowflakeCredential } from '#lib/warehouse/snowflake/connection.ts'
import type { SnowflakeAddress } from '#lib/warehouse/snowflake/setup/identifier.ts'
import type { Sql } from '#lib/warehouse/snowflake/sql.ts'
import { columnTypeOf, FETCH_AS_TEXT, toCell } from './result-cells.ts'
import { countRoundTrips, type RoundTrips } from './round-trips.ts'

/**
 * The only file that knows the Snowflake driver and its traps. The driver is loaded on first use, because it takes about
 * a hundred megabytes with its cloud clients.
 */

/** The account is as the sign-in expects it, with its region. */
export interface SignIn extends SnowflakeAddress {
  /** Protocol, host and port. */
  origin: string
  credential: SnowflakeCredential
  /** QUERY_TAG of every statement. */
  tag: string
  /** How often to retry a sign-in that reached no server. A refused sign-in is never retried. */
  retries: number
  deadlineMs: number
}

export interface ExecuteOptions {
  deadlineMs: number
  /** Rows beyond it are not read. */
  limit: number
  parameters?: Record<string, string | number | boolean>
}

export interface Result {
  /** In lower case. */
  names: string[]
  types: ColumnType[]
  rows: Cell[][]
}

/** A session of the driver. It throws the driver's errors, or `NoResponse`. */
export interface DriverSession {
  execute(statement: Sql, options: ExecuteOptions): Promise<Result>
  /** Signs out. Never throws, and waits only a moment. */
  destroy(): Promise<void>
}

/** There was no response in time. */
export class NoResponse extends Error {
  /** The server confirmed that it stopped the statement, so the session stays usable. */
  stopped = false
}

const SIGN_OUT_MS = 3_000
const CANCEL_MS = 2_000
const REQUEST_MS = 60_000 // Snowflake answers a long statement with "in progress" after 45 s
// Above this number of values the driver silently writes a file of its own, and hides when that fails.
const NO_STAGE_BINDING = 1_000_000_000

type Driver = typeof import('snowflake-sdk')

let loaded: Promise<Driver> | undefined

async function load(): Promise<Driver> {
  quietSnowflakeDriver()
  const [{ default: driver }, { default: parameters }] = await Promise.all([
    import('snowflake-sdk'),
    import('snowflake-sdk/dist/lib/parameters.js'),
  ])
  const silent = () => undefined
  driver.configure({
    // By default it logs to standard output and to a file in the current folder.
    logLevel: 'OFF',
    additionalLogToConsole: false,
    customLogger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    // By default a VARIANT that is not strict JSON is evaluated as JavaScript in this process.
    jsonColumnVariantParser: JSON.parse,
    xmlColumnVariantParser: (text: string) => text,
  })
  // The driver applies what one account's server says about a session to all sessions of the process, for example a
  // routing header, a heartbeat and when to bind through a file. Ignore all of it.
  parameters.update = silent
  return driver
}

/** @throws the driver's error for a refused sign-in, NoResponse after the deadline */
export async function signIn(options: SignIn, trips: RoundTrips): Promise<DriverSession> {
  loaded ??= load()
  const driver = await loaded
  return countRoundTrips(trips, async () => {
    const connection = driver.createConnection(connectionOptions(options))
    const session = sessionOf(connection, trips)
    try {
      await within(options.deadlineMs, connect(connection))
      return session
    } catch (error) {
      void session.destroy()
      throw error
    }
  })
}

/** A new object for each connection, because the driver writes into it, for example the first host. */
function connectionOptions(options: SignIn): ConnectionOptions {
  return {
    account: options.account,
    accessUrl: options.origin,
    username: options.user,
    // Quotes keep a name exact; without them the server folds it to upper case.
    role: quote(options.role),
    warehouse: quote(options.warehouse),
    database: quote(options.database),
    schema: quote(options.schema),
    application: 'Tracklake',
    queryTag: options.tag,
    timeout: Math.min(REQUEST_MS, options.deadlineMs),
    sfRetryMaxLoginRetries: options.retries,
    arrayBindingThreshold: NO_STAGE_BINDING,
    clientSessionKeepAlive: false,
    ...credentialOptions(options.credential),
  }
}

function credentialOptions(credential: SnowflakeCredential): Partial<ConnectionOptions> {
  if (credential.method === 'token') return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: credential.token }
  if (credential.method === 'password') return { authenticator: 'SNOWFLAKE', password: credential.password }
  const { privateKey, passphrase } = credential
  return { authenticator: 'SNOWFLAKE_JWT', privateKey, ...(passphrase && { privateKeyPass: passphrase }) }
}

/** `connectAsync` resolves even if the sign-in was refused; only the callback gets the error. */
function connect(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()))
  })
}

function sessionOf(connection: Connection, trips: RoundTrips): DriverSession {
  return {
    execute: (statement, options) => countRoundTrips(trips, () => execute(connection, statement, options)),
    destroy: () => countRoundTrips(trips, () => signOut(connection)),
  }
}

async function execute(connection: Connection, { text, values }: Sql, options: ExecuteOptions): Promise<Result> {
  let running: RowStatement | undefined
  const result = new Promise<Result>((resolve, reject) => {
    running = connection.execute({
      sqlText: text,
      binds: [...values],
      // The driver adds parameters of its own to this object.
      parameters: { MULTI_STATEMENT_COUNT: 1, ...options.parameters },
      rowMode: 'array',
      fetchAsString: FETCH_AS_TEXT,
      // Without this the driver collects all rows, however many, and sends a failed statement again to look for rows.
      streamResult: true,
      complete: (error, statement) => {
        if (error) reject(error)
        else read(statement, options.limit).then(resolve, reject)
      },
    })
  })
  try {
    return await within(options.deadlineMs, result)
  } catch (error) {
    if (error instanceof NoResponse) error.stopped = await cancel(running)
    throw error
  }
}

async function read(statement: RowStatement, limit: number): Promise<Result> {
  const columns = statement.getColumns() ?? []
  const rows: Cell[][] = []
  if (limit > 0)
    for await (const row of statement.streamRows()) {
      const values: unknown[] = row
      rows.push(columns.map((column, index) => toCell(values[index], column)))
      if (rows.length === limit) break
    }
  return { names: columns.map((column) => column.getName().toLowerCase()), types: columns.map(columnTypeOf), rows }
}

/** The driver never calls back after a malformed response, so every call has a deadline. */
async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const timeout = pause(deadlineMs, done.signal).then(() => {
    throw new NoResponse(`No response within ${Math.round(deadlineMs)} ms`)
  })
  timeout.catch(() => undefined)
  work.catch(() => undefined)
  try {
    return await Promise.race([work, timeout])
  } finally {
    done.abort()
  }
}

/** Asks the server to stop the statement. */
async function cancel(running: RowStatement | undefined): Promise<boolean> {
  if (!running) return false
  const response = new Promise<boolean>((resolve) => running.cancel((error) => resolve(!error)))
  return within(CANCEL_MS, response).catch(() => false)
}

async function signOut(connection: Connection): Promise<void> {
  const response = new Promise<void>((resolve) => connection.destroy(() => resolve()))
  await within(SIGN_OUT_MS, response).catch(() => undefined)
}
