import { quote } from '#lib/warehouse/identifiers.ts'
import { block, forEach, hasComment, isNamed, note, pattern, run, text, when } from './block.ts'
import { SCHEMA_SUFFIXES, type SnowflakeAddress } from './identifier.ts'

/**
 * Scripts that a person runs in a Snowflake worksheet. Every statement stands alone and can be repeated. Names are quoted
 * as Snowflake stores them. Only objects with our comment are altered or dropped; a block checks them first.
 */

export type ScriptNames = Omit<SnowflakeAddress, 'account'>
type SchemaNames = Pick<ScriptNames, 'database' | 'schema' | 'role'>

export interface Setup extends ScriptNames {
  /** Marks what the script creates. */
  instanceId: string
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
const SUFFIXES = Object.values(SCHEMA_SUFFIXES)
const MODEL_SUFFIXES = SUFFIXES.filter((suffix) => suffix !== '')
/** The comment of tables, and of everything that scripts of earlier versions created. */
const PLAIN_COMMENT = 'Tracklake'

/** The comment that marks what the scripts of an installation create. */
export function commentOf(instanceId: string): string {
  return `${PLAIN_COMMENT} ${instanceId}`
}

const commentsOf = (instanceId: string) => [commentOf(instanceId), PLAIN_COMMENT]

// Other roles don't see everything, and what a block doesn't see counts as not there.
const AS_ADMIN = 'USE ROLE ACCOUNTADMIN'

// Otherwise quoted names would not be case-sensitive in an account that ignores case.
const EXACT_NAMES = 'ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE'

/**
 * Creates everything Tracklake needs with the fewest privileges: the role can only use tables that it creates. The
 * result is the account identifier and a list of existing objects that aren't ours.
 */
export function setupScript(setup: Setup): string {
  const { user, role, warehouse, database, schema, publicKey, readerRole, instanceId } = setup
  const comment = `COMMENT = ${text(commentOf(instanceId))}`
  return script(
    'Run the whole script as ACCOUNTADMIN. It is safe to run again: objects it did not create keep their settings.',
    AS_ADMIN,
    EXACT_NAMES,
    `CREATE ROLE IF NOT EXISTS ${quote(role)} ${comment}`,
    `CREATE WAREHOUSE IF NOT EXISTS ${quote(warehouse)} WAREHOUSE_SIZE = XSMALL GENERATION = '1' AUTO_SUSPEND = 60
  AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE STATEMENT_TIMEOUT_IN_SECONDS = ${STATEMENT_SECONDS}
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = ${QUEUED_SECONDS} ${comment}`,
    `GRANT USAGE ON WAREHOUSE ${quote(warehouse)} TO ROLE ${quote(role)}`,
    `CREATE DATABASE IF NOT EXISTS ${quote(database)} DATA_RETENTION_TIME_IN_DAYS = 1 ${comment}`,
    `GRANT USAGE ON DATABASE ${quote(database)} TO ROLE ${quote(role)}`,
    ...schemaStatements({ database, schema, role }, comment),
    `CREATE USER IF NOT EXISTS ${quote(user)} TYPE = SERVICE DEFAULT_ROLE = ${quote(role)}
  DEFAULT_WAREHOUSE = ${quote(warehouse)} DEFAULT_SECONDARY_ROLES = () RSA_PUBLIC_KEY = '${key(publicKey)}' ${comment}`,
    `GRANT ROLE ${quote(role)} TO USER ${quote(user)}`,
    ...readerStatements({ database, schema, warehouse }, readerRole, comment),
    settingsBlock(setup),
  )
}

/** Changes our objects and lists the others. */
function settingsBlock({ user, role, warehouse, publicKey, readerRole, monthlyCredits, instanceId }: Setup): string {
  const ours = (row: string) => hasComment(row, commentsOf(instanceId))
  const only = (row: string, name: string, kind: string, yes: string[]) =>
    when(isNamed(row, name), [when(ours(row), yes, [note('kept', `${kind} ${name}`)])])
  const reader = readerRole ?? readerOf(role)
  const toAdmins = (name: string) => run(`GRANT ROLE ${quote(name)} TO ROLE SYSADMIN`)
  return block(
    [`kept VARCHAR DEFAULT ''`, 'taken BOOLEAN DEFAULT FALSE'],
    [
      forEach('found_user', `SHOW USERS LIKE ${pattern(user)}`, [
        only('found_user', user, 'user', [run(`ALTER USER ${quote(user)} SET RSA_PUBLIC_KEY = '${key(publicKey)}'`)]),
      ]),
      forEach('found_role', `SHOW ROLES LIKE ${pattern(role)}`, [only('found_role', role, 'role', [toAdmins(role)])]),
      forEach('found_reader', `SHOW ROLES LIKE ${pattern(reader)}`, [
        when(isNamed('found_reader', reader), [
          ...(readerRole === undefined
            ? []
            : [when(ours('found_reader'), [toAdmins(reader)], [note('kept', `role ${reader}`)])]),
          // Earlier versions granted it to the role that loads, which could then read other people's tables.
          forEach('found_grant', `SHOW GRANTS OF ROLE ${quote(reader)}`, [
            when(`found_grant."granted_to" = 'ROLE' AND found_grant."grantee_name" = ${text(role)}`, [
              run(`REVOKE ROLE ${quote(reader)} FROM ROLE ${quote(role)}`),
            ]),
          ]),
        ]),
      ]),
      forEach('found_warehouse', `SHOW WAREHOUSES LIKE ${pattern(warehouse)}`, [
        only('found_warehouse', warehouse, 'warehouse', monitorStatements(warehouse, monthlyCredits)),
      ]),
    ],
    `CURRENT_ORGANIZATION_NAME() || '-' || CURRENT_ACCOUNT_NAME() AS "Account identifier", :kept AS "Left as it was"`,
  )
}

/** Creates only the further schemas, for a connection that is missing them. */
export function schemasScript({ database, schema, role }: SchemaNames, instanceId: string): string {
  return script(
    'Run it as ACCOUNTADMIN.',
    EXACT_NAMES,
    ...schemaStatements({ database, schema, role }, `COMMENT = ${text(commentOf(instanceId))}`),
  )
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

const OWNER_TABLE = 'TRACKLAKE_OWNER'
const OWN_TABLES = ['TRACKLAKE_LOADS', 'TRACKLAKE_RUNS', 'TRACKLAKE_STREAM_RUNS']
/** What models read besides loaded tables. */
const DECISION_TABLES = ['SETTINGS', 'EXCLUDED_PLAYS', 'RECORDING_CHOICES', 'PLAY_PAIRS', 'IMPORTED_PLAYS']
const DROP_RESULT = ':dropped AS "Dropped", :kept AS "Left, because Tracklake did not create it"'
const DROP_VARIABLES = [`dropped VARCHAR DEFAULT ''`, `kept VARCHAR DEFAULT ''`, `drop_statement VARCHAR DEFAULT ''`]

/** Drops the named tables that were loaded, the models, and Tracklake's own. */
export function dropTablesScript(
  { database, schema }: Pick<ScriptNames, 'database' | 'schema'>,
  loaded: string[],
): string {
  const named = (tables: string[]) => (row: string) => `${row}."name" IN (${tables.map(text).join(', ')})`
  const path = schemaPath(database, schema)
  return script(
    'Run it as ACCOUNTADMIN. It drops the tables that Tracklake created, and no others.',
    AS_ADMIN,
    EXACT_NAMES,
    block(
      DROP_VARIABLES,
      [
        dropTables('loaded_table', path, named([...loaded, ...OWN_TABLES, ...DECISION_TABLES])),
        ...MODEL_SUFFIXES.map((suffix, at) => dropModels(`model_schema_${at}`, database, schema + suffix)),
        // Last, because until then it marks the schema as this listener's.
        dropTables('owner_table', path, named([OWNER_TABLE])),
      ],
      DROP_RESULT,
    ),
  )
}

/** Drops our tables and views in a schema of models, if it exists. */
function dropModels(row: string, database: string, schema: string): string {
  const path = schemaPath(database, schema)
  return forEach(row, `SHOW SCHEMAS LIKE ${pattern(schema)} IN DATABASE ${quote(database)}`, [
    when(isNamed(row, schema), [
      dropObjects('VIEW', `${row}_view`, path, () => 'TRUE'),
      dropTables(`${row}_table`, path, () => 'TRUE'),
    ]),
  ])
}

/** Drops objects of the setup script that have our comment, except the database, which may contain more. */
export function dropScript(names: ScriptNames, instanceId: string): string {
  const { user, role, warehouse, database, schema } = names
  const only = (row: string, kind: string, name: string, yes: string[]) =>
    forEach(row, `SHOW ${kind}S LIKE ${pattern(name)}`, [
      when(isNamed(row, name), [
        when(
          hasComment(row, commentsOf(instanceId)),
          [...yes, note('dropped', `${kind.toLowerCase()} ${name}`)],
          [note('kept', `${kind.toLowerCase()} ${name}`)],
        ),
      ]),
    ])
  const monitor = monitorOf(warehouse)
  return script(
    `Run it as ACCOUNTADMIN. The database stays; if nothing else is in it: DROP DATABASE ${commented(database)}`,
    AS_ADMIN,
    EXACT_NAMES,
    block(
      [...DROP_VARIABLES, 'others INTEGER DEFAULT 0'],
      [
        only('found_user', 'USER', user, [run(`DROP USER ${quote(user)}`)]),
        forEach('found_database', `SHOW DATABASES LIKE ${pattern(database)}`, [
          when(
            isNamed('found_database', database),
            SUFFIXES.map((suffix, at) => dropSchema(`found_schema_${at}`, database, schema + suffix, instanceId)),
          ),
        ]),
        only('found_warehouse', 'WAREHOUSE', warehouse, [
          run(`DROP WAREHOUSE ${quote(warehouse)}`),
          // Resource monitors have no comment. It is ours if it is assigned to our warehouse.
          when(`found_warehouse."resource_monitor" = ${text(monitor)}`, [
            run(`DROP RESOURCE MONITOR IF EXISTS ${quote(monitor)}`),
            note('dropped', `resource monitor ${monitor}`),
          ]),
        ]),
        only('found_reader', 'ROLE', readerOf(role), [run(`DROP ROLE ${quote(readerOf(role))}`)]),
        only('found_role', 'ROLE', role, [run(`DROP ROLE ${quote(role)}`)]),
      ],
      DROP_RESULT,
    ),
  )
}

/** The objects that the drop script checks. */
export function dropNames({ user, role, warehouse, schema }: ScriptNames): string[] {
  return [
    `user ${user}`,
    ...SUFFIXES.map((suffix) => `schema ${schema}${suffix}`),
    `warehouse ${warehouse}`,
    `resource monitor ${monitorOf(warehouse)}`,
    `roles ${role} and ${readerOf(role)}`,
  ]
}

/** What others may have put into a schema, which would be dropped with it. OBJECTS are tables and views. */
const OTHER_KINDS = ['OBJECTS', 'STAGES', 'USER FUNCTIONS', 'SEQUENCES', 'STREAMS', 'TASKS', 'PIPES', 'FILE FORMATS']

/** Drops one of our schemas with our tables, unless it contains anything else. */
function dropSchema(row: string, database: string, schema: string, instanceId: string): string {
  const path = schemaPath(database, schema)
  return forEach(row, `SHOW SCHEMAS LIKE ${pattern(schema)} IN DATABASE ${quote(database)}`, [
    when(isNamed(row, schema), [
      when(
        hasComment(row, commentsOf(instanceId)),
        [
          dropObjects('VIEW', `${row}_view`, path, () => 'TRUE'),
          dropTables(`${row}_table`, path, () => 'TRUE'),
          'others := 0;',
          ...OTHER_KINDS.map((kind, at) =>
            forEach(`${row}_other_${at}`, `SHOW ${kind} IN SCHEMA ${path}`, ['others := others + 1;']),
          ),
          when(
            'others = 0',
            [run(`DROP SCHEMA ${path}`), note('dropped', `schema ${schema}`)],
            [note('kept', `schema ${schema}, which contains other objects`)],
          ),
        ],
        [note('kept', `schema ${schema}`)],
      ),
    ]),
  ])
}

/** Drops the tables of a schema that have our comment and match the condition. */
function dropTables(row: string, path: string, fits: (row: string) => string): string {
  return dropObjects('TABLE', row, path, fits)
}

function dropObjects(kind: 'TABLE' | 'VIEW', row: string, path: string, fits: (row: string) => string): string {
  const label = kind.toLowerCase()
  return forEach(row, `SHOW ${kind}S IN SCHEMA ${path}`, [
    when(fits(row), [
      when(
        hasComment(row, [PLAIN_COMMENT]),
        [
          `drop_statement := ${text(`DROP ${kind} ${path}."`)} || REPLACE(${row}."name", '"', '""') || '"';`,
          'EXECUTE IMMEDIATE :drop_statement;',
          `dropped := dropped || '${label} ' || ${row}."name" || '; ';`,
        ],
        [`kept := kept || '${label} ' || ${row}."name" || '; ';`],
      ),
    ]),
  ])
}

function schemaPath(database: string, schema: string): string {
  return `${quote(database)}.${quote(schema)}`
}

/** The name of the read-only role for BI tools. */
export function readerOf(role: string): string {
  return `${role}_READER`
}

function schemaStatements({ database, schema, role }: SchemaNames, comment: string): string[] {
  return SUFFIXES.flatMap((suffix) => {
    const path = schemaPath(database, schema + suffix)
    // Models are views and tables; raw data is in tables only.
    const privileges = suffix === '' ? 'USAGE, CREATE TABLE' : 'USAGE, CREATE TABLE, CREATE VIEW'
    return [
      `CREATE SCHEMA IF NOT EXISTS ${path} ${comment}`,
      `GRANT ${privileges} ON SCHEMA ${path} TO ROLE ${quote(role)}`,
    ]
  })
}

function readerStatements(
  { database, schema, warehouse }: Pick<ScriptNames, 'database' | 'schema' | 'warehouse'>,
  reader: string | undefined,
  comment: string,
): string[] {
  if (reader === undefined) return []
  const to = `TO ROLE ${quote(reader)}`
  return [
    `CREATE ROLE IF NOT EXISTS ${quote(reader)} ${comment}`,
    `GRANT USAGE ON WAREHOUSE ${quote(warehouse)} ${to}`,
    `GRANT USAGE ON DATABASE ${quote(database)} ${to}`,
    ...SUFFIXES.flatMap((suffix) => {
      const path = schemaPath(database, schema + suffix)
      return [
        `GRANT USAGE ON SCHEMA ${path} ${to}`,
        ...['ALL TABLES', 'FUTURE TABLES', 'ALL VIEWS', 'FUTURE VIEWS'].map(
          (which) => `GRANT SELECT ON ${which} IN SCHEMA ${path} ${to}`,
        ),
      ]
    }),
  ]
}

/** For our own warehouse. A monitor is ours if it has our name and is assigned to the warehouse. */
function monitorStatements(warehouse: string, credits: number | undefined): string[] {
  if (credits === undefined) return []
  const name = monitorOf(warehouse)
  const monitor = quote(name)
  const quota = `CREDIT_QUOTA = ${Math.max(1, Math.ceil(credits))}`
  return [
    when(
      `found_warehouse."resource_monitor" = ${text(name)}`,
      [run(`ALTER RESOURCE MONITOR ${monitor} SET ${quota}`)],
      [
        when(
          // SHOW returns the text "null" if there is none.
          `COALESCE(NULLIF(found_warehouse."resource_monitor", 'null'), '') = ''`,
          [
            forEach('found_monitor', `SHOW RESOURCE MONITORS LIKE ${pattern(name)}`, [
              when(isNamed('found_monitor', name), ['taken := TRUE;']),
            ]),
            when(
              'taken',
              [note('kept', `resource monitor ${name}`)],
              [
                run(`CREATE RESOURCE MONITOR ${monitor} WITH ${quota} FREQUENCY = MONTHLY START_TIMESTAMP = IMMEDIATELY
    TRIGGERS ON 80 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND`),
                run(`ALTER WAREHOUSE ${quote(warehouse)} SET RESOURCE_MONITOR = ${monitor}`),
              ],
            ),
          ],
          [`kept := kept || 'resource monitor ' || found_warehouse."resource_monitor" || '; ';`],
        ),
      ],
    ),
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
