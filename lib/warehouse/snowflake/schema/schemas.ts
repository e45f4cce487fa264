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

/** Remembers the columns of the tables, so that an unchanged table needs neither a lookup nor a definition. */
export class TableCatalog {
  readonly #session: Session
  readonly #place: Place
  readonly #memory: WarehouseMemory

  constructor(session: Session, place: Place, memory: WarehouseMemory) {
    this.#session = session
    this.#place = place
    this.#memory = memory
  }

  /** Looks up the unknown tables, with one statement per schema. */
  async learn(tables: Table[]): Promise<void> {
    const unknown = tables.filter((table) => !this.knows(table))
    for (const schema of new Set(unknown.map((table) => table.schema))) {
      const missing = unknown.filter((table) => table.schema === schema)
      const found = await this.#lookUp(schema, missing)
      for (const table of missing) {
        const columns = found.get(storedName(table.name))
        if (columns) this.#remember(table, columns)
      }
    }
  }

  /**
   * Gives the table the declared columns: creates it, or adds the columns it is missing. A column that is no longer
   * declared stays and is null in new rows.
   * @throws Stop when a column changed its type, or the table is not ours
   */
  async ensure(table: Table): Promise<void> {
    const known = this.#recall(table)
    if (known && missingColumns(table, known).length === 0) return
    const existing =
      (await this.#lookUp(table.schema, [table])).get(storedName(table.name)) ?? new Map<string, string>()
    const missing = missingColumns(table, existing)
    if (existing.size === 0) await this.#session.run(createTable(this.#place, table), { warehouse: false })
    else
      for (const [name, type] of missing)
        await this.#session.run(addColumn(this.#place, table, name, type), { warehouse: false })
    for (const [name, type] of missing) existing.set(storedName(name), CATALOG_TYPES[type])
    this.#remember(table, existing)
  }

  /** Whether the table exists. */
  async has(table: Table): Promise<boolean> {
    await this.learn([table])
    return this.knows(table)
  }

  /** Forgets a table that turned out to be gone. */
  forget(table: Table): void {
    delete this.#memory[memoryKey(table)]
  }

  knows(table: Table): boolean {
    return this.#recall(table) !== undefined
  }

  /** The columns of the tables, by table name as Snowflake stores it. */
  async #lookUp(schema: Schema, tables: Table[]): Promise<Map<string, ColumnTypes>> {
    const names = tables.map(({ name }) => name)
    const { rows } = await this.#session.run(lookUp(this.#place, schema, names), { warehouse: false })
    const found = new Map<string, ColumnTypes>()
    for (const [name, comment, column, type] of rows) {
      if (comment !== COMMENT) throw foreignTable(String(name))
      const columns = found.get(String(name)) ?? new Map<string, string>()
      found.set(String(name), columns.set(String(column), String(type)))
    }
    return found
  }

  #recall(table: Table): ColumnTypes | undefined {
    const text = this.#memory[memoryKey(table)]
    if (text === undefined) return undefined
    const columns: Record<string, string> = JSON.parse(text)
    return new Map(Object.entries(columns))
  }

  #remember(table: Table, columns: ColumnTypes): void {
    this.#memory[memoryKey(table)] = JSON.stringify(Object.fromEntries(columns))
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

function memoryKey({ schema, name }: Table): string {
  return `${schema}.${name}`
}
