import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import type { LoadCounts, Row, Table } from '#lib/core/table.ts'
import { isLive, newSnowflakes, type Snowflakes } from '#testing/snowflake/snowflakes.ts'
import { type WarehouseKind, warehouses } from './index.ts'
import type { Warehouse } from './warehouse.ts'

type Opened = Warehouse & { close(): Promise<void> }

/** Opens one warehouse; each call is a new session with the same tables. */
type Open = () => Promise<Opened>

let folder: string
let opened = 0
let snowflakes: Snowflakes | undefined

// A new kind of warehouse adds its line here and must then keep every promise of the contract.
const emptyOnes: Record<WarehouseKind, () => Promise<Open>> = {
  duckdb: async () => {
    const path = join(folder, `contract-${++opened}.duckdb`)
    return () => warehouses.duckdb(path)
  },
  snowflake: async () => {
    snowflakes ??= await newSnowflakes()
    const options = await snowflakes.empty()
    return async () => warehouses.snowflake({ ...options, memory: { ...options.memory } })
  },
}

/** Reads a table, ordered by the columns asked for. */
export type Content = (table: Table, columns?: string) => Promise<Row[]>

/** The warehouse of a test, which can be opened anew. */
export interface Tested extends Warehouse {
  /** As after a process that ended here: what was not settled is lost, the tables are not. */
  reopen(): Promise<void>
}

/** Runs the tests for every kind of warehouse, each test on an empty one. */
export function everyWarehouse(promises: (warehouse: Tested, content: Content) => void): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tracklake-contract-'))
  })
  afterAll(async () => {
    await snowflakes?.end()
    snowflakes = undefined
    await rm(folder, { recursive: true, force: true })
  })

  // A real account is tested alone, and only by who asks for it.
  const tested = Object.entries(emptyOnes).filter(([kind]) => !isLive() || kind === 'snowflake')
  describe.each(tested)('%s', (_, empty) => {
    let open: Open
    let current: Opened
    beforeEach(async () => {
      open = await empty()
      current = await open()
    })
    afterEach(() => current.close())

    const warehouse: Tested = {
      get kind() {
        return current.kind
      },
      load: (load) => current.load(load),
      ask: (...question) => current.ask(...question),
      table: (...name) => current.table(...name),
      existing: (...names) => current.existing(...names),
      digests: (tables) => current.digests(tables),
      settle: () => current.settle(),
      async reopen() {
        await current.close()
        current = await open()
      },
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
