import { openDuckdb } from './duckdb/duckdb.ts'
import type { WarehouseKind } from './facts.ts'
import { openSnowflake } from './snowflake/snowflake.ts'

export { columnTypeOf } from './duckdb/catalog.ts'
export { duckdbDamage, eraseDuckdb, setDuckdbAside } from './duckdb/duckdb.ts'

export { runSandboxed, type SandboxedResult } from './duckdb/sandbox.ts'
export type { SandboxColumn } from './duckdb/sandbox-messages.ts'

/** How each kind of warehouse is opened; the contract suite runs over all of them. */
export const warehouses = {
  duckdb: openDuckdb,
  snowflake: openSnowflake,
} satisfies Record<WarehouseKind, unknown>
