/** The kinds of warehouse. The browser reads this file too, so it imports no engine. */
export const WAREHOUSE_KINDS = ['duckdb', 'snowflake'] as const

export type WarehouseKind = (typeof WAREHOUSE_KINDS)[number]

/** What other folders need to know about an engine. They read these facts instead of comparing names. */
export interface WarehouseFacts {
  /** This instance keeps one for every listener. Otherwise it is external: listeners connect accounts of their own. */
  embedded: boolean
  /** Loads wait for the listener's cadence and are runs of their own. Otherwise each read is loaded as soon as it is complete. */
  loadsOnCadence: boolean
  /** A query may start a paid warehouse, so pages show results that were prepared after a load. */
  costsToWake: boolean
}

export const warehouseFacts = {
  duckdb: { embedded: true, loadsOnCadence: false, costsToWake: false },
  snowflake: { embedded: false, loadsOnCadence: true, costsToWake: true },
} as const satisfies Record<WarehouseKind, WarehouseFacts>

/** The kind of the embedded copy that every listener has. */
export const EMBEDDED_KIND = 'duckdb' as const satisfies WarehouseKind

/** The kind that pages query, by SERVE_FROM. */
export const SERVING_KINDS = {
  embedded: EMBEDDED_KIND,
  connected: 'snowflake',
} as const satisfies Record<'embedded' | 'connected', WarehouseKind>

/** The kinds that a listener can connect. */
export const EXTERNAL_KINDS = WAREHOUSE_KINDS.filter((kind) => !warehouseFacts[kind].embedded)
