import { expect, inject } from 'vitest'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { newListener } from './listener.ts'
import { dropLiveTables, liveOptions } from './live/live.ts'
import { startSnowflakeServer } from './server.ts'

/** Where the contract's tests get an empty Snowflake from. */
export interface EmptySnowflakes {
  /** A listener with nothing loaded. */
  empty(): Promise<SnowflakeOptions>
  end(): Promise<void>
}

/** Whether the tests run against a real account, and against nothing else. */
export const isLive = () => inject('liveSnowflake') !== undefined

// What the door is awaited to run into: a table that is not there yet, and questions that are none.
const EXPECTED = new Set(['002003', '000604', '000630'])

/** A test server, or the real account that was named. */
export function openEmptySnowflakes(): Promise<EmptySnowflakes> {
  return isLive() ? liveSnowflakes() : servedSnowflakes()
}

/** At its end nothing may have been refused that the door should not have sent. */
async function servedSnowflakes(): Promise<EmptySnowflakes> {
  const server = await startSnowflakeServer()
  return {
    empty: () => newListener(server),
    async end() {
      const { failures } = server.traffic()
      await server.stop()
      expect(failures.filter(({ code }) => !EXPECTED.has(code))).toEqual([])
    },
  }
}

/** One schema for all tests: each begins with an empty one, and nothing is left at the end. */
async function liveSnowflakes(): Promise<EmptySnowflakes> {
  const options = liveOptions(inject('liveSnowflake'))
  return {
    async empty() {
      await dropLiveTables(options)
      return { ...options, memory: {} }
    },
    end: () => dropLiveTables(options),
  }
}
