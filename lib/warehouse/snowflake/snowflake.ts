import type { Warehouse } from '../warehouse.ts'
import type { SnowflakeOptions, SnowflakeUsage } from './connection.ts'

/** A warehouse in a Snowflake account of the listener's own. */
export interface SnowflakeWarehouse extends Warehouse {
  readonly kind: 'snowflake'
  /** What its session cost so far. */
  usage(): SnowflakeUsage
  /** Signs out; never throws. */
  close(): Promise<void>
}

/** A warehouse that signs in with its first use. One session loads any number of tables. */
export declare function openSnowflake(options: SnowflakeOptions): SnowflakeWarehouse
