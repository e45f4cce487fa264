import { quote } from '#lib/warehouse/identifiers.ts'
import { SCHEMA_SUFFIXES, type SnowflakeAddress } from './identifier.ts'

/**
 * Scripts that a person runs in a Snowflake worksheet. Every statement stands alone and can be repeated. Names are quoted
 * as Snowflake stores them.
 */

export type ScriptNames = Omit<SnowflakeAddress, 'account'>
type SchemaNames = Pick<ScriptNames, 'database' | 'schema' | 'role'>

export interface Setup extends ScriptNames {
  /** Base64 without BEGIN and END. */
  publicKey: string
  /** A role for BI tools, which can only select. */
  readerRole?: string
  /** Stops the warehouse for the rest of the month once this many credits are used. */
  monthlyCredits?: number
}

/** Longer than any load lets a statement run. */
const STATEMENT_SECONDS = 600
const QUEUED_SECONDS = 120
const LOCK_SECONDS = 60
const SUFFIXES = Object.values(SCHEMA_SUFFIXES)

/** Creates everything that Tracklake needs, with the least privileges: the role can only use tables that it creates. */
export function setupScript(setup: Setup): string {
  const { user, role, warehouse, database, schema, publicKey, readerRole, monthlyCredits } = setup
  return script(
    'Run all of it as ACCOUNTADMIN. It is safe to run again: whatever exists stays unchanged.',
    `USE ROLE ACCOUNTADMIN`,
    `CREATE ROLE IF NOT EXISTS ${quote(role)} COMMENT = 'Tracklake'`,
    `GRANT ROLE ${quote(role)} TO ROLE SYSADMIN`,
    `CREATE WAREHOUSE IF NOT EXISTS ${quote(warehouse)} WAREHOUSE_SIZE = XSMALL GENERATION = '1' AUTO_SUSPEND = 60
  AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE STATEMENT_TIMEOUT_IN_SECONDS = ${STATEMENT_SECONDS}
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = ${QUEUED_SECONDS} COMMENT = 'Tracklake'`,
    `GRANT USAGE ON WAREHOUSE ${quote(warehouse)} TO ROLE ${quote(role)}`,
    ...monitorStatements(warehouse, monthlyCredits),
    `CREATE DATABASE IF NOT EXISTS ${quote(database)} DATA_RETENTION_TIME_IN_DAYS = 1 COMMENT = 'Tracklake'`,
    `GRANT USAGE ON DATABASE ${quote(database)} TO ROLE ${quote(role)}`,
    ...schemaStatements({ database, schema, role }),
    `CREATE USER IF NOT EXISTS ${quote(user)} TYPE = SERVICE DEFAULT_ROLE = ${quote(role)}
  DEFAULT_WAREHOUSE = ${quote(warehouse)} DEFAULT_SECONDARY_ROLES = () COMMENT = 'Tracklake'`,
    `ALTER USER ${quote(user)} SET RSA_PUBLIC_KEY = '${key(publicKey)}'`,
    `ALTER USER ${quote(user)} SET TIMEZONE = 'UTC' STRICT_JSON_OUTPUT = TRUE LOCK_TIMEOUT = ${LOCK_SECONDS}
  STATEMENT_TIMEOUT_IN_SECONDS = ${STATEMENT_SECONDS}`,
    `GRANT ROLE ${quote(role)} TO USER ${quote(user)}`,
    ...readerStatements({ database, schema, role }, readerRole),
    `SELECT CURRENT_ORGANIZATION_NAME() || '-' || CURRENT_ACCOUNT_NAME() AS "Account identifier"`,
  )
}

/** Creates only the further schemas, for a connection that is missing them. */
export function schemasScript({ database, schema, role }: SchemaNames): string {
  return script('Run it as ACCOUNTADMIN.', ...schemaStatements({ database, schema, role }))
}

/** Registers a second key beside the one in use, so that both work until the old one is retired. */
export function rotateScript({ user, slot, publicKey }: { user: string; slot: 1 | 2; publicKey: string }): string {
  return script(
    'Run it as ACCOUNTADMIN. The key in use keeps working.',
    `ALTER USER ${quote(user)} SET ${slotName(slot)} = '${key(publicKey)}'`,
    `DESC USER ${quote(user)}`,
  )
}

/** Removes the old key once the new one is in use. */
export function retireScript({ user, slot }: { user: string; slot: 1 | 2 }): string {
  return script(
    'Run it as ACCOUNTADMIN, after the new key is in use.',
    `ALTER USER ${quote(user)} UNSET ${slotName(slot)}`,
  )
}

