import { Stop } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import { type Checking, type Finding, ok } from './checking.ts'
import { COMMENT } from './own-sql.ts'
import { foreignSchema, foreignTable, lookAtOwner } from './owner.ts'
import { createTable, lookUp } from './schema-sql.ts'
import { exact, schemaPath, source, sql, tableName } from './sql.ts'
import { overwrite } from './write-sql.ts'

/** A table that tries what loads do. */
function probeOf(name: string): Table {
  return { schema: 'raw', name, columns: { id: 'integer', checked_at: 'timestamp', value: 'json' }, key: ['id'] }
}

/** Whether the schema is there, and free or this listener's. */
export async function checkSchema({ session, options, context }: Checking): Promise<Finding> {
  const { address, owner, tables = [] } = options
  if (context.schema !== address.schema || context.database !== address.database) await enterSchema(session, options)
  const claim = await lookAtOwner(session, address, owner)
  if (claim === 'foreign') throw foreignSchema(address)
  if (tables.length > 0) {
    const { rows } = await session.run(lookUp(address, 'raw', [...tables]), { warehouse: false })
    const foreign = rows.find(([, comment]) => comment !== COMMENT)
    if (foreign) throw foreignTable(String(foreign[0]))
  }
  if (claim === 'reclaimable')
    return ok(`The schema ${address.schema} was filled by an earlier Tracklake of yours; it is taken over with Save.`)
  return ok(claim === 'ours' ? `The schema ${address.schema} is yours.` : `The schema ${address.schema} is free.`)
}

async function enterSchema(session: Checking['session'], { address }: Checking['options']): Promise<void> {
  try {
    await session.run(sql`USE SCHEMA ${schemaPath(address)}`, { warehouse: false })
  } catch (thrown) {
    throw new Stop(`The schema ${address.schema} does not exist, or the role may not use it`, {
      remedy: `Check the name, and run: GRANT USAGE, CREATE TABLE ON SCHEMA ${schemaPath(address).text} TO ROLE ${exact(address.role).text}`,
      context: { kind: 'needs you', check: 'schema' },
      cause: thrown,
    })
  }
}

export async function createProbe(checking: Checking): Promise<Finding> {
  const { session, options, probe } = checking
  const { address } = options
  try {
    await session.run(createTable(address, probeOf(probe)), { warehouse: false })
  } catch (thrown) {
    throw new Stop('The role may not create tables in the schema', {
      remedy: `Run: GRANT CREATE TABLE ON SCHEMA ${schemaPath(address).text} TO ROLE ${exact(address.role).text}`,
      context: { kind: 'needs you', check: 'create table' },
      cause: thrown,
    })
  }
  checking.probeMade = true
  return ok('A table can be made.')
}

export async function writeAndRead({ session, options, probe }: Checking): Promise<Finding> {
  const { address } = options
  const table = probeOf(probe)
  const json = JSON.stringify([[0, 1, Date.UTC(2026, 0, 1), { works: true }]])
  const rows = source(address, table, { kind: 'bound', json })
  await session.run(overwrite({ place: address, table, mode: 'overwrite', rows }))
  const answer = await session.run(
    sql`SELECT "ID", "CHECKED_AT", TO_JSON("VALUE") AS "VALUE" FROM ${tableName(address, table)}`,
  )
  const found = JSON.stringify(answer.rows)
  if (found !== JSON.stringify([[1, '2026-01-01T00:00:00.000Z', '{"works":true}']]))
    throw new Stop(`What was written came back differently: ${found}`, {
      remedy: 'Tell the maintainers this text.',
      context: { check: 'write and read back' },
    })
  return ok('A row was written and came back unchanged.')
}

export async function cleanUp(checking: Checking): Promise<Finding> {
  const { session, options, probe } = checking
  await session.run(sql`DROP TABLE IF EXISTS ${tableName(options.address, probeOf(probe))}`, { warehouse: false })
  checking.probeMade = false
  return ok('The table of this test is dropped again.')
}
