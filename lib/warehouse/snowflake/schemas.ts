import { Stop } from '#lib/core/errors.ts'
import type { Schema, Table } from '#lib/core/table.ts'
import type { SchemaMemory } from './connection.ts'
import { COMMENT } from './own-sql.ts'
import { foreignTable } from './owner.ts'
import { addColumn, createTable, lookUp } from './schema-sql.ts'
import type { Session } from './session.ts'
import { HELD_TYPES, heldName, type Place } from './sql.ts'

/** Held columns with the types that INFORMATION_SCHEMA names. */
type Held = Map<string, string>

/** Knows the columns of the tables, so that an unchanged table costs neither a look nor a definition. */
export class Schemas {
  readonly #session: Session
  readonly #place: Place
  readonly #memory: SchemaMemory

  constructor(session: Session, place: Place, memory: SchemaMemory) {
    this.#session = session
    this.#place = place
    this.#memory = memory
  }

  /** Looks up what is not remembered yet, in one statement for each schema. */
  async learn(tables: Table[]): Promise<void> {
    const unknown = tables.filter((table) => !this.remembers(table))
    for (const schema of new Set(unknown.map((table) => table.schema))) {
      const wanted = unknown.filter((table) => table.schema === schema)
      const held = await this.#look(schema, wanted)
      for (const table of wanted) {
        const columns = held.get(heldName(table.name))
        if (columns) this.#remember(table, columns)
      }
    }
  }

  /**
   * Makes the table hold the declared columns: creates it, or adds columns it lacks. A column that is no longer declared
   * stays and is null in new rows.
   * @throws Stop when a column changed its type, or the table is not ours
   */
  async declare(table: Table): Promise<void> {
    const known = this.#recall(table)
    if (known && lacking(table, known).length === 0) return
    const held = (await this.#look(table.schema, [table])).get(heldName(table.name)) ?? new Map<string, string>()
    const missing = lacking(table, held)
    if (held.size === 0) await this.#session.run(createTable(this.#place, table), { warehouse: false })
    else
      for (const [name, type] of missing)
        await this.#session.run(addColumn(this.#place, table, name, type), { warehouse: false })
    for (const [name, type] of missing) held.set(heldName(name), HELD_TYPES[type])
    this.#remember(table, held)
  }

  /** Whether there is such a table. */
  async has(table: Table): Promise<boolean> {
    await this.learn([table])
    return this.remembers(table)
  }

  /** The table was found gone, so what is remembered of it is wrong. */
  forget(table: Table): void {
    delete this.#memory[memoryKey(table)]
  }

  remembers(table: Table): boolean {
    return this.#recall(table) !== undefined
  }

  /** By the tables' names as Snowflake holds them. */
  async #look(schema: Schema, tables: Table[]): Promise<Map<string, Held>> {
    const names = tables.map(({ name }) => name)
    const { rows } = await this.#session.run(lookUp(this.#place, schema, names), { warehouse: false })
    const found = new Map<string, Held>()
    for (const [name, comment, column, type] of rows) {
      if (comment !== COMMENT) throw foreignTable(String(name))
      const columns = found.get(String(name)) ?? new Map<string, string>()
      found.set(String(name), columns.set(String(column), String(type)))
    }
    return found
  }

  #recall(table: Table): Held | undefined {
    const text = this.#memory[memoryKey(table)]
    if (text === undefined) return undefined
    const columns: Record<string, string> = JSON.parse(text)
    return new Map(Object.entries(columns))
  }

  #remember(table: Table, held: Held): void {
    this.#memory[memoryKey(table)] = JSON.stringify(Object.fromEntries(held))
  }
}

/**
 * The declared columns that are not held.
 * @throws Stop when one is held with another type
 */
function lacking(table: Table, held: Held): [string, Table['columns'][string]][] {
  return Object.entries(table.columns).filter(([name, type]) => {
    const heldType = held.get(heldName(name))
    if (heldType !== undefined && heldType !== HELD_TYPES[type])
      throw new Stop(`The column ${table.name}.${name} holds ${heldType} but is now declared as ${HELD_TYPES[type]}`, {
        remedy: 'Give the changed column a new name: a warehouse only ever gains columns.',
      })
    return heldType === undefined
  })
}

function memoryKey({ schema, name }: Table): string {
  return `${schema}.${name}`
}
