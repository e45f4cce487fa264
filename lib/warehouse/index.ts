import { openDuckdb } from './duckdb/duckdb.ts'
import { openSnowflake } from './snowflake/snowflake.ts'

export { eraseDuckdb } from './duckdb/duckdb.ts'

/** Every kind of warehouse and how it is opened; the contract suite runs over all of them. */
export const warehouses = {
  duckdb: openDuckdb,
  snowflake: openSnowflake,
}

export type WarehouseKind = keyof typeof warehouses
