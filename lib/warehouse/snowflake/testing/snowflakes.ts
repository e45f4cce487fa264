import { expect } from 'vitest'
import type { SnowflakeOptions } from '../connection.ts'
import { newListener } from './listener.ts'
import { startSnowflakeServer } from './server.ts'

/** Where the contract's tests get an empty Snowflake from. */
export interface Snowflakes {
  /** A listener with nothing loaded. */
  empty(): Promise<SnowflakeOptions>
  end(): Promise<void>
}

// What the door is awaited to run into: a table that is not there yet, and questions that are none.
const EXPECTED = new Set(['002003', '000604', '000630'])

/** A test server; at its end nothing may have been refused that the door should not have sent. */
export async function newSnowflakes(): Promise<Snowflakes> {
  const server = await startSnowflakeServer()
  return {
    empty: () => newListener(server),
    async end() {
      const { failures } = server.seen()
      await server.stop()
      expect(failures.filter(({ code }) => !EXPECTED.has(code))).toEqual([])
    },
  }
}
