/**
 * Every column that holds sealed text. Only these can be sealed to, so the check at each start and `npm run reseal`
 * cover all of them.
 */
const SEALED_COLUMNS = {
  Account: {
    columns: ['access_token', 'refresh_token'],
    // These are known before the row exists.
    row: ['provider', 'providerAccountId'],
    /** The holder of the lease compares the sealed text when saving, so it must not change meanwhile. */
    lease: 'refreshingUntil',
  },
  SpotifyApp: { columns: ['clientSecret'], row: ['clientId'], lease: null },
  WarehouseConnection: { columns: ['secrets'], row: ['id'], lease: null },
  SnowflakeKey: { columns: ['privateKey'], row: ['id'], lease: null },
  LakeConnection: { columns: ['secrets'], row: ['userId'], lease: null },
  NotificationChannel: { columns: ['target'], row: ['id'], lease: null },
} as const satisfies Record<string, SealedTable>

interface SealedTable {
  columns: readonly string[]
  /** The columns that identify a row in a sealed text, joined by ":". */
  row: readonly string[]
  /** The column with the time until which a row must not be sealed again. */
  lease: string | null
}

type Tables = typeof SEALED_COLUMNS

/** In the database. */
type StoredPlace = {
  [T in keyof Tables]: { table: T; row: string; column: Tables[T]['columns'][number] }
}[keyof Tables]

/** In a cookie or form of a browser, for 15 minutes. */
interface BrowserPlace {
  table: 'SignIn'
  row: 'attempt'
  column: 'attempt' | 'offer'
}

/** Where a sealed text belongs. It is bound to this place and can't be moved to another row or column. */
export type SealedPlace = StoredPlace | BrowserPlace

/** A sealed column, and how its rows are named in the texts. */
export interface SealedColumn extends SealedTable {
  table: string
  column: string
}

export const sealedColumns: SealedColumn[] = Object.entries<SealedTable>(SEALED_COLUMNS).flatMap(([table, sealed]) =>
  sealed.columns.map((column) => ({ ...sealed, table, column })),
)
