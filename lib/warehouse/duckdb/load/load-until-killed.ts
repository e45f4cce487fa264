import { writeSync } from 'node:fs'
import type { Row } from '#lib/core/table.ts'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import { inBatches, loadOf, song } from '#lib/warehouse/testing.ts'

/**
 * A test process that loads versions 1, 2, … of a table and prints its progress. Arguments: the path of the warehouse,
 * and the place where version 2 blocks so that a test can kill it there. Without a place it never blocks.
 */
const [path = '', place] = process.argv.slice(2)
const ROWS = 3000

const print = (what: string) => writeSync(1, `${what}\n`)
const stopHere = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)

let version = 0

function reach(where: 'staging' | 'writing' | 'loaded'): void {
  print(`${where} ${version}`)
  if (version === 2 && where === place) stopHere()
}

async function* rows(): AsyncGenerator<Row[]> {
  for await (const batch of inBatches(
    Array.from({ length: ROWS }, (_, i) => song(`s${i}`, version)),
    1000,
  )) {
    yield batch
    reach('staging')
  }
}

const warehouse = await openDuckdb(path, {
  // Called when the table is written and the transaction is still open.
  now: () => {
    reach('writing')
    return new Date()
  },
})

for (version = 1; ; version++) {
  await warehouse.load(loadOf([], { readId: `version-${version}`, rows: rows() }))
  reach('loaded')
}
