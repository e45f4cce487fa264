import { alreadyExists, missingTable, SnowflakeFailure } from '#testing/snowflake/sql/failure.ts'
import { displayName, duckPath } from '#testing/snowflake/sql/names.ts'
import type { Cursor } from '#testing/snowflake/sql/tokens.ts'
import { grantFuture, schemaFor } from './ddl.ts'
import type { Execution } from './execution.ts'
import { type Column, type ResultSet, status } from './results.ts'

const CATALOG_TYPES: Record<Column['type'], string> = {
  fixed: 'NUMBER',
  real: 'FLOAT',
  text: 'TEXT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp_ntz: 'TIMESTAMP_NTZ',
  variant: 'VARIANT',
}

/**
 * CREATE [OR REPLACE] VIEW name [COMMENT = 'text'] AS query. The role needs to be able to read what the query reads; who
 * reads the view later doesn't.
 */
export function createView(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  cursor.expect('CREATE')
  const orReplace = cursor.takes('OR', 'REPLACE')
  cursor.expect('VIEW')
  const { session } = execution
  const path = session.fullPath(cursor.names())
  const comment = cursor.takes('COMMENT', '=') ? cursor.text() : null
  cursor.expect('AS')
  const query = execution.query(cursor.rest())
  return execution.define(async () => {
    const schema = schemaFor(execution, path, 'CREATE VIEW')
    const name = path[2] ?? ''
    const existing = schema.tables.get(name)
    if (existing && !(orReplace && existing.isView)) throw alreadyExists(displayName(path))
    if (existing) session.requirePrivilege('TABLE', path, existing.owner, 'OWNERSHIP')
    await execution.run(`CREATE OR REPLACE VIEW ${duckPath(path)} AS ${query}`)
    const { columns } = await execution.run(`SELECT * FROM ${duckPath(path)} LIMIT 0`)
    const types = new Map(columns.map((column) => [column.name, CATALOG_TYPES[column.type]]))
    schema.tables.set(name, { name, isView: true, owner: session.role, comment, collation: '', columns: types })
    grantFuture(execution, path, 'VIEW')
    return status(`View ${name} successfully created.`)
  })
}

/** DROP VIEW [IF EXISTS] name */
export function dropView(execution: Execution, cursor: Cursor): Promise<ResultSet> {
  cursor.expect('DROP', 'VIEW')
  const ifExists = cursor.takes('IF', 'EXISTS')
  const { session } = execution
  const path = session.fullPath(cursor.names())
  cursor.end()
  return execution.define(async () => {
    session.checkSchema(path)
    const [database = '', schemaName = '', name = ''] = path
    const held = session.account.schema(database, schemaName)?.tables.get(name)
    if (!held) {
      if (ifExists) return status('Drop statement executed successfully (already dropped).')
      throw missingTable(displayName(path))
    }
    if (!held.isView)
      throw new SnowflakeFailure(
        '001998',
        `SQL compilation error:\nObject found is of type 'TABLE', not specified type 'VIEW'.`,
      )
    session.requirePrivilege('TABLE', path, held.owner, 'OWNERSHIP')
    await execution.run(`DROP VIEW ${duckPath(path)}`)
    session.account.schema(database, schemaName)?.tables.delete(name)
    session.account.forgetGrants('TABLE', path)
    return status(`${name} successfully dropped.`)
  })
}
