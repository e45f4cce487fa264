import type { SnowflakeOptions } from './connection.ts'

export declare function claimSchema(options: SnowflakeOptions): Promise<void>
