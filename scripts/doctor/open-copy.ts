import { MINUTE } from '#lib/core/clock.ts'
import { messageOf } from '#lib/core/errors.ts'
import type { Schema } from '#lib/core/table.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'

/** Opens a copy of a warehouse file and reads every row. Exits with 1 and prints why if that fails. */

try {
  const warehouse = await openDuckdb(process.argv[2] ?? '')
  const tables = await warehouse.query(
    `select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'`,
    [],
  )
  for (const { table_schema: schema, table_name: name } of tables) {
    const table = warehouse.table(schema as Schema, String(name))
    await warehouse.query(`select count(*) as n, max(hash(t)) as digest from ${table} t`, [], { deadlineMs: MINUTE })
  }
  await warehouse.close()
  process.exit(0)
} catch (error) {
  console.log(messageOf(error))
  process.exit(1)
}
