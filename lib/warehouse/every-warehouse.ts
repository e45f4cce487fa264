import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import type { LoadCounts, Row, Table } from '../table.ts'
import { type WarehouseKind, warehouses } from './index.ts'
import type { Warehouse } from './warehouse.ts'

type Opened = Warehouse & { close(): Promise<void> }

let folder: string
let opened = 0

// A new kind of warehouse adds its line here and must then keep every promise of the contract.
const openEmpty: Record<WarehouseKind, () => Promise<Opened>> = {
  duckdb: () => warehouses.duckdb(join(folder, `contract-${++opened}.duckdb`)),
}

/** Reads a table, ordered by the columns asked for. */
export type Content = (table: Table, columns?: string) => Promise<Row[]>

/** Runs the tests for every kind of warehouse, each test on an empty one. */
export function everyWarehouse(promises: (warehouse: Warehouse, content: Content) => void): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tracklake-contract-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  describe.each(Object.entries(openEmpty))('%s', (_, open) => {
    let current: Opened
    beforeEach(async () => {
      current = await open()
    })
    afterEach(() => current.close())

    const warehouse: Warehouse = {
      get kind() {
        return current.kind
      },
      load: (load) => current.load(load),
      ask: (...question) => current.ask(...question),
      table: (...name) => current.table(...name),
      existing: (...names) => current.existing(...names),
    }
    promises(warehouse, (table, columns = '*') =>
      warehouse.ask(`select ${columns} from ${warehouse.table(table.schema, table.name)} order by all`, []),
    )
  })
}

/** The counts of a load in which all that is not named is 0. */
export function counts(some: Partial<LoadCounts>): LoadCounts {
  return { new: 0, changed: 0, unchanged: 0, removed: 0, ...some }
}
