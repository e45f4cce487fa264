import { Failure, Stop } from '#lib/core/errors.ts'
import type { Table } from '#lib/core/table.ts'
import { overwrite } from '#lib/warehouse/snowflake/load/write-sql.ts'
import { openListing } from '#lib/warehouse/snowflake/schema/listing.ts'
import { COMMENT } from '#lib/warehouse/snowflake/schema/own-sql.ts'
import { foreignSchema, foreignTable, readClaim } from '#lib/warehouse/snowflake/schema/owner.ts'
import { createTable } from '#lib/warehouse/snowflake/schema/schema-sql.ts'
import { exact, schemaPath, source, sql, storedName, tableName } from '#lib/warehouse/snowflake/sql.ts'
import { type CheckContext, type Finding, ok } from './finding.ts'

/** A table to try what loads do. */
function probeOf(name: string): Table {
  return { schema: 'raw', name, columns: { id: 'integer', checked_at: 'timestamp', value: 'json' }, key: ['id'] }
}

/** Whether the schema exists and is free or this listener's. */
export async function checkSchema({ session, options, context }: CheckContext): Promise<Finding> {
  const { address, owner, tables = [] } = options
  if (context.schema !== address.schema || context.database !== address.database) await enterSchema(session, options)
  const listing = openListing(address)
  const claim = await readClaim(session, address, owner, listing)
  if (claim === 'foreign') throw foreignSchema(address)
  const existing = await listing.tablesOf(session, 'raw')
  const foreign = tables.map(storedName).find((name) => existing.has(name) && existing.get(name) !== COMMENT)
  if (foreign) throw foreignTable(foreign)
  if (claim === 'reclaimable')
    return ok(`An earlier Tracklake of yours filled the schema ${address.schema}; saving takes it over.`)
  return ok(claim === 'ours' ? `The schema ${address.schema} is yours.` : `The schema ${address.schema} is free.`)
}

async function enterSchema(session: CheckContext['session'], { address }: CheckContext['options']): Promise<void> {
  try {
    await session.run(sql`USE SCHEMA ${schemaPath(address)}`)
  } catch (error) {
    if (error instanceof Failure && error.recovery !== 'stop') throw error
    throw new Stop(`The schema ${address.schema} doesn't exist, or the role can't use it`, {
      remedy: `Check the name, and run: GRANT USAGE, CREATE TABLE ON SCHEMA ${schemaPath(address).text} TO ROLE ${exact(address.role).text}`,
      context: { kind: 'needs you', check: 'schema' },
      cause: error,
    })
  }
}

export async function createProbe(check: CheckContext): Promise<Finding> {
  const { session, options, probe } = check
  const { address } = options
  // The table may exist even if the response came too late.
  check.probeMade = true
  try {
    await session.run(createTable(address, probeOf(probe)))
  } catch (error) {
    if (error instanceof Failure && error.recovery !== 'stop') throw error
    check.probeMade = false
    throw new Stop("The role can't create tables in the schema", {
      remedy: `Run: GRANT CREATE TABLE ON SCHEMA ${schemaPath(address).text} TO ROLE ${exact(address.role).text}`,
      context: { kind: 'needs you', check: 'create table' },
      cause: error,
    })
  }
  return ok('The role can create a table.')
}

export async function writeAndRead({ session, options, probe }: CheckContext): Promise<Finding> {
  const { address } = options
  const table = probeOf(probe)
  const json = JSON.stringify([[0, 1, Date.UTC(2026, 0, 1), { works: true }]])
  const rows = source(address, table, { kind: 'bound', json })
  await session.run(overwrite({ place: address, table, mode: 'overwrite', rows }))
  const result = await session.run(
    sql`SELECT "ID", "CHECKED_AT", TO_JSON("VALUE") AS "VALUE" FROM ${tableName(address, table)}`,
  )
  const found = JSON.stringify(result.rows)
  if (found !== JSON.stringify([[1, '2026-01-01T00:00:00.000Z', '{"works":true}']]))
    throw new Stop(`A row was written and came back different: ${found}`, {
      remedy: 'Please report this message as a bug.',
      context: { check: 'write and read back' },
    })
  return ok('A row was written and came back unchanged.')
}

export async function cleanUp(check: CheckContext): Promise<Finding> {
  const { session, options, probe } = check
  await session.run(sql`DROP TABLE IF EXISTS ${tableName(options.address, probeOf(probe))}`)
  check.probeMade = false
  return ok('The test table was dropped.')
}
