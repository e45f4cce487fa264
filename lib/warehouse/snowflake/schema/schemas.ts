import { SCHEMAS, type Table, type TableName } from '#lib/core/table.ts'
import { changedColumn } from '#lib/warehouse/check-load.ts'
import { codeOf } from '#lib/warehouse/snowflake/driver/failures.ts'
import type { Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { CATALOG_TYPES, type Place, storedName } from '#lib/warehouse/snowflake/sql.ts'
import type { WarehouseMemory } from '#lib/warehouse/warehouse.ts'
import type { ColumnTypes, Listing } from './listing.ts'
import { COMMENT } from './own-sql.ts'
import { foreignTable } from './owner.ts'
import { addColumns, createTable, renameTable } from './schema-sql.ts'

const TABLE_EXISTS = '002002'
const COLUMN_EXISTS = '001430'

export type TableCatalog = ReturnType<typeof tableCatalog>

/** Remembers the columns of the tables, so that an unchanged table needs neither a lookup nor a definition. */
export function tableCatalog(session: Session, place: Place, memory: WarehouseMemory, listing: Listing) {
  const recall = (table: Table): ColumnTypes | undefined => {
    const text = memory[memoryKey(table)]
    if (text === undefined) return undefined
    const columns: Record<string, string> = JSON.parse(text)
    return new Map(Object.entries(columns))
  }
  const remember = (table: Table, columns: ColumnTypes): void => {
    memory[memoryKey(table)] = JSON.stringify(Object.fromEntries(columns))
    listing.remember(table.schema, table.name, COMMENT, columns)
  }
  const knows = (table: Table): boolean => recall(table) !== undefined

  /** The columns in Snowflake; undefined if the table doesn't exist. @throws Stop when the table is not ours */
  const lookUp = async (table: Table): Promise<ColumnTypes | undefined> => {
    const name = storedName(table.name)
    const tables = await listing.tablesOf(session, table.schema)
    if (!tables.has(name)) return undefined
    if (tables.get(name) !== COMMENT) throw foreignTable(name)
    return listing.columnsOf(session, table.schema, table.name)
  }

  /** Creates the table or adds its missing columns. @returns whether another session did so first */
  const declare = async (table: Table): Promise<boolean> => {
    const existing = await lookUp(table)
    const missing = missingColumns(table, existing ?? new Map())
    try {
      if (!existing) await session.run(createTable(place, table))
      else if (missing.length > 0) await session.run(addColumns(place, table, missing))
    } catch (error) {
      if (codeOf(error) === TABLE_EXISTS || codeOf(error) === COLUMN_EXISTS) return true
      throw error
    }
    const added = missing.map(([name, type]) => [storedName(name), CATALOG_TYPES[type]] as const)
    remember(table, new Map([...(existing ?? []), ...added]))
    return false
  }

  return {
    knows,
    /** Looks up the unknown tables. */
    async learn(tables: Table[]): Promise<void> {
      for (const table of tables.filter((one) => !knows(one))) {
        const columns = await lookUp(table)
        if (columns) remember(table, columns)
      }
    },
    /**
     * Creates the table, or adds the declared columns that it is missing. A column that is no longer
     * declared stays and is null in new rows.
     * @throws Stop when a column changed its type, or the table is not ours
     */
    async ensure(table: Table): Promise<void> {
      const known = recall(table)
      if (known && missingColumns(table, known).length === 0) return
      if (!(await declare(table))) return
      listing.forget(table.schema)
      // Anything still not listed is a view or hidden from this role.
      if (await declare(table)) throw foreignTable(storedName(table.name))
    },
    /** Whether the table exists. */
    async has(table: Table): Promise<boolean> {
      await this.learn([table])
      return knows(table)
    },
    /** Renames a table; none is fine too. */
    async rename(table: TableName, name: string): Promise<void> {
      const tables = await listing.tablesOf(session, table.schema)
      const comment = tables.get(storedName(table.name))
      if (comment === undefined) return
      if (comment !== COMMENT) throw foreignTable(storedName(table.name))
      await session.run(renameTable(place, table, { ...table, name }))
      delete memory[memoryKey(table)]
      listing.forget(table.schema)
    },
    /** Forgets everything, so that each table is looked up again. */
    forgetAll(): void {
      for (const schema of SCHEMAS) {
        listing.forget(schema)
        for (const key of Object.keys(memory)) if (key.startsWith(`${schema}.`)) delete memory[key]
      }
    },
    /** Forgets a table that turned out to be gone. */
    forget(table: Table): void {
      delete memory[memoryKey(table)]
      listing.forget(table.schema)
    },
  }
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

function memoryKey({ schema, name }: TableName): string {
  return `${schema}.${name}`
}
