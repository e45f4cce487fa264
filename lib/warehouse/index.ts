import { openDuckdb } from './duckdb/duckdb.ts'

export { eraseDuckdb } from './duckdb/duckdb.ts'

/** Every kind of warehouse and how it is opened; the contract suite runs over all of them. */
export const warehouses = {
  duckdb: openDuckdb,
}

export type WarehouseKind = keyof typeof warehouses
