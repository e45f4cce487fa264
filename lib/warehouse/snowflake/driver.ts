import type { Connection, ConnectionOptions, RowStatement } from 'snowflake-sdk'
import { pause } from '#lib/core/clock.ts'
import { quietSnowflakeDriver } from '#lib/core/config.ts'
import type { Cell } from '#lib/core/table.ts'
import { AS_TEXT, toCell } from './answer.ts'
import type { SnowflakeCredential } from './connection.ts'
import { counting, type RoundTrips } from './round-trips.ts'
import type { Sql } from './sql.ts'

/**
 * The only file that knows the Snowflake driver, and what to beware of in it. It is loaded with the first use, because
 * it and its cloud clients weigh a hundred megabytes.
 */

export interface SignIn {
  /** As the sign-in names it, with its region. */
  account: string
  /** Protocol, host and port. */
  origin: string
  user: string
  role: string
  warehouse: string
  database: string
  schema: string
  credential: SnowflakeCredential
  /** QUERY_TAG of every statement. */
  tag: string
  /** How often a sign-in that reached nobody is tried again; one that was refused never is. */
  retries: number
  deadlineMs: number
}

export interface Asked {
  deadlineMs: number
  /** Rows past it are not read. */
  limit: number
  parameters?: Record<string, string | number | boolean>
}

export interface Answer {
  /** In lower case. */
  names: string[]
  rows: Cell[][]
}

/** A session of the driver. What it throws are the driver's errors, or `NoAnswer`. */
export interface DriverSession {
  execute(statement: Sql, asked: Asked): Promise<Answer>
  /** Signs out; never throws, and waits no longer than a moment. */
  destroy(): Promise<void>
}

/** Nothing came back in time. */
export class NoAnswer extends Error {
  /** The server confirmed that it stopped; the session goes on. */
  stopped = false
}

const SIGN_OUT_MS = 3_000
const CANCEL_MS = 2_000
const REQUEST_MS = 60_000 // Snowflake answers a long statement with "in progress" after 45 s
// The driver would turn larger numbers of values into a file of its own, without a word when that fails.
const NEVER_TO_A_STAGE = 1_000_000_000

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
    // By default it writes to standard output and into a file in the current folder.
    logLevel: 'OFF',
    additionalLogToConsole: false,
    customLogger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    // By default a VARIANT that is no strict JSON is evaluated as JavaScript in this process.
    jsonColumnVariantParser: JSON.parse,
    xmlColumnVariantParser: (text: string) => text,
  })
  // The driver keeps what one account's server says about its session for all sessions of the process: among it a
  // routing header, a heartbeat and when to bind through a file. All of that stays as the driver comes.
  parameters.update = silent
  return driver
}

/** @throws what the driver says of a refused sign-in; NoAnswer after the deadline */
export async function signIn(options: SignIn, trips: RoundTrips): Promise<DriverSession> {
  loaded ??= load()
  const driver = await loaded
  return counting(trips, async () => {
    const connection = driver.createConnection(connectionOptions(options))
    const session = sessionOf(connection, trips)
    try {
      await within(options.deadlineMs, connected(connection))
      return session
    } catch (thrown) {
      void session.destroy()
      throw thrown
    }
  })
}

/** A fresh object for each connection: the driver writes into it, also where the first host was. */
function connectionOptions(options: SignIn): ConnectionOptions {
  return {
    account: options.account,
    accessUrl: options.origin,
    username: options.user,
    // Quotes keep a name exact; without them the server would fold it to upper case.
    role: quoted(options.role),
    warehouse: quoted(options.warehouse),
    database: quoted(options.database),
    schema: quoted(options.schema),
    application: 'Tracklake',
    queryTag: options.tag,
    timeout: Math.min(REQUEST_MS, options.deadlineMs),
    sfRetryMaxLoginRetries: options.retries,
    arrayBindingThreshold: NEVER_TO_A_STAGE,
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

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `connectAsync` resolves when a sign-in was refused; only the callback hears of it. */
function connected(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()))
  })
}

function sessionOf(connection: Connection, trips: RoundTrips): DriverSession {
  return {
    execute: (statement, asked) => counting(trips, () => execute(connection, statement, asked)),
    destroy: () => counting(trips, () => destroyed(connection)),
  }
}

async function execute(connection: Connection, { text, values }: Sql, asked: Asked): Promise<Answer> {
  let running: RowStatement | undefined
  const answer = new Promise<Answer>((resolve, reject) => {
    running = connection.execute({
      sqlText: text,
      binds: [...values],
      // The driver adds its own to this object.
      parameters: { TIMEZONE: 'UTC', STRICT_JSON_OUTPUT: true, MULTI_STATEMENT_COUNT: 1, ...asked.parameters },
      rowMode: 'array',
      fetchAsString: AS_TEXT,
      // Without it all rows are gathered, however many, and a failed statement is sent once more to look for rows.
      streamResult: true,
      complete: (error, statement) => {
        if (error) reject(error)
        else read(statement, asked.limit).then(resolve, reject)
      },
    })
  })
  try {
    return await within(asked.deadlineMs, answer)
  } catch (thrown) {
    if (thrown instanceof NoAnswer) thrown.stopped = await cancelled(running)
    throw thrown
  }
}

async function read(statement: RowStatement, limit: number): Promise<Answer> {
  const columns = statement.getColumns() ?? []
  const rows: Cell[][] = []
  if (limit > 0)
    for await (const row of statement.streamRows()) {
      const values: unknown[] = row
      rows.push(columns.map((column, index) => toCell(values[index], column)))
      if (rows.length === limit) break
    }
  return { names: columns.map((column) => column.getName().toLowerCase()), rows }
}

/** A malformed answer never calls back, so that every call races against its time. */
async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = pause(deadlineMs, done.signal).then(() => {
    throw new NoAnswer(`No answer within ${Math.round(deadlineMs)} ms`)
  })
  late.catch(() => undefined)
  work.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}

/** Asks the server to stop. */
async function cancelled(running: RowStatement | undefined): Promise<boolean> {
  if (!running) return false
  const answered = new Promise<boolean>((resolve) => running.cancel((error) => resolve(!error)))
  return within(CANCEL_MS, answered).catch(() => false)
}

async function destroyed(connection: Connection): Promise<void> {
  const answered = new Promise<void>((resolve) => connection.destroy(() => resolve()))
  await within(SIGN_OUT_MS, answered).catch(() => undefined)
}
