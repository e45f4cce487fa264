import type { ConnectionCheck, SnowflakeOptions } from './connection.ts'

export declare function checkConnection(
  options: SnowflakeOptions,
  tell?: (check: ConnectionCheck) => void,
): Promise<ConnectionCheck[]>
