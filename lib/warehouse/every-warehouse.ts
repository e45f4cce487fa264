import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import type { LoadCounts, Row, Table } from '#lib/core/table.ts'
import { type EmptySnowflakes, isLive, openEmptySnowflakes } from '#testing/snowflake/empty-snowflakes.ts'
import { WAREHOUSE_KINDS, type WarehouseKind, warehouseFacts } from './facts.ts'
import { warehouses } from './index.ts'
import type { Warehouse } from './warehouse.ts'

/** Opens one warehouse; each call is a new session with the same tables. */
type Open = () => Promise<Warehouse>

let folder: string
let opened = 0
let snowflakes: EmptySnowflakes | undefined

// A new kind of warehouse adds a line here and then has to pass the whole contract.
const openEmpty: Record<WarehouseKind, () => Promise<Open>> = {
  duckdb: async () => {
    const path = join(folder, `contract-${++opened}.duckdb`)
    return () => warehouses.duckdb(path)
  },
  snowflake: async () => {
    snowflakes ??= await openEmptySnowflakes()
    const options = await snowflakes.empty()
    return async () => warehouses.snowflake({ ...options, memory: { ...options.memory } })
  },
}

/** Reads a table, ordered by the selected columns. */
export type Content = (table: Table, columns?: string) => Promise<Row[]>

/** The warehouse of a test, which can be reopened. */
export interface TestedWarehouse extends Omit<Warehouse, 'close'> {
  /** As if the process ended here: the tables stay, ledger entries that were not flushed are lost. */
  reopen(): Promise<void>
}

/** Runs the tests for every kind of warehouse, each test on an empty one. */
export function everyWarehouse(contract: (warehouse: TestedWarehouse, content: Content) => void): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tracklake-contract-'))
  })
  afterAll(async () => {
    await snowflakes?.end()
    snowflakes = undefined
    await rm(folder, { recursive: true, force: true })
  })

  // With a real account, only that account is tested.
  const kinds = WAREHOUSE_KINDS.filter((kind) => !(isLive() && warehouseFacts[kind].embedded))
  describe.each(kinds)('%s', (kind) => {
    let open: Open
    let current: Warehouse
    beforeEach(async () => {
      open = await openEmpty[kind]()
      current = await open()
    })
    afterEach(() => current.close())

    const warehouse: TestedWarehouse = {
      get kind() {
        return current.kind
      },
      load: (load) => current.load(load),
      query: (...args) => current.query(...args),
      table: (...name) => current.table(...name),
      existing: (...names) => current.existing(...names),
      digests: (tables) => current.digests(tables),
      flush: () => current.flush(),
      async reopen() {
        await current.close()
        current = await open()
      },
    }
    contract(warehouse, (table, columns = '*') =>
      warehouse.query(`select ${columns} from ${warehouse.table(table.schema, table.name)} order by all`, []),
    )
  })
}

/** The counts of a load; whatever is left out is 0. */
export function counts(some: Partial<LoadCounts>): LoadCounts {
  return { new: 0, changed: 0, unchanged: 0, removed: 0, ...some }
}
