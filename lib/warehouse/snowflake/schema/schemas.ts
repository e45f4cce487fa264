import type { Schema, Table } from '#lib/core/table.ts'
import { changedColumn } from '#lib/warehouse/check-load.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { CATALOG_TYPES, type Place, storedName } from '#lib/warehouse/snowflake/sql.ts'
import type { WarehouseMemory } from '#lib/warehouse/warehouse.ts'
import { COMMENT } from './own-sql.ts'
import { foreignTable } from './owner.ts'
import { addColumn, createTable, lookUp } from './schema-sql.ts'

/** Existing columns with their types as INFORMATION_SCHEMA names them. */
type ColumnTypes = Map<string, string>

export type TableCatalog = ReturnType<typeof tableCatalog>

/** Remembers the columns of the tables, so that an unchanged table needs neither a lookup nor a definition. */
export function tableCatalog(session: Session, place: Place, memory: WarehouseMemory) {
  const recall = (table: Table): ColumnTypes | undefined => {
    const text = memory[memoryKey(table)]
    if (text === undefined) return undefined
    const columns: Record<string, string> = JSON.parse(text)
    return new Map(Object.entries(columns))
  }
  const remember = (table: Table, columns: ColumnTypes): void => {
    memory[memoryKey(table)] = JSON.stringify(Object.fromEntries(columns))
  }
  const knows = (table: Table): boolean => recall(table) !== undefined

  /** Looks up the unknown tables, with one statement per schema. */
  const learn = async (tables: Table[]): Promise<void> => {
    const unknown = Map.groupBy(
      tables.filter((table) => !knows(table)),
      ({ schema }) => schema,
    )
    for (const [schema, missing] of unknown) {
      const found = await columnsOf(session, place, schema, missing)
      for (const table of missing) {
        const columns = found.get(storedName(table.name))
        if (columns) remember(table, columns)
      }
    }
  }

  return {
    knows,
    learn,
    /**
     * Creates the table, or adds the declared columns that it is missing. A column that is no longer
     * declared stays and is null in new rows.
     * @throws Stop when a column changed its type, or the table is not ours
     */
    async ensure(table: Table): Promise<void> {
      const known = recall(table)
      if (known && missingColumns(table, known).length === 0) return
      const found = await columnsOf(session, place, table.schema, [table])
      const existing: ColumnTypes = found.get(storedName(table.name)) ?? new Map()
      const missing = missingColumns(table, existing)
      if (existing.size === 0) await session.run(createTable(place, table), { warehouse: false })
      else
        for (const [name, type] of missing) await session.run(addColumn(place, table, name, type), { warehouse: false })
      for (const [name, type] of missing) existing.set(storedName(name), CATALOG_TYPES[type])
      remember(table, existing)
    },
    /** Whether the table exists. */
    async has(table: Table): Promise<boolean> {
      await learn([table])
      return knows(table)
    },
    /** Forgets a table that turned out to be gone. */
    forget(table: Table): void {
      delete memory[memoryKey(table)]
    },
  }
}

/** The columns of the tables, by table name as Snowflake stores it. */
async function columnsOf(
  session: Session,
  place: Place,
  schema: Schema,
  tables: Table[],
): Promise<Map<string, ColumnTypes>> {
  const names = tables.map(({ name }) => name)
  const { rows } = await session.run(lookUp(place, schema, names), { warehouse: false })
  const found = new Map<string, ColumnTypes>()
  for (const [name, comment, column, type] of rows) {
    if (comment !== COMMENT) throw foreignTable(String(name))
    const columns = found.get(String(name)) ?? new Map<string, string>()
    found.set(String(name), columns.set(String(column), String(type)))
  }
  return found
}

/**
 * The declared columns that the table does not have.
 * @throws Stop when it has one with another type
 */
function missingColumns(table: Table, existing: ColumnTypes): [string, Table['columns'][string]][] {
  return Object.entries(table.columns).filter(([name, type]) => {
    const heldType = existing.get(storedName(name))
    if (heldType !== undefined && heldType !== CATALOG_TYPES[type])
      throw changedColumn(table, name, heldType, CATALOG_TYPES[type])
    return heldType === undefined
  })
}

function memoryKey({ schema, name }: Table): string {
  return `${schema}.${name}`
}
