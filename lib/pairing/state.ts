import { PAIRING_STATE } from '#lib/warehouse/touched.ts'
import type { Warehouse } from '#lib/warehouse/warehouse.ts'

/** When the tables that pairing computes, and the names of imports, last changed in an embedded warehouse. */
export interface PairingVersions {
  /** Milliseconds since 1970; 0: never. */
  pairing: number
  music: number
}

/** Null where nothing was ever imported. */
export async function pairingVersions(warehouse: Warehouse): Promise<PairingVersions | null> {
  const found = await warehouse.query(
    "select 1 from information_schema.tables where table_schema = 'tracklake' and table_name = 'pairing'",
    [],
  )
  if (found.length === 0) return null
  const [row] = await warehouse.query(`select version, music from ${PAIRING_STATE}`, [])
  return row ? { pairing: Number(row.version), music: Number(row.music) } : null
}
