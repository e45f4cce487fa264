import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckdb } from '#lib/warehouse/duckdb/duckdb.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'

/**
 * Runs `work` with a copy of a stopped instance's only warehouse, because two processes must never open the same file.
 * @param dataFolder of an instance in real mode
 */
export async function withWarehouseCopy<T>(
  dataFolder: string,
  work: (warehouse: EmbeddedWarehouse) => Promise<T>,
): Promise<T> {
  const source = join(dataFolder, 'real', 'warehouses')
  const names = readdirSync(source).filter((name) => /\.duckdb(\.wal)?$/.test(name))
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-copy-'))
  for (const name of names) {
    copyFileSync(join(source, name), join(folder, name.endsWith('.wal') ? 'copy.duckdb.wal' : 'copy.duckdb'))
  }
  const warehouse = await openDuckdb(join(folder, 'copy.duckdb'))
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
    rmSync(folder, { recursive: true })
  }
}
