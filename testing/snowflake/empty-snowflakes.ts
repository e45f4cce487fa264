import { expect, inject } from 'vitest'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { newListener } from './listener.ts'
import { dropLiveTables, liveOptions } from './live/live.ts'
import { startSnowflakeServer } from './server.ts'

/** Empty Snowflakes for the contract tests. */
export interface EmptySnowflakes {
  /** A listener with nothing loaded. */
  empty(): Promise<SnowflakeOptions>
  end(): Promise<void>
}

/** Whether the tests run against a real account, and against nothing else. */
export const isLive = () => inject('liveSnowflake') !== undefined

// Errors that the contract causes on purpose: a table that does not exist yet, and invalid queries.
const EXPECTED = new Set(['002003', '000604', '000630'])

/** A test server, or the real account from the settings. */
export function openEmptySnowflakes(): Promise<EmptySnowflakes> {
  return isLive() ? liveSnowflakes() : servedSnowflakes()
}

/** Fails at the end if the server refused anything unexpected. */
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

/** One schema for all tests. Each test starts with an empty schema, and nothing is left at the end. */
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