// The owner table comes last: until then the schema is this listener's.
const OWN_TABLES = ['TRACKLAKE_LOADS', 'TRACKLAKE_RUNS', 'TRACKLAKE_STREAM_RUNS', 'TRACKLAKE_OWNER']

/** Drops the named tables that were loaded, and Tracklake's own. */
export function dropTablesScript(
  { database, schema }: Pick<ScriptNames, 'database' | 'schema'>,
  loaded: string[],
): string {
  return script(
    'Run it as ACCOUNTADMIN. It drops the tables that Tracklake created, and no others.',
    ...[...loaded, ...OWN_TABLES].map(
      (table) => `DROP TABLE IF EXISTS ${quote(database)}.${quote(schema)}.${quote(table)}`,
    ),
  )
}

/** Drops everything that the setup script created, except the database, which may contain more. */
export function dropScript(names: ScriptNames): string {
  const { user, role, warehouse, database, schema } = names
  return script(
    `Run it as ACCOUNTADMIN. The database stays; if nothing else is in it: DROP DATABASE ${commented(database)}`,
    `DROP USER IF EXISTS ${quote(user)}`,
    ...SUFFIXES.map((suffix) => `DROP SCHEMA IF EXISTS ${quote(database)}.${quote(schema + suffix)}`),
    `DROP WAREHOUSE IF EXISTS ${quote(warehouse)}`,
    `DROP RESOURCE MONITOR IF EXISTS ${quote(monitorOf(warehouse))}`,
    `DROP ROLE IF EXISTS ${quote(readerOf(role))}`,
    `DROP ROLE IF EXISTS ${quote(role)}`,
  )
}

/** The name of the read-only role for BI tools. */
export function readerOf(role: string): string {
  return `${role}_READER`
}

function schemaStatements({ database, schema, role }: SchemaNames): string[] {
  return SUFFIXES.flatMap((suffix) => {
    const path = `${quote(database)}.${quote(schema + suffix)}`
    // Models are views and tables; raw data is in tables only.
    const privileges = suffix === '' ? 'USAGE, CREATE TABLE' : 'USAGE, CREATE TABLE, CREATE VIEW'
    return [
      `CREATE SCHEMA IF NOT EXISTS ${path} COMMENT = 'Tracklake'`,
      `GRANT ${privileges} ON SCHEMA ${path} TO ROLE ${quote(role)}`,
    ]
  })
}

function readerStatements({ database, schema, role }: SchemaNames, reader: string | undefined): string[] {
  if (reader === undefined) return []
  const to = `TO ROLE ${quote(reader)}`
  return [
    `CREATE ROLE IF NOT EXISTS ${quote(reader)} COMMENT = 'Tracklake'`,
    `GRANT ROLE ${quote(reader)} TO ROLE ${quote(role)}`,
    `GRANT USAGE ON DATABASE ${quote(database)} ${to}`,
    ...SUFFIXES.flatMap((suffix) => {
      const path = `${quote(database)}.${quote(schema + suffix)}`
      return [
        `GRANT USAGE ON SCHEMA ${path} ${to}`,
        ...['ALL TABLES', 'FUTURE TABLES', 'ALL VIEWS', 'FUTURE VIEWS'].map(
          (which) => `GRANT SELECT ON ${which} IN SCHEMA ${path} ${to}`,
        ),
      ]
    }),
  ]
}

function monitorStatements(warehouse: string, credits: number | undefined): string[] {
  if (credits === undefined) return []
  const monitor = quote(monitorOf(warehouse))
  return [
    `CREATE RESOURCE MONITOR IF NOT EXISTS ${monitor} WITH CREDIT_QUOTA = ${Math.max(1, Math.ceil(credits))}
  FREQUENCY = MONTHLY START_TIMESTAMP = IMMEDIATELY TRIGGERS ON 80 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND`,
    `ALTER WAREHOUSE ${quote(warehouse)} SET RESOURCE_MONITOR = ${monitor}`,
  ]
}

function slotName(slot: 1 | 2): string {
  return slot === 1 ? 'RSA_PUBLIC_KEY' : 'RSA_PUBLIC_KEY_2'
}

function monitorOf(warehouse: string): string {
  return `${warehouse}_MONITOR`
}

/** A name in a comment must not start a new line. */
function commented(name: string): string {
  return quote(name).replaceAll(/\s+/g, ' ')
}

/** Keeps nothing but base64. */
function key(publicKey: string): string {
  return publicKey.replaceAll(/[^A-Za-z0-9+/=]/g, '')
}

function script(intent: string, ...statements: string[]): string {
  return `-- Tracklake. ${intent}\n${statements.map((statement) => `${statement};\n`).join('')}`
}
