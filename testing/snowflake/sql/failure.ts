/** An error of Snowflake for a statement or sign-in: its code, text and SQL state. */
export class SnowflakeFailure extends Error {
  readonly code: string
  readonly sqlState: string

  constructor(code: string, message: string, sqlState = '42000') {
    super(message)
    this.name = 'SnowflakeFailure'
    this.code = code
    this.sqlState = sqlState
  }
}

export const syntaxError = (what: string) => new SnowflakeFailure('001003', `SQL compilation error:\n${what}`)

/** For what the real Snowflake may support and this server doesn't: it refuses instead of guessing. */
export const unsupported = (what: string) =>
  new SnowflakeFailure('001003', `SQL compilation error:\nthe test server does not support ${what}`)

export const unknownFunction = (name: string) =>
  new SnowflakeFailure('002140', `SQL compilation error:\nUnknown function ${name}`, '42601')

export const missingTable = (name: string) =>
  new SnowflakeFailure('002003', `SQL compilation error:\nObject '${name}' does not exist or not authorized.`, '42S02')

export const missing = (kind: string, name: string) =>
  new SnowflakeFailure('002003', `SQL compilation error:\n${kind} '${name}' does not exist or not authorized.`, '02000')

/** For USE, DESCRIBE and SHOW … IN, which look an object up before anything else. */
export const cannotUse = () =>
  new SnowflakeFailure(
    '002043',
    'SQL compilation error:\nObject does not exist, or operation cannot be performed.',
    '02000',
  )

export const notAllowed = (kind: string, name: string) =>
  new SnowflakeFailure(
    '003001',
    `SQL access control error:\nInsufficient privileges to operate on ${kind} '${name}'`,
    '42501',
  )

export const alreadyExists = (name: string) =>
  new SnowflakeFailure('002002', `SQL compilation error:\nObject '${name}' already exists.`, '42710')

export const noWarehouse = () =>
  new SnowflakeFailure(
    '000606',
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.\n",
    '57P03',
  )
