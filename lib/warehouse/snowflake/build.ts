import { Stop } from '#lib/core/errors.ts'
import { type Columns, SCHEMAS, type Schema, type Table, type TableName } from '#lib/core/table.ts'
import type { Relation, RelationsBuild, WarehouseMemory } from '#lib/warehouse/warehouse.ts'
import type { SnowflakeOptions } from './connection.ts'
import { codeOf, isMissing } from './driver/failures.ts'
import { rowsOf } from './driver/result-cells.ts'
import type { Session } from './driver/session.ts'
import { type Listing, NO_SUCH_SCHEMA } from './schema/listing.ts'
import { COMMENT } from './schema/own-sql.ts'
import { foreignTable } from './schema/owner.ts'
import { createView, dropTable, dropView, replaceRows, shapeOf, showViews } from './schema/schema-sql.ts'
import type { TableCatalog } from './schema/schemas.ts'
import { schemasScript } from './setup/script.ts'
import { modelSql, type Place, schemaName, storedName } from './sql.ts'

/**
 * Writes derived relations. Every table is written whole: a round trip costs more than its rows, and an incremental build
 * needs four statements where this needs one (docs/decisions/0060). All rows are replaced in one transaction; DDL, which
 * would commit it, runs before and only when the relations have changed.
 */

interface BuildContext {
  session: Session
  options: SnowflakeOptions
  place: Place
  catalog: TableCatalog
  listing: Listing
  memory: WarehouseMemory
}

/** What the memory holds about the last declaration: the columns of each table in the order of its SELECT. */
interface Declared {
  version: string
  columns: Record<string, string[]>
}

const MEMORY_KEY = 'relations'
const DERIVED = SCHEMAS.filter((schema) => schema !== 'raw')

export async function buildRelations(context: BuildContext, build: RelationsBuild): Promise<void> {
  const known = recall(context.memory)
  if (known?.version === build.version) {
    try {
      return await writeAll(context, build, known)
    } catch (error) {
      // Somebody dropped a table or view meanwhile.
      if (!isMissing(error)) throw error
    }
  }
  const declared = await declare(context, build).catch((error: unknown) => {
    throw NO_RIGHTS.includes(codeOf(error) ?? '') ? missingRights(context.options, error) : error
  })
  await writeAll(context, build, declared)
}

/** The codes for a schema that is not there or not visible, and for a missing grant. */
const NO_RIGHTS = ['002003', '002043', '003001']

function missingRights({ address, owner }: SnowflakeOptions, cause: unknown): Stop {
  const schemas = DERIVED.map((schema) => schemaName(address, schema))
  return new Stop(`The role ${address.role} can't create tables and views in ${schemas.join(', ')}`, {
    remedy: schemasScript(address, owner.instanceId),
    context: { kind: 'needs you', check: 'other schemas' },
    cause,
  })
}

function recall(memory: WarehouseMemory): Declared | undefined {
  const text = memory[MEMORY_KEY]
  return text === undefined ? undefined : (JSON.parse(text) as Declared)
}

async function writeAll(
  { session, place }: BuildContext,
  { relations }: RelationsBuild,
  { columns }: Declared,
): Promise<void> {
  await session.transaction(async (run) => {
    for (const relation of relations) {
      if (relation.isView) continue
      await run(replaceRows(place, relation, columns[nameOf(relation)] ?? [], modelSql(relation.select)))
      if (relation.after) await run(modelSql(relation.after))
    }
  })
}

/** Creates what is missing, replaces views, and drops what is gone. Tables keep their rows. */
async function declare(context: BuildContext, { version, sources, relations }: RelationsBuild): Promise<Declared> {
  const { session, place, catalog, listing, memory } = context
  delete memory[MEMORY_KEY]
  catalog.forgetAll()
  for (const table of sources) await catalog.ensure(table)
  const views = await viewsOf(context)
  const columns: Declared['columns'] = {}
  for (const relation of relations) {
    const stored = storedName(relation.name)
    if (relation.isView) {
      const tables = await listing.tablesOf(session, relation.schema)
      if (tables.has(stored)) await drop(context, relation, tables.get(stored))
      const held = views.get(relation.schema)
      if (held?.has(stored) && held.get(stored) !== COMMENT) throw foreignTable(stored)
      await session.run(createView(place, relation, modelSql(relation.select)))
      held?.set(stored, COMMENT)
    } else {
      const held = views.get(relation.schema)
      if (held?.has(stored)) {
        if (held.get(stored) !== COMMENT) throw foreignTable(stored)
        await session.run(dropView(place, relation))
        held.delete(stored)
      }
      columns[nameOf(relation)] = await declareTable(context, relation)
    }
  }
  await dropOthers(context, relations, views)
  const declared = { version, columns }
  memory[MEMORY_KEY] = JSON.stringify(declared)
  return declared
}

/** @returns the table's columns in the order of its SELECT */
async function declareTable({ session, place, catalog }: BuildContext, relation: Relation): Promise<string[]> {
  const { names, types } = await session.run(shapeOf(modelSql(relation.select)))
  const columns: Columns = Object.fromEntries(names.map((name, index) => [name, types[index] ?? 'text']))
  const table: Table = { schema: relation.schema, name: relation.name, columns, key: names.slice(0, 1) }
  try {
    await catalog.ensure(table)
  } catch (error) {
    if (!(error instanceof Stop) || error.context.column === undefined) throw error
    // Only rows that can be computed again are lost, and only when a version gives a column another type.
    await session.run(dropTable(place, table))
    catalog.forget(table)
    await catalog.ensure(table)
  }
  return names
}

/** The views of the derived schemas by stored name, with their comments. */
async function viewsOf({ session, place }: BuildContext): Promise<Map<Schema, Map<string, string | null>>> {
  const found = new Map<Schema, Map<string, string | null>>()
  for (const schema of DERIVED) {
    const rows = await session.run(showViews(place, schema)).then(rowsOf, (error: unknown) => {
      if (codeOf(error) === NO_SUCH_SCHEMA) return []
      throw error
    })
    found.set(
      schema,
      new Map(rows.map(({ name, comment }) => [String(name), comment === null ? null : String(comment)])),
    )
  }
  return found
}

async function drop(
  { session, place, catalog }: BuildContext,
  table: TableName,
  comment: string | null | undefined,
): Promise<void> {
  if (comment !== COMMENT) throw foreignTable(storedName(table.name))
  await session.run(dropTable(place, table))
  catalog.forget({ ...table, columns: {}, key: [] })
}

/** Drops our tables and views that no relation has any more. Others stay. */
async function dropOthers(
  context: BuildContext,
  relations: Relation[],
  views: Map<Schema, Map<string, string | null>>,
): Promise<void> {
  const { session, place, listing } = context
  const kept = new Set(relations.map((relation) => nameOf({ ...relation, name: storedName(relation.name) })))
  for (const schema of DERIVED) {
    for (const [name, comment] of views.get(schema) ?? [])
      if (comment === COMMENT && !kept.has(nameOf({ schema, name })))
        await session.run(dropView(place, { schema, name }))
    for (const [name, comment] of await listing.refresh(session, schema))
      if (comment === COMMENT && !kept.has(nameOf({ schema, name }))) await drop(context, { schema, name }, comment)
  }
}

const nameOf = ({ schema, name }: TableName) => `${schema}.${name}`
